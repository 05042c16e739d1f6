"""What programs read: RSS 2.0, Atom, the map of the site for search engines, and what they should leave alone."""

import re
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from xml.etree import ElementTree as Xml  # only written here, never read

from flask import Blueprint, Response, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.access.gates import public
from app.kernel.clock import local
from app.kernel.errors import NotFound
from app.league.notices import portal
from app.league.notices.categories import BY_KEY, CATEGORIES, Category
from app.surfaces.portal.caching import keep_a_minute
from app.surfaces.web.house import house, work

bp = Blueprint("feeds", __name__)
bp.after_request(keep_a_minute)
SIZE = 30
MOST_ADDRESSES = 5000
TITLE = "山西青年网"
ATOM = "http://www.w3.org/2005/Atom"
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot carry even escaped (section 2.2)."""
PRIVATE = ("/twt", "/jia", "/inbox", "/login", "/logout", "/reset", "/guardian", "/demo", "/out", "/search")
Xml.register_namespace("atom", ATOM)


@bp.get("/feed.xml")
@public("订阅")
def rss() -> AnyResponse:
    """Everything as RSS 2.0."""
    return _rss(None)


@bp.get("/atom.xml")
@public("订阅")
def atom() -> AnyResponse:
    """Everything as Atom."""
    return _atom(None)


@bp.get("/columns/<key>/feed.xml")
@public("订阅")
def column_rss(key: str) -> AnyResponse:
    """One column as RSS 2.0."""
    return _rss(_column(key))


@bp.get("/columns/<key>/atom.xml")
@public("订阅")
def column_atom(key: str) -> AnyResponse:
    """One column as Atom."""
    return _atom(_column(key))


@bp.get("/sitemap.xml")
@public("网站地图")
def sitemap() -> AnyResponse:
    """Every public page, for search engines (sitemaps.org 0.9)."""
    root = Xml.Element("urlset", xmlns=SITEMAP)
    pages = [url_for(f"home.{name}") for name in ("index", "organisations_index", "help_page", "privacy")]
    pages += [url_for("notices.column", key=category.key) for category in CATEGORIES]
    for path in pages:
        _add(_add(root, "url"), "loc", _absolute(path))
    for row in portal.listed(work().session, size=MOST_ADDRESSES):
        entry = _add(root, "url")
        _add(entry, "loc", _address(row))
        _add(entry, "lastmod", _iso(row.published_at))
    return _answer(root, "application/xml")


@bp.get("/robots.txt")
@public("给搜索引擎的说明")
def robots() -> AnyResponse:
    """What search engines should leave alone: everything personal."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in PRIVATE), "", f"Sitemap: {_absolute('/sitemap.xml')}"]
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


def _rss(category: Category | None) -> Response:
    root = Xml.Element("rss", version="2.0")
    channel = _add(root, "channel")
    _add(channel, "title", _title(category))
    _add(channel, "link", _absolute(_home(category)))
    _add(channel, "description", category.about if category else "山西共青团的新闻和通知")
    _add(channel, "language", "zh-cn")
    rows = _rows(category)
    if rows:
        _add(channel, "lastBuildDate", format_datetime(local(rows[0].published_at)))
    own = url_for(".column_rss", key=category.key) if category else url_for(".rss")
    _add(channel, f"{{{ATOM}}}link", rel="self", type="application/rss+xml", href=_absolute(own))
    for row in rows:
        item = _add(channel, "item")
        _add(item, "title", row.title)
        _add(item, "link", _address(row))
        _add(item, "guid", _address(row), isPermaLink="true")
        _add(item, "pubDate", format_datetime(local(row.published_at)))
        _add(item, "category", BY_KEY[row.category].name)
        _add(item, "description", row.summary)
    return _answer(root, "application/rss+xml")


def _atom(category: Category | None) -> Response:
    own = _absolute(url_for(".column_atom", key=category.key) if category else url_for(".atom"))
    rows = _rows(category)
    root = Xml.Element("feed", xmlns=ATOM)
    _add(root, "title", _title(category))
    _add(root, "id", own)
    _add(root, "updated", _iso(rows[0].published_at if rows else datetime(2016, 1, 1, tzinfo=UTC)))
    _add(root, "link", rel="self", type="application/atom+xml", href=own)
    _add(root, "link", rel="alternate", type="text/html", href=_absolute(_home(category)))
    for row in rows:
        entry = _add(root, "entry")
        _add(entry, "title", row.title)
        _add(entry, "id", _address(row))
        _add(entry, "link", rel="alternate", type="text/html", href=_address(row))
        _add(entry, "published", _iso(row.published_at))
        _add(entry, "updated", _iso(row.published_at))
        _add(_add(entry, "author"), "name", row.source or row.issuer)
        _add(entry, "category", term=BY_KEY[row.category].name)
        _add(entry, "summary", row.summary)
    return _answer(root, "application/atom+xml")


def _rows(category: Category | None) -> list[Any]:
    return portal.listed(work().session, category=category.key if category else "", size=SIZE)


def _column(key: str) -> Category:
    if key not in BY_KEY:
        raise NotFound
    return BY_KEY[key]


def _title(category: Category | None) -> str:
    return f"{TITLE} · {category.name}" if category else TITLE


def _home(category: Category | None) -> str:
    return url_for("notices.column", key=category.key) if category else url_for("home.index")


def _address(row: Any) -> str:
    return _absolute(url_for("notices.show", public_id=row.public_id))


def _absolute(path: str) -> str:
    return house().settings.public_origin.rstrip("/") + path


def _iso(moment: datetime) -> str:
    return local(moment).isoformat(timespec="seconds")


def _add(parent: Xml.Element, name: str, text: str = "", **attributes: str) -> Xml.Element:
    element = Xml.SubElement(parent, name, attributes)
    if text:
        element.text = NOT_XML.sub("", text)
    return element


def _answer(root: Xml.Element, media_type: str) -> Response:
    body = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return Response(body, content_type=f"{media_type}; charset=utf-8")
