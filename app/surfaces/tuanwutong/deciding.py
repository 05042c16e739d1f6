"""What a reviewer does at the desk: decides one application or a sheet, takes it back, passes it on, leaves it for later.

The desk's own script has the next card on the screen before the server answers; it asks with the name of the desk's
head, and gets figures, lanes and the undo bar alone. htmx gets the whole desk, a browser without script goes on to it.
"""

from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.kernel.errors import Conflict, Invalid, Refused
from app.kernel.masking import mask_name
from app.league.joining import decisions, passing, reasons, reopening, spot_checks
from app.league.joining.decisions import Outcome
from app.league.joining.models import JoinRequest, Verdict
from app.surfaces.tuanwutong import review, sheet
from app.surfaces.tuanwutong.queue import DONE, application, bp, desk_page, wanted
from app.surfaces.tuanwutong.review import Spot
from app.surfaces.tuanwutong.review_forms import DecideForm, PassForm, ReasonForm, SheetForm
from app.surfaces.web.house import changing, house, me
from app.surfaces.web.pages import is_htmx, see

HEAD = "div#desk-head"


class _Lost(Exception):
    """The one decision of this form did not happen: nothing of it stays, not even its once-key."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.text)
        self.outcome = outcome


@bp.post("/<public_id>/decide")
@needs(Power.JOINING_DECIDE)
def decide(public_id: str) -> AnyResponse:
    """通过、退回补正、拒绝."""
    form, where = DecideForm(), review.spot(request.form)
    row = application(public_id, Power.JOINING_DECIDE)
    try:
        if not form.validate_on_submit() or form.verdict.data not in list(Verdict):
            raise Invalid({name: found[0] for name, found in form.errors.items()} or "请选择通过、退回或拒绝")
        verdict = Verdict(form.verdict.data)
        reason, fields = reasons.settle(verdict, form.reason.data or "", form.digit.data or "", form.fields_.data)
        following, back = _following(where, row)
        with changing(form.once.data) as change:
            change.outcome = back
            items = [(public_id, form.version.data)]
            [outcome] = decisions.decide_many(change, me(), items, verdict, reason=reason, fields=fields)
            if not outcome.ok:
                raise _Lost(outcome)
    except Invalid as problem:
        form.blame(problem)
        panel = form.verdict.data if form.verdict.data in review.PANELS else ""
        return _again(where, row, status=422, panel=panel, form=form, errors=form.all_errors)
    except _Lost as lost:
        return _again(where, application(public_id), status=409, notice=lost.outcome)
    said = f"{DONE[verdict]} {mask_name(outcome.name)}"
    return _onward(where, following, back, said, where.url("queue.undo", public_id=outcome.decision))


@bp.post("/<public_id>/pass")
@needs(Power.JOINING_DECIDE)
def pass_on(public_id: str) -> AnyResponse:
    """转交上级 with a note."""
    form, where = PassForm(), review.spot(request.form)
    row = application(public_id, Power.JOINING_DECIDE)
    try:
        if not form.validate_on_submit():
            raise Invalid({})
        following, back = _following(where, row)
        with changing(form.once.data) as change:
            change.outcome = back
            place = passing.pass_on(change, me(), public_id, form.version.data or 0, note=form.note.data or "")
    except Invalid as problem:
        form.blame(problem)
        return _again(where, row, status=422, panel="pass", form=form, errors=form.all_errors)
    except (Conflict, Refused) as problem:
        return _again(where, application(public_id), status=409, notice=Outcome(public_id, False, problem.text))
    return _onward(where, following, back, f"已把 {mask_name(row.name)} 转交{place}")


@bp.post("/<public_id>/skip")
@needs(Power.JOINING_READ)
def skip(public_id: str) -> AnyResponse:
    """跳过: it comes again when the others are done; nothing is written on the application."""
    where, row = review.spot(request.form), application(public_id)
    following, back = _following(where, row)
    review.skip(public_id)
    return _onward(where, following, back, f"已跳过 {mask_name(row.name)}，最后再看")


def _following(where: Spot, row: JoinRequest) -> tuple[str | None, str]:
    """Who comes after ``row``, and the address that shows it."""
    _, following = review.neighbours(where, row)
    return following, where.url("queue.show", public_id=following) if following else where.url("queue.index")


def _onward(where: Spot, following: str | None, back: str, said: str, undo_url: str | None = None) -> AnyResponse:
    """To the next card, saying what was done."""
    if not is_htmx():
        if undo_url:
            flash(f"{said} · {house().settings.undo_seconds} 秒内可以撤销", f"undo:{undo_url}")
        else:
            flash(said)
        return redirect(back, 303)
    if wanted() == HEAD:
        return desk_page(review.head(where), part=HEAD, said=said, undo_url=undo_url)
    row = application(following) if following else None
    response = desk_page(review.desk(where, row), said=said, undo_url=undo_url)
    response.headers["HX-Replace-Url"] = back
    return response


def _again(where: Spot, row: JoinRequest, *, status: int, **values: Any) -> AnyResponse:
    """The card once more, because what was sent had no effect; with all that was typed."""
    if wanted() == HEAD:
        return desk_page(review.only_card(where, row, **values), status=status, part="article#card")
    return desk_page(review.desk(where, row, **values), status=status)


@bp.post("/sheet")
@needs(Power.JOINING_DECIDE)
def approve_sheet() -> AnyResponse:
    """Approve what is ticked of the rows that were on the screen; each row gets its own outcome."""
    form, where = SheetForm(), review.spot(request.form)
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
        return desk_page(review.desk(where, errors=errors), status=422)
    if any(outcome.text == spot_checks.FIRST for outcome in outcomes):
        return desk_page(review.desk(where, errors=[("", spot_checks.FIRST)]), status=409)
    passed = [outcome for outcome in outcomes if outcome.ok]
    return _sheet_done(where, outcomes, passed)


def _sheet_done(where: Spot, outcomes: list[Outcome], passed: list[Outcome]) -> AnyResponse:
    """The next sheet; what failed stays on it, ticked, each with its reason."""
    said = f"已通过 {len(passed)} 人" if passed else None
    undo_url = None
    if passed:
        undo_url = where.url("queue.undo_sheet", public_id=passed[0].decision)
    if len(passed) == len(outcomes) and not is_htmx():
        flash(f"{said} · {house().settings.undo_seconds} 秒内可以撤销", f"undo:{undo_url}")
        return redirect(where.url("queue.index"), 303)
    left = {outcome.public_id for outcome in outcomes if not outcome.ok}
    failed = [outcome for outcome in outcomes if not outcome.ok]
    desk = review.desk(where, outcomes=failed, picked=left)
    if not failed:
        desk.picked = {row.public_id for row in desk.rows}
    return desk_page(desk, status=200 if passed else 409, said=said, undo_url=undo_url, passed=len(passed))


@bp.post("/decisions/<public_id>/undo")
@needs(Power.JOINING_DECIDE)
def undo(public_id: str) -> AnyResponse:
    """撤销 one's own decision while its message has not left."""
    where = review.spot(request.args)
    try:
        with changing() as change:
            outcome = decisions.undo(change, me(), public_id)
    except (Conflict, Refused) as problem:
        return _too_late(where, problem)
    message = f"{outcome.text}：{mask_name(outcome.name)}，已回到待审"
    back = where.url("queue.show", public_id=outcome.public_id)
    if not is_htmx():
        return see(back, message)
    response = desk_page(review.desk(where, application(outcome.public_id)), said=message)
    response.headers["HX-Replace-Url"] = back
    return response


