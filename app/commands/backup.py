"""``flask backup`` and ``flask restore``."""

import os
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from app.commands.unit import command_work
from app.kernel.audit.record import record
from app.kernel.backup import content, regular
from app.kernel.db.unit import writing
from app.kernel.errors import Problem
from app.kernel.work import Work

FROM_FILE = click.option(
    "--passphrase-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="口令所在的文件；不写则读 BACKUP_PASSPHRASE，再没有就询问。",
)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@FROM_FILE
@with_appcontext
def backup(file: Path | None, passphrase_file: Path | None) -> None:
    """Write an encrypted backup to FILE and open it again to be sure. The system may go on working.

    Without FILE: a regular one, into BACKUP_DIR with the passphrase in BACKUP_PASSPHRASE_FILE; old ones are removed.
    """
    with command_work() as work:
        try:
            if file is None:
                file, facts = regular.make(work)
            else:
                facts = content.make(work, file, regular.fit(_passphrase(passphrase_file, confirm=True)))
                regular.note(work)
        except Problem as problem:
            raise click.ClickException(problem.text) from None
    click.echo(f"备份已写入 {file}，并已打开核对。")
    if not facts["rehearsed"]:
        click.echo("没有权限建临时数据库，只核对了内容，没有试着恢复。给数据库用户 CREATEDB 权限后会每次试恢复。")
    _tell_keys(facts)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@FROM_FILE
@click.option("--replace", is_flag=True, help="替换这里已有的数据。")
@click.option("--check", "only_check", is_flag=True, help="只核对，不恢复。")
@with_appcontext
def restore(file: Path, passphrase_file: Path | None, replace: bool, only_check: bool) -> None:
    """Put the data of the backup FILE in place of what is here. Stop web and worker first."""
    from flask_migrate import upgrade

    passphrase = _passphrase(passphrase_file, confirm=False)
    with command_work() as work:
        try:
            if only_check:
                _tell_keys(content.check(file, passphrase, work.settings.instance_dir))
                click.echo("备份完好。")
                return
            facts = content.restore(work, file, passphrase, replace=replace)
        except Problem as problem:
            raise click.ClickException(problem.text) from None
    upgrade()
    with command_work() as work:
        _note(work, facts)
    click.echo(f"已恢复到 {facts['at']} 的数据。请运行 flask --app wsgi verify 核对。")


def _note(work: Work, facts: dict[str, Any]) -> None:
    with writing(work.session):
        record(work, "machine:backup:restore", "backup", changes={"at": (None, facts["at"])})


def _passphrase(file: Path | None, *, confirm: bool) -> str:
    if file is not None:
        passphrase = file.read_text(encoding="utf-8").strip()
    else:
        passphrase = os.environ.get("BACKUP_PASSPHRASE") or click.prompt(
            "备份口令", hide_input=True, confirmation_prompt=confirm
        )
    return passphrase


def _tell_keys(facts: dict[str, Any]) -> None:
    click.echo(f"恢复时还需要密钥文件 keys.json（{'、'.join(facts['keys'])}），它不在备份里，请另行妥善保存。")
