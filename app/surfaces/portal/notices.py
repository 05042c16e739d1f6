"""News and notices for everyone: lists, columns, archive, articles."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.access.gates import public
from app.kernel.errors import NotFound
from app.league.notices import attachments, images, portal
from app.league.notices.categories import BY_KEY, CATEGORIES, Category
from app.surfaces.notice_pages import content
from app.surfaces.portal.caching import keep_a_minute
from app.surfaces.web.downloads import download, picture
from app.surfaces.web.house import work
from app.surfaces.web.pages import page
from app.surfaces.web.paging import asked_after, one_page

bp = Blueprint("notices", __name__)
bp.after_request(keep_a_minute)
SIZE = 20
BESIDE = 6


@bp.get("/notices")
@public("公开的新闻和通知")
def index() -> AnyResponse:
    """Everything, newest first, narrowed by words."""
    return _list(None)


@bp.get("/columns/<key>")
@public("公开的新闻和通知")
def column(key: str) -> AnyResponse:
    """One column."""
    if key not in BY_KEY:
        raise NotFound
    return _list(BY_KEY[key])


@bp.get("/archive")
@public("公开的新闻和通知")
def archive() -> AnyResponse:
    """The years and months there is something of."""
    return page("portal/archive.html", years=portal.months(work().session))


@bp.get("/archive/<int:year>-<int:month>")
@public("公开的新闻和通知")
def archive_month(year: int, month: int) -> AnyResponse:
    """One month, newest first."""
    first = portal.month_of(year, month)
    rows, more = _rows({"year": year, "month": month}, month=first)
    return page("portal/month.html", "portal/_notices.html", month=first, rows=rows, next_url=more, q="", category=None)


@bp.get("/notices/<public_id>")
@public("公开的新闻和通知")
def show(public_id: str) -> AnyResponse:
    """One article; a withdrawn one says so and when."""
    session = work().session
    notice, issuer = portal.article(session, public_id)
    category = BY_KEY[notice.category]
    if notice.withdrawn_at is not None:
        return page("portal/notice.html", notice=notice, issuer=issuer, category=category, status=410)
    older, newer = portal.neighbours(session, notice)
    beside = portal.listed(session, category=notice.category, size=BESIDE + 1)
    return page(
        "portal/notice.html",
        notice=notice,
        issuer=issuer,
        category=category,
        older=older,
        newer=newer,
        beside=[row for row in beside if row.public_id != public_id][:BESIDE],
        **content(session, notice),
    )


@bp.get("/notices/<public_id>/images/<image_id>/<int:width>.webp")
@public("公开的新闻和通知的图片")
def image(public_id: str, image_id: str, width: int) -> AnyResponse:
    """One rendering of a picture, while its notice stands."""
    return picture(images.public_rendering(work().session, public_id, image_id, width), for_all=True)


@bp.get("/notices/<public_id>/files/<file_id>")
@public("公开的新闻和通知的附件")
def attachment(public_id: str, file_id: str) -> AnyResponse:
    """One attachment of a public notice that still stands."""
    session = work().session
    notice, _ = portal.article(session, public_id)
    if notice.withdrawn_at:
        raise NotFound
    return download(attachments.one(session, notice, file_id))


def _list(category: Category | None) -> AnyResponse:
    words = request.args.get("q", "").strip()[:50]
    key = category.key if category else ""
    rows, more = _rows({"key": key or None, "q": words or None}, category=key, words=words)
    here = url_for(".column", key=key) if key else url_for(".index")
    tabs = [("全部", url_for(".index"), category is None, None)]
    tabs += [(c.name, url_for(".column", key=c.key), c is category, None) for c in CATEGORIES]
    return page(
        "portal/notices.html", "portal/_notices.html", rows=rows, next_url=more, tabs=tabs, q=words, category=category,
        here=here,
    )  # fmt: skip


def _rows(kept: dict[str, Any], **wanted: Any) -> tuple[Sequence[Any], str | None]:
    """A page of rows, and the address of the next one (None: this is the last), which keeps ``kept``."""
    found = portal.listed(work().session, after=asked_after(), size=SIZE + 1, **wanted)
    return one_page(found, SIZE, lambda last: url_for(request.endpoint or "", after=last.public_id, **kept))
