"""``flask init``."""

from pathlib import Path

import click
from flask.cli import with_appcontext

from app.kernel.vault import Key, Vault
from app.surfaces.web.house import house


@click.command()
@with_appcontext
def init() -> None:
    """Make the keys and bring the database to the current schema."""
    prepare()


def prepare() -> None:
    """What ``init`` does, for commands that begin with it."""
    from flask_migrate import upgrade  # not with the application (Migrations)

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
