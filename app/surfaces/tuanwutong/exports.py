"""导出: choose what, say why; within the day's limit it is made at once, beyond it somebody above decides."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, HiddenField, RadioField, TextAreaField

from app.kernel.access.gates import needs, staff
from app.kernel.access.powers import Power
from app.kernel.access.viewer import Post
from app.kernel.errors import Conflict, Invalid, NotFound
from app.league.exports import operations, queries, sheets
from app.league.exports.columns import FEWEST, LABELS, NUMBERS
from app.league.exports.models import Export, ExportState, Format
from app.league.exports.operations import Wanted
from app.league.organisations import queries as organisations
from app.league.organisations.models import Organisation
from app.league.people.codes import STANDINGS
from app.league.people.models import Standing
from app.surfaces.file_forms import WordsForm
from app.surfaces.tuanwutong.matters import Choice
from app.surfaces.tuanwutong.matters import decide as decided
from app.surfaces.tuanwutong.task_results import note_seen
from app.surfaces.web.downloads import SANDBOX
from app.surfaces.web.forms import MultiCheckboxField, OnceForm, choices
from app.surfaces.web.house import changing, me, work
from app.surfaces.web.pages import page, see
from app.surfaces.web.paging import asked_after, one_page

bp = Blueprint("exports", __name__, url_prefix="/twt/exports")
SIZE = 20
STATES = {
    ExportState.ASKED: ("等上级同意", "wait"),
    ExportState.MAKING: ("正在做", "wait"),
    ExportState.READY: ("可以下载", "good"),
    ExportState.REFUSED: ("没有同意", "stop"),
    ExportState.WITHDRAWN: ("已撤回", ""),
    ExportState.FAILED: ("没有做成", "stop"),
    ExportState.OVER: ("已到期", ""),
}
MEDIA_TYPES = {Format.XLSX: sheets.XLSX_TYPE, Format.CSV: sheets.CSV_TYPE}
VERDICTS = {
    "approve": Choice(lambda *given, **words: operations.decide(*given, approve=True, **words), "已同意"),
    "refuse": Choice(lambda *given, **words: operations.decide(*given, approve=False, **words), "已告知申请人"),
}


class AskForm(OnceForm):
    """What is wanted and what for."""

    org = HiddenField()
    standing = HiddenField()
    reason = TextAreaField("用来做什么")
    columns = MultiCheckboxField(
        "要哪些列", choices=choices(LABELS.items()), default=list(FEWEST), validate_choice=False
    )
    whole = BooleanField("证件号码和手机号不遮住")
    format = RadioField(
        "文件格式",
        choices=choices([(Format.XLSX.value, "Excel 表格（.xlsx）"), (Format.CSV.value, "文本表格（.csv）")]),
        default=Format.XLSX.value,
        validate_choice=False,
    )


@bp.get("")
@needs(Power.EXPORTS_ASK)
def index() -> AnyResponse:
    """What I asked for; on the other tab what waits for my decision."""
    session, deciding = work().session, _deciding()
    find = queries.waiting if deciding else queries.mine
    found = find(me(), session, after=asked_after(), size=SIZE + 1)
    tab = "waiting" if deciding else None
    rows, more = one_page(found, SIZE, lambda last: url_for(".index", after=last.public_id, tab=tab))
    now = work().now
    places = organisations.place_names(session, {row.organisation_id for row in rows})
    tabs: list[tuple[str, str, bool, int | None]] = [("我的导出", url_for(".index"), not deciding, None)]
    if me().has(Power.EXPORTS_DECIDE):
        tabs.append(("等我处理", url_for(".index", tab="waiting"), deciding, queries.how_many_wait(me(), session)))
    return page(
        "tuanwutong/exports/index.html",
        rows=rows,
        next_url=more,
        tabs=tabs,
        deciding=deciding,
        place_names=places,
        states={row.public_id: _state(row, now) for row in rows},
    )


@bp.get("/new")
@needs(Power.EXPORTS_ASK)
def new() -> AnyResponse:
    """The form, for the part of the people that the address names."""
    form = AskForm(formdata=None, org=request.args.get("org", ""), standing=request.args.get("standing", ""))
    return _form_page(form)


@bp.post("/new")
@needs(Power.EXPORTS_ASK)
def ask() -> AnyResponse:
    """Ask for it."""
    form = AskForm()
    try:
        if not form.validate_on_submit():
            raise Invalid({})
        with changing(form.once.data) as change:
            wanted = Wanted(
                _place(form),
                _standing(form),
                form.columns.data or [],
                bool(form.whole.data),
                Format.CSV if form.format.data == Format.CSV.value else Format.XLSX,
                form.reason.data or "",
            )
            row = operations.ask(change, me(), wanted)
            change.outcome = url_for(".show", public_id=row.public_id)
    except Invalid as problem:
        form.blame(problem)
        return _form_page(form, 422)
    return see(change.outcome)


@bp.get("/<public_id>")
@staff
def show(public_id: str) -> AnyResponse:
    """One export: where it stands, the file, or the decision."""
    return _shown(public_id, WordsForm(formdata=None))


@bp.post("/<public_id>/decide")
@needs(Power.EXPORTS_DECIDE)
def decide(public_id: str) -> AnyResponse:
    """Let it be made, or refuse."""

    def find(unit: Any) -> Export:
        row = queries.by_public_id(me(), unit.session, public_id)
        if not queries.may_decide(me(), row):
            raise NotFound
        return row

    return decided(
        find,
        VERDICTS,
        "请选择同意或者不同意",
        url_for(".show", public_id=public_id),
        lambda form, status: _shown(public_id, form, status),
    )


@bp.post("/<public_id>/withdraw")
@needs(Power.EXPORTS_ASK)
def withdraw(public_id: str) -> AnyResponse:
    """Take back one's own request while it waits."""
    form = WordsForm()
    try:
        with changing() as change:
            row = queries.own(me(), change.session, public_id)
            operations.withdraw(change, row, version=form.version.data or 0)
    except Conflict as problem:
        form.form_errors.append(problem.text)
        return _shown(public_id, form, 409)
    return see(url_for(".show", public_id=public_id), "已撤回申请")


