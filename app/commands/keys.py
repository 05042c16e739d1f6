"""``flask rotate-keys``."""

import time

import click
from flask.cli import with_appcontext
from sqlalchemy import func, select

from app.commands.unit import command_work
from app.kernel import rotation
from app.kernel.audit.record import record
from app.kernel.db.unit import writing
from app.kernel.vault import VaultError
from app.kernel.work import Work
from app.league.accounts.models import RecoveryCode
from app.surfaces.web.house import house

LONGEST_REQUEST = 60


@click.command("rotate-keys")
@click.option("--wait", default=LONGEST_REQUEST, show_default=True, help="等正在处理的请求结束的秒数。")
@click.option("--resume", is_flag=True, help="不再生成新密钥，只把上次没做完的做完。")
@with_appcontext
def rotate_keys(wait: int, resume: bool) -> None:
    """Make a new generation of keys and bring every sealed value under it, while the system runs."""
    here = house()
    if not resume:
        fresh = rotation.begin(here.vault, here.settings.key_file)
        click.echo(f"新密钥 {fresh.current.id} 已写入 {here.settings.key_file.name}，请马上另行备份这个文件。")
        with command_work() as work, writing(work.session):
            record(work, "machine:keys:rotate", "key", fresh.current.id)
    time.sleep(wait)
    with command_work() as work:
        try:
            for column, brought in rotation.reseal(work):
                if brought:
                    click.echo(f"  {column.table.name}.{column.name}：{brought} 行")
        except VaultError:
            raise click.ClickException("有一行内容无法打开，可能被改动过。请先运行 flask --app wsgi verify") from None
        _retire(work)


def _retire(work: Work) -> None:
    """Retire what nothing uses any more. Its signing part stays in the file: it vouches for the audit of its time."""
    here = house()
    for key_id in work.vault.opening_ids[1:]:
        if left := rotation.still_used(work, key_id):
            click.echo(f"密钥 {key_id} 还有 {left} 行在用，请稍后运行 flask --app wsgi rotate-keys --resume")
            continue
        unused = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.used_at.is_(None))
        codes = work.session.scalar(unused) or 0
        work.session.rollback()
        work.vault = work.vault.retired(key_id, index=not codes)
        work.vault.save(here.settings.key_file)
        with writing(work.session):
            record(work, "machine:keys:retire", "key", key_id)
        click.echo(f"旧密钥 {key_id} 已停用。" + ("恢复码仍靠它的索引核对。" if codes else ""))
