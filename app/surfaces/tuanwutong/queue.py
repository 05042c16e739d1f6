"""The review desk (审核) as it is read: the list beside a card, one card alone, a search, one's own decisions."""

from typing import Any

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel import limits
from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.kernel.db.unit import writing
from app.kernel.errors import Unavailable
from app.kernel.ids import new_public_id
from app.league.joining import presence, queries
from app.league.joining.models import JoinRequest, Verdict
from app.surfaces.tuanwutong import desk_keys, review
from app.surfaces.tuanwutong.review import Desk
from app.surfaces.tuanwutong.review_forms import DecideForm, FindForm
from app.surfaces.web.house import changing, me, work
from app.surfaces.web.pages import is_htmx, page
from app.surfaces.web.paging import asked_after, one_page

bp = Blueprint("queue", __name__, url_prefix="/twt/queue")
SIZE = 50
DONE = {Verdict.APPROVE: "已通过", Verdict.RETURN: "已退回", Verdict.REJECT: "已拒绝"}
PARTS = {"article#card": "_card.html", "div#desk-list": "_list.html", "div#desk-head": "_answer.html"}
"""What the desk's own script replaces alone, by the name htmx gives it; everything else gets the whole desk."""


def wanted() -> str:
    """The part of the desk that is asked for."""
    return request.headers.get("HX-Target", "") if is_htmx() else ""


def desk_page(desk: Desk, *, status: int = 200, part: str = "", **values: Any) -> Response:
    """The desk, or only ``part`` of it."""
    part = PARTS.get(part, "_desk.html")
    values |= {"decides": me().has(Power.JOINING_DECIDE), "keys": desk_keys.keys(), "new_key": new_public_id}
    page_, part_ = "tuanwutong/queue/index.html", f"tuanwutong/queue/{part}"
    return page(page_, part_, status=status, desk=desk, undo_seconds=work().settings.undo_seconds, **values)


def application(public_id: str, power: Power = Power.JOINING_READ) -> JoinRequest:
    """One application inside the viewer's scope. Raises NotFound."""
    return queries.request_by_public_id(me().scope(power), work().session, public_id)


@bp.get("")
@needs(Power.JOINING_READ)
def index() -> Response:
    """审核: the first that waits, beside the list."""
    return desk_page(review.desk(review.spot(request.args), after=asked_after()))


@bp.get("/<public_id>")
@needs(Power.JOINING_READ)
def show(public_id: str) -> Response:
    """One application; ``panel`` opens the form for a return, a rejection or for passing it on."""
    row, where, part = application(public_id), review.spot(request.args), wanted()
    if part == "article#card":
        return desk_page(review.only_card(where, row), part=part)
    panel = request.args.get("panel", "")
    form = DecideForm(formdata=None, version=row.version) if panel in review.PANELS else None
    return desk_page(review.desk(where, row, panel=panel, form=form), part=part)


@bp.post("/search")
@needs(Power.JOINING_READ)
def search() -> Response:
    """Who waits with this name; names stay out of addresses."""
    form, where = FindForm(), review.spot(request.form)
    words = (form.q.data or "").strip()[:50]
    if not words:
        return desk_page(review.desk(where), part=wanted())
    with changing() as change:
        limits.hit(change.session, change.vault, "search", str(me().account_id), now=change.now.timestamp())
    return desk_page(review.desk(where, query=words), part=wanted())


@bp.post("/<public_id>/here")
@needs(Power.JOINING_READ)
def here(public_id: str) -> AnyResponse:
    """“正在看”: says that the viewer has it open and learns who else has. When the database is busy, it can wait."""
    row, unit = application(public_id), work()
    if not presence.is_fresh(unit, me().account_id, row):
        try:
            with writing(unit.session):
                presence.note(unit, me().account_id, row)
        except Unavailable:
            return Response(status=204)
    return page("tuanwutong/queue/_watching.html", watching=presence.others(unit, me().account_id, row))


@bp.get("/history")
@needs(Power.JOINING_DECIDE)
def history() -> Response:
    """我的审批: what I did, and what of it can still be undone."""
    scope = me().scope(Power.JOINING_DECIDE)
    found = queries.decisions_of(scope, work().session, me().account_id, after=asked_after(), size=SIZE + 1)
    rows, more = one_page(found, SIZE, lambda last: url_for(".history", after=last.public_id))
    return page("tuanwutong/queue/history.html", rows=rows, next_url=more, verdicts=DONE)
