"""``flask generate``: a province of any size, invented."""

import click
from flask.cli import with_appcontext

from app.commands.init import prepare
from app.commands.unit import command_work
from app.generation import run
from app.surfaces.web.house import house

SMALLEST, LARGEST = 10_000, 10_000_000


@click.command()
@click.option("--people", type=click.IntRange(SMALLEST, LARGEST), default=100_000, show_default=True, help="档案数。")
@click.option("--seed", type=int, default=2016, show_default=True, help="换一个数，换一个省份。")
@with_appcontext
def generate(people: int, seed: int) -> None:
    """Fill an empty database with invented people; broken off, the same command goes on where it stopped."""
    if house().settings.production:
        raise click.ClickException("生产环境不能装生成的数据。")
    prepare()
    with command_work() as work:
        if run.held(work):
            raise click.ClickException("数据库里已有真实档案，不能再生成。")
        with click.progressbar(length=people, label="生成档案") as bar:
            made = run.generate(work, people, seed, lambda done, total: bar.update(done - bar.pos))
    click.echo(f"新建 {made} 份档案，共 {people} 份。")