@bp.post("/<public_id>/file")
@needs(Power.EXPORTS_ASK)
def take(public_id: str) -> AnyResponse:
    """The file itself; every download is on record."""
    with changing() as change:
        row = queries.own(me(), change.session, public_id)
        content, kind, mark = operations.take(change, row), row.format, row.mark
    name = f"青年档案-{mark}.{kind.value}"
    answer = Response(content, mimetype=MEDIA_TYPES[kind])
    answer.headers["Content-Disposition"] = f"attachment; filename=export.{kind.value}; filename*=UTF-8''{quote(name)}"
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _deciding() -> bool:
    return request.args.get("tab") == "waiting" and me().has(Power.EXPORTS_DECIDE)


def _place(form: AskForm) -> Organisation:
    """Raises NotFound for a place outside the scope."""
    return organisations.by_public_id(me().scope(Power.EXPORTS_ASK), work().session, form.org.data or _standing_at())


def _standing_at() -> str:
    """Where one stands: the post of the switch when it may export, else the first that may."""
    able = me().posts_with(Power.EXPORTS_ASK)
    acting: Post = me().acting if me().acting in able else able[0]  # type: ignore[assignment]
    return acting.organisation_public_id


def _standing(form: AskForm) -> Standing | None:
    return next((standing for standing in Standing if standing.value == form.standing.data), None)


def _form_page(form: AskForm, status: int = 200) -> Response:
    place, standing = _place(form), _standing(form)
    return page(
        "tuanwutong/exports/new.html",
        status=status,
        form=form,
        place=place,
        standing=STANDINGS[standing] if standing else "",
        outlook=operations.outlook(work(), me(), place, standing),
        most=operations.MOST_ROWS,
        state_chosen=bool(request.args.get("state")),
        may_whole=me().scope(Power.EXPORTS_WHOLE).covers(place.path),
        back=url_for(
            "people.index", **{k: v for k, v in (("org", form.org.data), ("standing", form.standing.data)) if v}
        ),
    )


def _state(row: Export, now: datetime, broken: str = "") -> tuple[str, str]:
    """What is said of it, and in which tone: a file whose day is past is gone, whoever has swept."""
    if broken:
        return STATES[ExportState.FAILED]
    if row.state is not ExportState.READY:
        return STATES[row.state]
    if row.expires_at is None or row.expires_at <= now:
        return STATES[ExportState.OVER]
    return STATES[row.state] if row.taken < operations.MOST_TAKEN else ("下载次数已用完", "")


def _shown(public_id: str, form: WordsForm, status: int = 200) -> Response:
    session = work().session
    session.expire_all()
    row = queries.by_public_id(me(), session, public_id)
    form.draw_for(row.version)
    mine, broken = row.account_id == me().account_id, queries.broken(session, row)
    if mine:
        note_seen("export", public_id)
    place = session.get_one(Organisation, row.organisation_id)
    state = _state(row, work().now, broken)
    return page(
        "tuanwutong/exports/show.html",
        status=status,
        form=form,
        row=row,
        place=place.full_name,
        again=url_for(".new", org=place.public_id, standing=row.standing),
        mine=mine,
        may_decide=row.state is ExportState.ASKED and queries.may_decide(me(), row),
        state=state,
        ready=state == STATES[ExportState.READY],
        over=state == STATES[ExportState.OVER],
        why=broken or (row.decision_reason if row.state in (ExportState.REFUSED, ExportState.FAILED) else ""),
        most_taken=operations.MOST_TAKEN,
        labels=[LABELS[name] for name in row.columns],
        numbers=[LABELS[name] for name in row.columns if name in NUMBERS],
        standing=STANDINGS[row.standing] if row.standing else "全部",
        left=operations.MOST_TAKEN - row.taken,
        going=row.state is ExportState.MAKING and not broken,
    )
