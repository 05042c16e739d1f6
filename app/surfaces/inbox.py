"""Notices addressed to me, whatever I am: a cadre or a youth. Opening confirms the receipt (已读回执)."""

from flask import Blueprint, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.access.gates import own
from app.kernel.errors import NotFound
from app.league.notices import attachments, images, operations, queries
from app.surfaces.notice_pages import content
from app.surfaces.web.downloads import download, picture
from app.surfaces.web.forms import Form
from app.surfaces.web.house import changing, me, work
from app.surfaces.web.pages import is_htmx, page, see
from app.surfaces.web.paging import asked_after, one_page

bp = Blueprint("inbox", __name__, url_prefix="/inbox")
SIZE = 20


@bp.get("")
@own
def index() -> AnyResponse:
    """Newest first, unread ones marked."""
    found = queries.inbox(work(), after=asked_after(), size=SIZE + 1)
    rows, more = one_page(found, SIZE, lambda last: url_for(".index", after=last.public_id))
    return page("inbox/index.html", "inbox/_list.html", rows=rows, next_url=more, layout=_layout())


@bp.get("/<public_id>")
@own
def show(public_id: str) -> AnyResponse:
    """One notice addressed to me."""
    unit = work()
    notice, issuer = queries.addressed_notice(unit, public_id)
    read_at = queries.read_at(unit, notice.id)
    return page(
        "inbox/show.html",
        notice=notice,
        issuer=issuer,
        read_at=read_at,
        form=Form(),
        layout=_layout(),
        **content(unit.session, notice),
    )


@bp.get("/<public_id>/images/<image_id>/<int:width>.webp")
@own
def image(public_id: str, image_id: str, width: int) -> AnyResponse:
    """One rendering of a picture of a notice addressed to me that still stands."""
    unit = work()
    notice, _ = queries.addressed_notice(unit, public_id)
    if notice.withdrawn_at:
        raise NotFound
    return picture(images.rendering(unit.session, notice, image_id, width))


@bp.get("/<public_id>/files/<file_id>")
@own
def attachment(public_id: str, file_id: str) -> AnyResponse:
    """One attachment of a notice addressed to me that still stands."""
    unit = work()
    notice, _ = queries.addressed_notice(unit, public_id)
    if notice.withdrawn_at:
        raise NotFound
    return download(attachments.one(unit.session, notice, file_id))


@bp.post("/<public_id>/read")
@own
def read(public_id: str) -> AnyResponse:
    """Confirm that I have read it."""
    with changing() as change:
        notice, _ = queries.addressed_notice(change, public_id)
        operations.mark_read(change, notice.id, me().account_id)
    if is_htmx():
        return page("inbox/_receipt.html", notice=notice, read_at=work().now)
    return see(url_for(".index"), "已记下您读过这条通知")


def _layout() -> str:
    return "layouts/tuanwutong.html" if me().is_staff else "layouts/qingchun.html"
