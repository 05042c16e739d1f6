"""``flask figures``: the numbers of an organisation, the same that its pages show."""

import json

import click
from flask.cli import with_appcontext

from app.commands.unit import command_work
from app.kernel.access.powers import Power
from app.kernel.access.scope import Scope
from app.kernel.errors import NotFound
from app.league.organisations import figures as league_figures

LABELS = {
    "people": "青年档案",
    "member": "共青团员",
    "eligible_youth": "适龄未入团青年",
    "over_age_youth": "超龄青年",
    "organisations": "已启用团组织",
    "pending": "待审申请",
    "filled": "已填",
    "approved": "已审",
    "roster": "花名册总数",
}


@click.command()
@click.option("--organisation", "code", metavar="CODE", help="代码、名称或公开编号；不写是全省。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
@with_appcontext
def figures(code: str | None, as_json: bool) -> None:
    """Print the figures of an organisation and everything below it."""
    with command_work() as work:
        scope = Scope.whole(Power.FIGURES_READ)
        try:
            where = league_figures.find(scope, work.session, code)
        except NotFound:
            raise click.ClickException(f"没有找到团组织“{code or '省委'}”") from None
        numbers = league_figures.of(scope, work.session, where.path)
        facts = {"organisation": where.name, "code": where.code, "public_id": where.public_id}
    if as_json:
        click.echo(json.dumps(facts | numbers, ensure_ascii=False))
        return
    click.echo(where.full_name)
    for name, label in LABELS.items():
        click.echo(f"  {label}\t{numbers[name]}")
