"""``flask wechat-menu``: the official account's menu."""

import click
from flask.cli import with_appcontext

from app.commands.unit import command_work
from app.kernel.errors import Unavailable
from app.league.wechat import menus
from app.league.wechat.official import official


@click.command("wechat-menu")
@with_appcontext
def wechat_menu() -> None:
    """Give WeChat the official account's menu."""
    with command_work() as work:
        known = official(work.settings)
        if known is None:
            raise click.ClickException("没有设置公众号（WECHAT_APP_ID）")
        try:
            menus.publish(work, known)
        except Unavailable:
            raise click.ClickException("微信没有接受菜单，请核对公众号设置和网络") from None
    click.echo("公众号菜单已更新")
