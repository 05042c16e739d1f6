"""导入表格: upload → columns → preview → put in → result, and back again; every step is a page of its own."""

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_wtf.file import FileField
from werkzeug.wrappers import Response as AnyResponse
from wtforms import HiddenField, RadioField

from app.kernel.access.gates import staff
from app.kernel.errors import Conflict, Invalid, NotFound
from app.kernel.files.types import LARGEST
from app.kernel.jobs.models import Job
from app.kernel.jobs.queries import pace
from app.league.imports import columns, forgetting, operations, putting, queries, uploading
from app.league.imports.ground import CLASSES
from app.league.imports.models import ImportBatch, Sort, Stage, Verdict
from app.league.imports.reading import Cell
from app.league.organisations import queries as organisations
from app.league.organisations.models import Organisation
from app.league.organisations.queries import by_public_id
from app.league.people.models import FileState
from app.surfaces.tuanwutong.organisations_making import version_of
from app.surfaces.tuanwutong.task_results import note_seen
from app.surfaces.tuanwutong.tasks import in_words
from app.surfaces.web.forms import Form, OnceForm, choices
from app.surfaces.web.house import changing, me, work
from app.surfaces.web.pages import page, see
from app.surfaces.web.paging import asked_after, one_page
from app.surfaces.web.workbooks import workbook

bp = Blueprint("imports", __name__, url_prefix="/twt/imports")
SIZE, SHOWN = 20, 50
SORTS = {
    Sort.PEOPLE: ("电子档案", "每行一个人，至少有姓名和身份证号。导入后等本人认领"),
    Sort.ROSTER: ("花名册", "每行一个姓名。用来核对谁还没有填"),
    Sort.ORGANISATIONS: ("团组织", "每行一个名称，建在{}下面"),
}
VERDICTS = {
    Verdict.NEW: ("新增", "good"),
    Verdict.CHANGED: ("要改", "look"),
    Verdict.DOUBTFUL: ("存疑", "look"),
    Verdict.WRONG: ("有问题", "stop"),
    Verdict.EQUAL: ("一样", ""),
}
BAD = {VERDICTS[verdict][0] for verdict in (Verdict.WRONG, Verdict.DOUBTFUL)}
STAGES = {
    Stage.READING: ("正在读取", "wait"),
    Stage.COLUMNS: ("待核对列", "look"),
    Stage.CHECKING: ("正在检查", "wait"),
    Stage.PREVIEW: ("待确认", "look"),
    Stage.PUTTING: ("正在导入", "wait"),
    Stage.DONE: ("已导入", "good"),
    Stage.TAKING_BACK: ("正在撤回", "wait"),
    Stage.TAKEN_BACK: ("已撤回", ""),
    Stage.DROPPED: ("已放弃", ""),
    Stage.REFUSED: ("不能读取", "stop"),
}
UNKNOWN = "-1"
NUMBER_DIGITS = 9
"""A day has eight."""


class UploadForm(OnceForm):
    """A file and what it holds."""

    sort = RadioField("表格里是什么", default=Sort.PEOPLE.value)
    at = HiddenField()
    file = FileField("表格文件")


class StepForm(Form):
    """A step of the batch as it was shown."""

    version = HiddenField()


@bp.get("")
@staff
def index() -> Response:
    """What was imported where I stand, and the form for the next one."""
    sort = request.args.get("sort", Sort.PEOPLE.value)
    return _start_page(UploadForm(formdata=None, at=request.args.get("at", ""), sort=sort))


@bp.post("")
@staff
def upload() -> AnyResponse:
    """Take in a file."""
    form = UploadForm()
    _offer(form)
    given = form.file.data
    try:
        if not form.validate_on_submit():
            raise Invalid({})
        if not given:
            raise Invalid({"file": "请选择一个表格文件"})
        sort = Sort(form.sort.data)
        sent = uploading.received(work().vault, given.filename or "表格", given.read(LARGEST + 1))
        with changing(form.once.data) as change:
            place = _place(form.at.data, sort)
            batch = uploading.upload(change, place, sort, sent)
            change.outcome = url_for(".show", public_id=batch.public_id)
    except Invalid as problem:
        form.blame(problem)
        return _start_page(form, 422)
    return see(change.outcome)


@bp.get("/<public_id>")
@staff
def show(public_id: str) -> Response:
    """The batch at the step it has come to."""
    batch = queries.by_public_id(me(), work().session, public_id)
    if queries.is_stuck(work().session, batch):
        with changing() as change:
            batch = queries.by_public_id(me(), change.session, public_id)
            change.session.refresh(batch, with_for_update=True)
            if queries.is_stuck(change.session, batch):  # somebody else may have gone on meanwhile
                operations.give_up(change, batch)
        batch = queries.by_public_id(me(), work().session, public_id)
    if not batch.job_id:
        note_seen("batch", public_id)
    return _batch_page(batch)


