"""The review desk (审核): one application or a sheet of clean ones, decided by the same operation."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.kernel.errors import Invalid
from app.kernel.ids import new_public_id
from app.kernel.masking import mask_name
from app.league.joining import decisions, queries, reasons, spot_checks
from app.league.joining.decisions import Outcome
from app.league.joining.models import JoinRequest, Verdict
from app.surfaces.tuanwutong import review, sheet
from app.surfaces.tuanwutong.review import DecideForm, Desk, SheetForm, Spot
from app.surfaces.web.house import changing, house, me, work
from app.surfaces.web.pages import is_htmx, page, see

bp = Blueprint("queue", __name__, url_prefix="/twt/queue")
DONE = {Verdict.APPROVE: "已通过", Verdict.RETURN: "已退回", Verdict.REJECT: "已拒绝"}


def _page(desk: Desk, *, status: int = 200, **values: Any) -> Response:
    templates = ("tuanwutong/queue/index.html", "tuanwutong/queue/_desk.html")
    decides = me().has(Power.JOINING_DECIDE)
    values |= {"decides": decides, "keys_off": review.keys_off(), "new_key": new_public_id}
    return page(*templates, status=status, desk=desk, **values)


def _row(public_id: str, power: Power = Power.JOINING_READ) -> JoinRequest:
    return queries.request_by_public_id(me().scope(power), work().session, public_id)


@bp.get("")
@needs(Power.JOINING_READ)
def index() -> Response:
    """审核: the first that waits, beside the list."""
    where = review.spot(request.args)
    return _page(review.desk(where, after=request.args.get("after")))


@bp.get("/<public_id>")
@needs(Power.JOINING_READ)
def show(public_id: str) -> Response:
    """One application; ``panel`` opens the form for a return or a rejection."""
    row = _row(public_id)
    panel = request.args.get("panel", "")
    form = DecideForm(formdata=None, version=row.version) if panel in review.PANELS else None
    return _page(review.desk(review.spot(request.args), row, panel=panel, form=form))


@bp.post("/<public_id>/decide")
@needs(Power.JOINING_DECIDE)
def decide(public_id: str) -> AnyResponse:
    """通过、退回补正、拒绝."""
    form = DecideForm()
    where = review.spot(request.form)
    row = _row(public_id, Power.JOINING_DECIDE)
    try:
        if not form.validate_on_submit() or form.verdict.data not in list(Verdict):
            raise Invalid({name: found[0] for name, found in form.errors.items()} or "请选择通过、退回或拒绝")
        verdict = Verdict(form.verdict.data)
        reason, fields = reasons.settle(verdict, form.reason.data or "", form.digit.data or "", form.fields_.data)
        _, following = review.neighbours(where, row)
        back = where.url("queue.show", public_id=following) if following else where.url("queue.index")
        with changing(form.once.data) as change:
            change.outcome = back
            items = [(public_id, form.version.data)]
            [outcome] = decisions.decide_many(change, me(), items, verdict, reason=reason, fields=fields)
            if not outcome.ok:
                raise _Lost(outcome)
    except Invalid as problem:
        form.blame(problem)
        panel = form.verdict.data if form.verdict.data in review.PANELS else ""
        desk = review.desk(where, row, panel=panel, form=form, errors=form.all_errors)
        return _page(desk, status=422)
    except _Lost as lost:
        fresh = _row(public_id)
        return _page(review.desk(where, fresh, notice=lost.outcome), status=409)
    return _decided(where, outcome, verdict, following, back)


class _Lost(Exception):
    """The one decision of this form did not happen: nothing of it stays, not even its once-key."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.text)
        self.outcome = outcome


def _decided(where: Spot, outcome: Outcome, verdict: Verdict, following: str | None, back: str) -> AnyResponse:
    message = f"{DONE[verdict]} {mask_name(outcome.name)}"
    undo_url = where.url("queue.undo", public_id=outcome.decision)
    if not is_htmx():
        flash(message, f"undo:{undo_url}")
        return redirect(back, 303)
    row = _row(following) if following else None
    response = _page(review.desk(where, row), said=message, undo_url=undo_url)
    response.headers["HX-Replace-Url"] = back
    return response


@bp.post("/sheet")
@needs(Power.JOINING_DECIDE)
def approve_sheet() -> AnyResponse:
    """Approve what is ticked of the rows that were on the screen; each row gets its own outcome."""
    form = SheetForm()
    where = review.spot(request.form)
    picks = request.form.getlist("pick")
    try:
        if not form.validate_on_submit():
            raise Invalid({name: found[0] for name, found in form.errors.items()})
        items, shown_at = sheet.picked(house().vault, me(), form.sheet.data, picks)
        with changing(form.once.data) as change:
            change.outcome = where.url("queue.index")
            outcomes = decisions.decide_many(change, me(), items, Verdict.APPROVE, shown_at=shown_at)
    except Invalid as problem:
        form.blame(problem)
        errors = [("", sentence) for sentence in problem.errors.values()]
        return _page(review.desk(where, errors=errors), status=422)
    if any(outcome.text == spot_checks.FIRST for outcome in outcomes):
        return _page(review.desk(where, errors=[("", spot_checks.FIRST)]), status=409)
    passed = [outcome for outcome in outcomes if outcome.ok]
    message = f"已通过 {len(passed)} 人"
    if len(passed) == len(outcomes) and not is_htmx():
        flash(f"{message}，30 秒内可以在“我的审批”里撤销")
        return redirect(where.url("queue.index"), 303)
    left = {outcome.public_id for outcome in outcomes if not outcome.ok}
    desk = review.desk(where, outcomes=outcomes, picked=left)
    return _page(desk, status=200 if passed else 409, said=message if passed else None)


@bp.post("/decisions/<public_id>/undo")
@needs(Power.JOINING_DECIDE)
def undo(public_id: str) -> AnyResponse:
    """撤销 one's own decision while its message has not left."""
    where = review.spot(request.args)
    with changing() as change:
        outcome = decisions.undo(change, me(), public_id)
    message = f"{outcome.text}：{mask_name(outcome.name)}，已回到待审"
    back = where.url("queue.show", public_id=outcome.public_id)
    if not is_htmx():
        return see(back, message)
    response = _page(review.desk(where, _row(outcome.public_id)), said=message)
    response.headers["HX-Replace-Url"] = back
    return response


@bp.post("/<public_id>/reopen")
@needs(Power.JOINING_DECIDE)
def reopen(public_id: str) -> AnyResponse:
    """重新审核 a rejected application, with a reason."""
    row = _row(public_id, Power.JOINING_DECIDE)
    form = review.ReasonForm()
    back = url_for(".show", public_id=public_id)
    try:
        if not form.validate_on_submit():
            raise Invalid({})
        with changing(form.once.data) as change:
            change.outcome = back
            decisions.reopen(change, me(), public_id, form.version.data, reason=form.reason.data)
    except Invalid as problem:
        form.blame(problem)
        desk = review.desk(review.spot(request.args), row, panel="reopen", form=form, errors=form.all_errors)
        return _page(desk, status=422)
    return see(back, "已重新进入待审")


@bp.get("/history")
@needs(Power.JOINING_DECIDE)
def history() -> Response:
    """我的审批: what I did, and what of it can still be undone."""
    scope = me().scope(Power.JOINING_DECIDE)
    rows = queries.decisions_of(scope, work().session, me().account_id, after=request.args.get("after"), size=51)
    following = url_for(".history", after=rows[49].public_id) if len(rows) > 50 else None
    return page("tuanwutong/queue/history.html", rows=rows[:50], next_url=following, verdicts=DONE)
