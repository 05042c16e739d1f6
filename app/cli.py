"""The flask commands. Each opens a unit of work and calls the same functions as the doors."""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from app.extensions import db
from app.kernel.jobs.operations import OpenWork
from app.kernel.vault import Key, Vault
from app.kernel.work import Actor, Work
from app.surfaces.web.house import house


@contextlib.contextmanager
def command_work(source: str = "command") -> Iterator[Work]:
    """A unit of work for a command or the worker; open ``writing`` inside to change anything."""
    here = house()
    try:
        yield Work(db.session(), here.clock.now(), Actor(source), here.vault, here.settings)
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


def register_commands(app: Flask) -> None:
    """Add the commands to ``app``."""
    from app.commands.backup import backup, restore
    from app.commands.demo import demo
    from app.commands.figures import figures
    from app.commands.keys import rotate_keys
    from app.commands.system_admin import create_system_admin
    from app.commands.verify import verify

    for command in (init, worker, demo, figures, verify, backup, restore, rotate_keys, create_system_admin):
        app.cli.add_command(command)


@click.command()
@with_appcontext
def init() -> None:
    """Make the keys and bring the database to the current schema."""
    from flask_migrate import upgrade

    here = house()
    here.settings.instance_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not here.settings.key_file.exists():
        Vault([Key.new("k1")]).save(here.settings.key_file)
        click.echo("已生成密钥文件，请另行妥善备份。")
    upgrade()
    _keep_to_owner(here.settings.instance_dir)
    click.echo("数据库已就绪。")


def _keep_to_owner(instance: Path) -> None:
    for file in instance.glob("*.sqlite3*"):
        file.chmod(0o600)


@click.command()
@with_appcontext
def worker() -> None:
    """Deliver messages, do jobs and keep the periodic tasks, until SIGTERM or Ctrl-C."""
    from app.kernel.jobs.worker import Worker
    from app.parts import know_all

    know_all()
    here = Worker(opener("worker"))
    told, tell = os.pipe()
    for number in (signal.SIGTERM, signal.SIGINT):
        # A handler may interrupt itself: it takes no lock, it only writes a byte.
        signal.signal(number, lambda *_: os.write(tell, b"."))
    click.echo(f"后台进程已启动（{os.getpid()}）。")
    here.run(lambda: os.read(told, 1))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)  # told again on the way out
    click.echo("后台进程已结束。")
