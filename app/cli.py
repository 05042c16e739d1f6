"""The flask commands. Each opens a unit of work and calls the same functions as the doors."""

import contextlib
from collections.abc import Iterator

import click
from flask import Flask

from app.extensions import db
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


def register_commands(app: Flask) -> None:
    """Add the commands to ``app``."""
    app.cli.add_command(init)


@click.command()
def init() -> None:
    """Make the keys and bring the database to the current schema."""
    from flask_migrate import upgrade

    here = house()
    here.settings.instance_dir.mkdir(parents=True, exist_ok=True)
    if not here.settings.key_file.exists():
        Vault([Key.new("k1")]).save(here.settings.key_file)
        click.echo("已生成密钥文件，请另行妥善备份。")
    upgrade()
    click.echo("数据库已就绪。")
