"""Who holds which post: the list, one appointment, ending, prolonging. Giving and handing over: appointing."""

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms import DateField, TextAreaField
from wtforms.validators import InputRequired

from app.kernel.access.gates import own, staff
from app.kernel.errors import Conflict, Invalid, NotFound, Refused
from app.league.appointments import operations, queries
from app.surfaces.web.forms import OnceForm, filled
from app.surfaces.web.house import changing, me, work
from app.surfaces.web.pages import page, see

bp = Blueprint("appointments", __name__, url_prefix="/twt/appointments")
PAGE = 50
DAY_FORMATS = ["%Y-%m-%d", "%Y %m %d"]


class EndForm(OnceForm):
    """Why it ends."""

    reason = TextAreaField("原因", validators=[filled("请填写原因")])


class ProlongForm(OnceForm):
    """Until when."""

    ends_on = DateField("最后一天", format=DAY_FORMATS, validators=[InputRequired("请填写最后一天")])


@bp.get("")
@staff
def index() -> Response:
    """任职: who holds what, what ends within fourteen days first."""
    here = work()
    scope = queries.reading(me())
    if not scope:
        raise NotFound
    soon = bool(request.args.get("soon"))
    after = None
    if last := request.args.get("after", ""):
        row = queries.by_public_id(scope, here.session, last)
        after = (row.organisation.path, row.appointment.id)
    rows = queries.listed(scope, here.session, here.today, soon=soon, after=after, size=PAGE)
    ending = queries.listed(scope, here.session, here.today, soon=True, size=PAGE)
    return page(
        "tuanwutong/appointments/index.html",
        rows=rows,
        soon=soon,
        ending=len(ending),
        today=here.today,
        start=_start(),
        next_url=url_for(".index", after=rows[-1].appointment.public_id, soon=1 if soon else None)
        if len(rows) == PAGE
        else None,
    )


@bp.get("/mine")
@own
def mine() -> Response:
    """我的任职: what I hold, until when, how to hand over or resign."""
    here = work()
    return page(
        "tuanwutong/appointments/mine.html",
        rows=queries.of_account(here.session, me().account_id, here.today),
        today=here.today,
    )


@bp.get("/<public_id>")
@own
def show(public_id: str) -> Response:
    """One appointment."""
    here, who, row = work(), me(), _row(public_id)
    return page(
        "tuanwutong/appointments/show.html",
        row=row,
        today=here.today,
        mine=row.appointment.account_id == who.account_id,
        may_end=operations.may_end(who, row.appointment, row.organisation),
    )


@bp.route("/<public_id>/end", methods=["GET", "POST"])
@own
def end(public_id: str) -> AnyResponse:
    """结束任职, or 辞去 one's own."""
    row = _row(public_id)
    form = EndForm()
    if not form.is_submitted():
        return _end_page(form, row)
    if not form.validate():
        return _end_page(form, row, 422)
    try:
        with changing(form.once.data) as change:
            row = _row(public_id)
            ended = operations.end(change, me(), row.appointment, form.reason.data)
            resigned = row.appointment.account_id == me().account_id
            change.outcome = url_for(".mine") if resigned else url_for(".index")
    except Invalid as problem:
        form.blame(problem)
        return _end_page(form, row, 422)
    except (Conflict, Refused) as problem:
        return _end_page(form, _row(public_id), 409, problem.text)
    said = f"已经没有管理员，已告诉上级 {ended.told_above} 人" if ended.orphaned else ""
    return see(change.outcome, "任职已结束，权限马上失效" + (f"；{row.organisation.name}{said}" if said else ""))


@bp.route("/<public_id>/prolong", methods=["GET", "POST"])
@staff
def prolong(public_id: str) -> AnyResponse:
    """调整任期."""
    row = _row(public_id)
    if not operations.may_end(me(), row.appointment, row.organisation):
        raise NotFound
    form = ProlongForm()
    if not form.is_submitted():
        form.ends_on.data = row.appointment.ends_on
        return _prolong_page(form, row)
    if not form.validate():
        return _prolong_page(form, row, 422)
    try:
        with changing(form.once.data) as change:
            operations.prolong(change, me(), _row(public_id).appointment, form.ends_on.data)
            change.outcome = url_for(".show", public_id=public_id)
    except Invalid as problem:
        form.blame(problem)
        return _prolong_page(form, _row(public_id), 422)
    except (Conflict, Refused) as problem:
        return _prolong_page(form, _row(public_id), 409, problem.text)
    return see(change.outcome, "任期已调整")


def _row(public_id: str) -> queries.Row:
    who = me()
    return queries.by_public_id(queries.reading(who), work().session, public_id, own=who.account_id)


def _start() -> str | None:
    """Where 任命 begins from the list: the organisation of the acting post."""
    post = me().acting
    return url_for("appointments.new", organisation=post.organisation_public_id) if post else None


def _end_page(form: EndForm, row: queries.Row, status: int = 200, problem: str = "") -> Response:
    here, who = work(), me()
    mine = row.appointment.account_id == who.account_id
    if not mine and not operations.may_end(who, row.appointment, row.organisation):
        raise NotFound
    others = queries.heads_of(here.session, row.organisation.path, here.today, but=row.appointment.account_id)
    return page(
        "tuanwutong/appointments/end.html",
        form=form,
        row=row,
        mine=mine,
        last=row.role in queries.HEADS and not others,
        problem=problem,
        status=status,
    )


def _prolong_page(form: ProlongForm, row: queries.Row, status: int = 200, problem: str = "") -> Response:
    return page("tuanwutong/appointments/prolong.html", form=form, row=row, problem=problem, status=status)
