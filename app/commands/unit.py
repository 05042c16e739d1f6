"""The units of work that commands and the worker open."""

import contextlib
from collections.abc import Iterator
from typing import cast

import click
from flask import Flask, current_app

from app.extensions import db
from app.kernel.jobs.operations import OpenWork
from app.kernel.vault import VaultError
from app.kernel.work import Actor, Work
from app.surfaces.web.house import house


@contextlib.contextmanager
def command_work(source: str = "command") -> Iterator[Work]:
    """A unit of work for a command or the worker; open ``writing`` inside to change anything. Without keys the command
    ends with a sentence.
    """
    here = house()
    try:
        vault = here.vault
    except VaultError as error:
        raise click.ClickException(str(error)) from None
    try:
        yield Work(db.session(), here.clock.now(), Actor(source), vault, here.settings)
    finally:
        db.session.remove()


def opener(source: str) -> OpenWork:
    """What opens units of work that each have a session of their own, in whatever thread."""
    app = cast(Flask, current_app._get_current_object())  # type: ignore[attr-defined]

    @contextlib.contextmanager
    def open_work() -> Iterator[Work]:
        with app.app_context(), command_work(source) as work:
            yield work

    return open_work
