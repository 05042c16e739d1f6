"""``flask demo``: the demonstration province in an empty database."""

import click
from flask.cli import with_appcontext

from app.commands.init import prepare
from app.commands.unit import command_work
from app.demonstration import build
from app.surfaces.web.house import house


@click.command()
@with_appcontext
def demo() -> None:
    """Do what init does, then fill an empty database with the demonstration province; a filled one stays as it is."""
    if house().settings.production:
        raise click.ClickException("生产环境不能装演示数据。")
    prepare()
    with command_work() as work:
        if build.stands(work):
            click.echo("数据库里已有组织，没有改动。")
            return
        build.build(work, click.echo)
        click.echo("演示省份已建好。")