@bp.post("/<public_id>/columns")
@staff
def choose(public_id: str) -> AnyResponse:
    """These are the columns."""
    typed = {name: request.form.get(name, UNKNOWN) for name in columns.TARGETS[_own(public_id).sort]}
    chosen = {name: int(text) for name, text in typed.items() if text.isascii() and text.isdigit() and len(text) < 4}
    try:
        with changing() as change:
            batch = queries.by_public_id(me(), change.session, public_id)
            operations.choose(change, batch, _heading(), chosen, version=_version())
    except Invalid as problem:
        return _batch_page(_own(public_id), 422, errors=problem.errors, chosen=chosen, again=True)
    except Conflict as problem:
        return _batch_page(_own(public_id), 409, told=problem.text)
    return see(url_for(".show", public_id=public_id))


@bp.post("/<public_id>/put")
@staff
def put(public_id: str) -> AnyResponse:
    """Put the good rows in."""
    try:
        with changing() as change:
            putting.start(change, queries.by_public_id(me(), change.session, public_id), version=_version())
    except Conflict as problem:
        return _batch_page(_own(public_id), 409, told=problem.text)
    return see(url_for(".show", public_id=public_id))


@bp.post("/<public_id>/drop")
@staff
def drop(public_id: str) -> AnyResponse:
    """Throw the file away before anything is put in."""
    try:
        with changing() as change:
            batch = queries.by_public_id(me(), change.session, public_id)
            operations.drop(change, batch, version=_version())
            thrown = batch.id
    except Conflict as problem:
        return _batch_page(_own(public_id), 409, told=problem.text)
    forgetting.forget(work(), thrown)
    return see(url_for(".index"), "已放弃，什么都没有导入")


@bp.post("/<public_id>/take-back")
@staff
def take_back(public_id: str) -> AnyResponse:
    """Undo it as far as nobody has touched it since."""
    try:
        with changing() as change:
            putting.take_back(change, queries.by_public_id(me(), change.session, public_id), version=_version())
    except Conflict as problem:
        return _batch_page(_own(public_id), 409, told=problem.text)
    return see(url_for(".show", public_id=public_id))


@bp.get("/<public_id>/problems.xlsx")
@staff
def problems(public_id: str) -> Response:
    """The rows that are not in, in the file's own columns, with one more: 问题."""
    batch = _own(public_id)
    with changing() as change:
        operations.note_download(change, batch)
    heading, rows = queries.problems(work(), _own(public_id))
    return workbook("问题行.xlsx", heading, rows)


@bp.get("/template/<sort>.xlsx")
@staff
def template(sort: str) -> Response:
    """An empty sheet with the names of the columns."""
    try:
        wanted = Sort(sort)
    except ValueError:
        raise NotFound from None
    return workbook(
        f"{SORTS[wanted][0]}模板.xlsx", [target.label for target in columns.TARGETS[wanted].values()], iter(())
    )


def _own(public_id: str) -> ImportBatch:
    session = work().session
    session.expire_all()
    return queries.by_public_id(me(), session, public_id)


def _version() -> int:
    return version_of(request.form.get("version"))


def _heading() -> int:
    """The row typed as the heading; -1 for what is no number."""
    typed = request.form.get("heading", "").strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 8 else -1


def _place(public_id: str | None, sort: Sort) -> Organisation:
    """Where the rows go. Raises Invalid where the viewer may not import such rows."""
    scope, session = queries.scope_of(me(), sort), work().session
    try:
        return by_public_id(scope, session, public_id or _standing_at())
    except NotFound:
        raise Invalid({"sort": f"您在这里不能导入{SORTS[sort][0]}"}) from None


def _standing_at() -> str:
    acting = me().acting
    return acting.organisation_public_id if acting else ""


def _offer(form: UploadForm) -> list[Sort]:
    able = [sort for sort in Sort if queries.scope_of(me(), sort)]
    form.sort.choices = choices([(sort.value, SORTS[sort][0]) for sort in able])
    return able


def _start_page(form: UploadForm, status: int = 200) -> Response:
    able = _offer(form)
    if not able:
        raise NotFound
    session = work().session
    found = queries.recent(me(), session, after=asked_after(), size=SIZE + 1)
    rows, more = one_page(found, SIZE, lambda last: url_for(".index", after=last.public_id))
    try:
        place = by_public_id(
            queries.scope_of(me(), able[-1] if Sort.ROSTER not in able else Sort.ROSTER),
            session,
            form.at.data or _standing_at(),
        )
    except NotFound:
        place = None
    return page(
        "tuanwutong/imports/index.html",
        status=status,
        form=form,
        able=able,
        place=place,
        below=place is not None and place.kind not in CLASSES,
        rows=rows,
        next_url=more,
        hints={sort.value: words.format(place.name if place else "本级") for sort, (_, words) in SORTS.items()},
        sorts=SORTS,
        stages=STAGES,
        place_names=organisations.place_names(session, {row.organisation_id for row in rows}),
    )


