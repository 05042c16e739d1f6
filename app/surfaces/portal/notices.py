"""Public notices."""

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.access.gates import public
from app.kernel.errors import NotFound
from app.league.notices import attachments, queries
from app.league.notices.operations import CATEGORIES
from app.surfaces.web.downloads import download
from app.surfaces.web.house import work
from app.surfaces.web.pages import page

bp = Blueprint("notices", __name__, url_prefix="/notices")
SIZE = 20


@bp.get("")
@public("公开的通知")
def index() -> AnyResponse:
    """The list, by column, narrowed by words."""
    category = request.args.get("category", "")
    words = request.args.get("q", "").strip()[:50]
    after = request.args.get("after")
    rows = queries.public_list(work().session, category=category, words=words, after=after, size=SIZE + 1)
    more = None
    if len(rows) > SIZE:
        more = url_for(".index", category=category or None, q=words or None, after=rows[SIZE - 1].public_id)
    tabs = [("全部", url_for(".index"), not category, None)]
    tabs += [(name, url_for(".index", category=name), name == category, None) for name in CATEGORIES]
    return page(
        "portal/notices.html", "portal/_notices.html", rows=rows[:SIZE], next_url=more, tabs=tabs, q=words,
        category=category,
    )  # fmt: skip


@bp.get("/<public_id>")
@public("公开的通知")
def show(public_id: str) -> AnyResponse:
    """One notice; a withdrawn one says so and when."""
    session = work().session
    notice, issuer = queries.public_notice(session, public_id)
    files = attachments.of(session, notice)
    status = 200 if notice.withdrawn_at is None else 410
    return page("portal/notice.html", notice=notice, issuer=issuer, files=files, status=status)


@bp.get("/<public_id>/files/<file_id>")
@public("公开通知的附件")
def attachment(public_id: str, file_id: str) -> AnyResponse:
    """One attachment of a public notice that still stands."""
    session = work().session
    notice, _ = queries.public_notice(session, public_id)
    if notice.withdrawn_at:
        raise NotFound
    return download(attachments.one(session, notice, file_id))
