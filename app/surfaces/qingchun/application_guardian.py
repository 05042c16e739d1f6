"""A child who said otherwise at registration: the document tells, and a guardian is asked before anything goes on."""

from flask import Blueprint, Response, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.access.gates import own
from app.kernel.errors import Invalid, NotFound, TooMany
from app.league.accounts import guardians, operations
from app.league.joining import drafts
from app.surfaces.qingchun.application import child_of
from app.surfaces.qingchun.registration import GuardianForm
from app.surfaces.qingchun.visit import carry, too_many
from app.surfaces.web.house import changing, me, work
from app.surfaces.web.pages import page, see

bp = Blueprint("application_guardian", __name__, url_prefix="/jia/apply/guardian")


@bp.get("")
@own
def ask() -> Response:
    """Who may agree? The account waits until then."""
    if child_of(drafts.load(work(), me().account_id)) is None:
        raise NotFound
    return page("qingchun/application/guardian.html", form=GuardianForm())


@bp.post("")
@own
def send() -> AnyResponse:
    """Send the guardian a link; the draft stays, sealed, for when the answer is yes."""
    birth = child_of(drafts.load(work(), me().account_id))
    if birth is None or me().is_staff:
        raise NotFound
    form, public_id = GuardianForm(), me().public_id
    try:
        with changing() as change:
            account = operations.account_of(change, public_id)
            typed = (form.guardian_name.data or "", form.guardian_phone.data or "")
            guardian = guardians.read_guardian(*typed, operations.phone_of(change, account))
            guardians.ask_for_child(change, account, birth, *guardian)
    except TooMany as problem:
        status = too_many(form, problem, "guardian_phone")
        return page("qingchun/application/guardian.html", form=form, status=status)
    except Invalid as problem:
        form.blame(problem)
        return page("qingchun/application/guardian.html", form=form, status=422)
    carry("waiting", {"account": public_id})
    return see(url_for("guardian.waiting"), "已发短信给监护人")