def _batch_page(
    batch: ImportBatch,
    status: int = 200,
    *,
    errors: dict[str, str] | None = None,
    chosen: dict[str, int] | None = None,
    told: str = "",
    again: bool = False,
) -> Response:
    here = work()
    place = here.session.get_one(Organisation, batch.organisation_id)
    values: dict[str, Any] = {}
    if batch.emptied_at is None:
        asked = batch.stage is Stage.PREVIEW and "columns" in request.args
        if batch.stage is Stage.COLUMNS or again or asked:
            values = _columns(batch, chosen)
        elif batch.stage in (Stage.PREVIEW, Stage.DONE, Stage.TAKEN_BACK):
            values = _rows(batch)
    return page(
        "tuanwutong/imports/show.html",
        "tuanwutong/imports/_batch.html",
        status=status,
        batch=batch,
        place=place,
        sort_name=SORTS[batch.sort][0],
        stage=STAGES[batch.stage],
        form=StepForm(formdata=None, version=str(batch.version)),
        errors=errors or {},
        told=told,
        verdicts=VERDICTS,
        counts=batch.counts,
        kept_until=batch.created_at + operations.KEPT_FOR,
        onward=_onward(batch.sort, place),
        **_progress(queries.job_of(here.session, batch)),
        **values,
    )


def _onward(sort: Sort, place: Organisation) -> tuple[str, str]:
    """Where what was put in can be seen."""
    if sort is Sort.PEOPLE:
        return "看这里的档案", url_for("people.index", org=place.public_id, state=FileState.WAITING.value)
    if sort is Sort.ROSTER and place.kind in CLASSES:
        return "看花名册", url_for("roster.show", public_id=place.public_id)
    if sort is Sort.ROSTER:
        return "看花名册", url_for("roster.index")
    return "看团组织", url_for("organisations.show", public_id=place.public_id, all=1)  # unused as yet


def _progress(job: Job | None) -> dict[str, Any]:
    if job is None:
        return {"job": None}
    found = pace(job, work().now)
    return {"job": job, "left": in_words(found.seconds_left), "speed": found.per_second}


def _columns(batch: ImportBatch, chosen: dict[str, int] | None) -> dict[str, Any]:
    """Every field with the columns to choose from, and the first rows to look at."""
    here = work()
    heading = operations.heading_cells(here, batch)
    names = [str(cell)[:30] if cell not in ("", None) else "" for cell in heading]
    names += [""] * (batch.width - len(names))
    samples = queries.samples(here, batch, batch.heading, most=1)
    targets, chosen = columns.TARGETS[batch.sort], batch.columns if chosen is None else chosen
    needed = operations.needed(here, batch)
    first = [name for name in targets if name in needed or name in chosen]
    return {
        "mapping": True,
        "needed": needed,
        "heading": request.form.get("heading", str(batch.heading)),
        "targets": targets,
        "first": first,
        "others": [name for name in targets if name not in first],
        "chosen": chosen,
        "names": [name or f"第 {number} 列" for number, name in enumerate(names, 1)],
        "examples": [_example(cell) for row in samples for cell in [*row, *[""] * (batch.width - len(row))]],
    }


def _example(cell: Cell) -> str:
    """What stands in the first row; nothing where it may be somebody's number."""
    text = str(cell)[:30]
    return "" if sum(letter.isdigit() for letter in text) >= NUMBER_DIGITS else text


def _rows(batch: ImportBatch) -> dict[str, Any]:
    """The rows of the verdict that is looked at."""
    fields = operations.SORTS[batch.sort].SHOWN
    there_is = [place for place, (name, _) in enumerate(fields) if name in batch.columns]
    heads = [fields[place][1] for place in there_is]
    there = [verdict for verdict in VERDICTS if batch.counts.get(verdict.value)]
    asked = request.args.get("verdict", "")
    verdict = next((v for v in there if v.value == asked), there[0] if there else Verdict.NEW)
    after = request.args.get("after", "")
    number = int(after) if after.isascii() and after.isdigit() and len(after) < 8 else 0
    found = queries.preview(work(), batch, verdict, after=number, size=SHOWN + 1)
    address = url_for(".show", public_id=batch.public_id, verdict=verdict.value)
    rows, more = one_page(found, SHOWN, lambda last: f"{address}&after={last[0].number}")
    tabs = [
        (
            VERDICTS[v][0],
            url_for(".show", public_id=batch.public_id, verdict=v.value),
            v is verdict,
            batch.counts[v.value],
        )
        for v in there
    ]
    return {
        "verdict": verdict,
        "verdict_tabs": tabs,
        "rows": [(row, [shown[place] for place in there_is], note) for row, shown, note in rows],
        "heads": heads,
        "columns": [("行", None, "num"), *((label, None) for label in heads), ("结果", None)],
        "next_url": more,
        "good": sum(batch.counts.get(v.value, 0) for v in operations.PUTTABLE) - batch.counts.get("put", 0),
        "bad": queries.has_problems(batch.counts),
        "bad_url": next((url for name, url, _, _ in tabs if name in BAD), None),
    }
