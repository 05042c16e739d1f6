"""``flask verify``: everything that must be true, asked of the live data."""

import click
from flask.cli import with_appcontext

from app.commands.unit import command_work
from app.kernel.verification import Answer, ask_all
from app.parts import know_all


@click.command()
@with_appcontext
def verify() -> None:
    """Check counters, audit seals, files and invariants. Ends with 1 when anything is wrong."""
    if wrong := wrong_answers():
        click.echo(f"有 {wrong} 项不符。")
        raise SystemExit(1)
    click.echo("全部相符。")


def wrong_answers() -> int:
    """Ask every question, say each answer. Returns how many were not as they should be."""
    know_all()
    wrong = 0
    with command_work() as work:
        for answer in ask_all(work):
            wrong += bool(answer.findings)
            _tell(answer)
    return wrong


def _tell(answer: Answer) -> None:
    click.echo(f"{'不符' if answer.findings else '正常'}  {answer.sentence}（{answer.name}）")
    for example in answer.examples:
        click.echo(f"      {example}")
    if answer.findings > len(answer.examples):
        click.echo(f"      另有 {answer.findings - len(answer.examples)} 处")
