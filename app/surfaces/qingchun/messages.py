"""消息: what the system tells me, with read state."""

from flask import Blueprint, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.access.gates import own
from app.league.accounts import messages
from app.surfaces.web.forms import Form
from app.surfaces.web.house import changing, me, work
from app.surfaces.web.pages import is_htmx, page, see
from app.surfaces.web.paging import asked_after, one_page

bp = Blueprint("messages", __name__, url_prefix="/jia/msg")
SIZE = 20


@bp.get("")
@own
def index() -> AnyResponse:
    """Newest first, unread ones marked."""
    found = messages.inbox(work(), me().account_id, after=asked_after(), size=SIZE + 1)
    rows, more = one_page(found, SIZE, lambda last: url_for(".index", after=last.public_id))
    return page("qingchun/messages/index.html", "qingchun/messages/_list.html", rows=rows, next_url=more)


@bp.get("/<public_id>")
@own
def show(public_id: str) -> AnyResponse:
    """One message; looking at it changes nothing, the form on it says that it was read."""
    found = messages.message(work(), me().account_id, public_id)
    return page("qingchun/messages/show.html", message=found, form=Form())


@bp.post("/<public_id>/read")
@own
def read(public_id: str) -> AnyResponse:
    """Mark one as read."""
    with changing() as change:
        messages.mark_read(change, messages.message(change, me().account_id, public_id).account_id, public_id)
    if is_htmx():
        return page("qingchun/messages/_read.html", message=messages.message(work(), me().account_id, public_id))
    return see(url_for(".index"), "标为已读了")


@bp.post("/read")
@own
def read_all() -> AnyResponse:
    """Mark everything as read."""
    with changing() as change:
        messages.mark_read(change, me().account_id)
    return see(url_for(".index"), "都标为已读了")