@bp.post("/decisions/<public_id>/undo-sheet")
@needs(Power.JOINING_DECIDE)
def undo_sheet(public_id: str) -> AnyResponse:
    """撤销 a whole sheet: every decision that was made together with this one, or none."""
    where = review.spot(request.args)
    try:
        with changing() as change:
            outcomes = decisions.undo_together(change, me(), public_id)
    except (Conflict, Refused) as problem:
        return _too_late(where, problem)
    message = f"已撤销 {len(outcomes)} 人的通过，都回到了待审"
    if not is_htmx():
        return see(where.url("queue.index"), message)
    return desk_page(review.desk(where), said=message)


def _too_late(where: Spot, problem: Conflict | Refused) -> AnyResponse:
    """It cannot be undone: without script the page for such cases says so, with htmx the desk itself."""
    if not is_htmx():
        raise problem
    return desk_page(review.desk(where, errors=[("", problem.text)]), status=409)


@bp.post("/<public_id>/reopen")
@needs(Power.JOINING_DECIDE)
def reopen(public_id: str) -> AnyResponse:
    """重新审核 a rejected application, with a reason."""
    row, form = application(public_id, Power.JOINING_DECIDE), ReasonForm()
    back = url_for(".show", public_id=public_id)
    try:
        if not form.validate_on_submit():
            raise Invalid({})
        with changing(form.once.data) as change:
            change.outcome = back
            reopening.reopen(change, me(), public_id, form.version.data, reason=form.reason.data)
    except Invalid as problem:
        form.blame(problem)
        desk = review.desk(review.spot(request.args), row, panel="reopen", form=form, errors=form.all_errors)
        return desk_page(desk, status=422)
    return see(back, "已重新进入待审")
