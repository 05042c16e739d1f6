"""Beside the decision: a branch for a member who found none, and the full document number with a reason."""

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.kernel.errors import Invalid
from app.league.joining import cards, operations, queries
from app.league.joining.akin import akin
from app.league.organisations.queries import by_public_id
from app.surfaces.tuanwutong.review_forms import PlacingForm, RevealForm
from app.surfaces.web.house import changing, me, work
from app.surfaces.web.pages import page, see

bp = Blueprint("placing", __name__, url_prefix="/twt/queue")
PLACE = ("tuanwutong/queue/place.html", "tuanwutong/queue/_place.html")
REVEAL = ("tuanwutong/queue/reveal.html", "tuanwutong/queue/_reveal.html")


@bp.route("/<public_id>/place", methods=["GET", "POST"])
@needs(Power.JOINING_DECIDE)
def place(public_id: str) -> AnyResponse:
    """安排团支部."""
    scope = me().scope(Power.JOINING_DECIDE)
    row = queries.request_by_public_id(scope, work().session, public_id)
    card = cards.card(work(), me(), row, akin(work(), row))
    form = PlacingForm()
    if request.method == "GET":
        return page(*PLACE, form=form, card=card)
    try:
        if not form.validate_on_submit():
            raise Invalid({})
        with changing(form.once.data) as change:
            change.outcome = url_for("queue.show", public_id=public_id)
            fresh = queries.request_by_public_id(scope, change.session, public_id)
            branch = by_public_id(scope, change.session, form.branch_id.data)
            operations.place(change, fresh, branch)
    except Invalid as problem:
        form.blame(problem)
        return page(*PLACE, form=form, card=card, status=422)
    return see(change.outcome, f"已安排到 {branch.name}")


@bp.route("/<public_id>/number", methods=["GET", "POST"])
@needs(Power.PEOPLE_REVEAL)
def reveal(public_id: str) -> AnyResponse:
    """查看完整证件号码: the reason first, then the number, once."""
    scope = me().scope(Power.PEOPLE_REVEAL)
    row = queries.request_by_public_id(scope, work().session, public_id)
    form = RevealForm()
    if request.method == "GET":
        return page(*REVEAL, form=form, row=row, number=None)
    try:
        if not form.validate_on_submit():
            raise Invalid({})
        with changing() as change:
            fresh = queries.request_by_public_id(scope, change.session, public_id)
            number = cards.reveal(change, me(), fresh, form.reason.data)
    except Invalid as problem:
        form.blame(problem)
        return page(*REVEAL, form=form, row=row, number=None, status=422)
    return page(*REVEAL, form=form, row=row, number=number)
