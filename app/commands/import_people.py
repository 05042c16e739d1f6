"""``flask import-people``: a spreadsheet of people from the server's own disk, through the steps of the page."""

import time
from pathlib import Path
from threading import Event

import click
from flask.cli import with_appcontext

from app.commands.unit import command_work, opener
from app.kernel.access.viewer import Viewer
from app.kernel.db.unit import writing
from app.kernel.errors import Invalid, NotFound, Problem
from app.kernel.jobs.operations import run_next
from app.kernel.work import Actor, Work
from app.league.accounts.operations import account_by_phone
from app.league.appointments import queries as posts
from app.league.imports import operations, putting, queries, uploading
from app.league.imports import tasks as tasks  # what the worker does of it
from app.league.imports.models import ImportBatch, Sort, Stage
from app.league.organisations import figures as finding
from app.surfaces.web.workbooks import sheet

BREATH = 0.5
WORKING = {Stage.READING: "读取", Stage.CHECKING: "检查", Stage.PUTTING: "导入"}
TOLD = {"new": "新增", "changed": "要改", "equal": "一样", "doubtful": "存疑", "wrong": "有问题", "put": "已导入"}


@click.command("import-people")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--organisation", "code", metavar="CODE", required=True, help="导入到哪里：代码、名称或公开编号。")
@click.option("--by", "phone", prompt="由谁负责（手机号）", help="负责人的手机号，他要有权在那里导入。")
@with_appcontext
def import_people(file: Path, code: str, phone: str) -> None:
    """Take in a spreadsheet of people; rows with problems come back in a file beside it."""
    try:
        key = _begin(file, code, phone)
        for stage in (Stage.COLUMNS, Stage.PREVIEW, Stage.DONE):
            _press(key, phone)
            _wait(key, stage)
    except Invalid as problem:
        raise click.ClickException("；".join(problem.errors.values())) from None
    except NotFound:
        raise click.ClickException("没有找到这个团组织，或者这个人不能在那里导入") from None
    except Problem as problem:
        raise click.ClickException(problem.text) from None
    _tell(key, file)


def _begin(file: Path, code: str, phone: str) -> int:
    with command_work() as work:
        sent = uploading.received(work.vault, file.name, file.read_bytes())
        with writing(work.session):
            viewer = _in_the_hands_of(work, phone)
            place = finding.find(queries.scope_of(viewer, Sort.PEOPLE), work.session, code)
            return uploading.upload(work, place, Sort.PEOPLE, sent).id


def _press(key: int, phone: str) -> None:
    """What the page's button does at this step."""
    with command_work() as work, writing(work.session):
        batch = work.session.get_one(ImportBatch, key)
        queries.by_public_id(_in_the_hands_of(work, phone), work.session, batch.public_id)
        if batch.stage is Stage.COLUMNS:
            operations.choose(work, batch, batch.heading, batch.columns, version=batch.version)
        elif batch.stage is Stage.PREVIEW:
            putting.start(work, batch, version=batch.version)


def _wait(key: int, wanted: Stage) -> None:
    """Until the step is done, by the worker or, where none is running, here."""
    said = None
    while True:
        with command_work() as work:
            batch = work.session.get_one(ImportBatch, key)
            stage, problem, stuck = batch.stage, batch.problem, queries.is_stuck(work.session, batch)
        if stage is Stage.REFUSED:
            raise click.ClickException(problem)
        if stuck:
            raise click.ClickException("后台没有做完，请到“导入表格”页面看原因")
        if stage not in WORKING or stage is wanted:
            return
        if stage is not said:
            click.echo(f"正在{WORKING[stage]} …")
            said = stage
        if not run_next(opener("command"), "import-people", Event()):
            time.sleep(BREATH)


def _tell(key: int, file: Path) -> None:
    with command_work() as work:
        batch = work.session.get_one(ImportBatch, key)
        for name, words in TOLD.items():
            click.echo(f"{words}\t{batch.counts.get(name, 0)}")
        if batch.problem:
            click.echo(f"{batch.problem}。")
        if queries.has_problems(batch.counts):
            back = file.with_name(f"{file.stem}-问题.xlsx")
            back.write_bytes(sheet(*queries.problems(work, batch)))
            click.echo(f"没有导入的行在 {back.name}，最后一列是原因。")


def _in_the_hands_of(work: Work, phone: str) -> Viewer:
    """Whoever answers for it, who must be able to do it at the page. Raises NotFound."""
    account = account_by_phone(work, phone.strip())
    live = posts.live_posts(work.session, account.id, work.today) if account else ()
    if account is None or not live:
        raise NotFound
    viewer = Viewer(account.id, account.public_id, account.name, posts=live, acting=live[0])
    work.actor = Actor.of(viewer, "command")
    return viewer
