"""What every template may use."""

from datetime import date, datetime
from typing import Any

from flask import Flask, g, request, url_for
from markupsafe import Markup
from sqlalchemy import Integer, bindparam, select

from app.kernel.access.rules import ROLE_NAMES
from app.kernel.access.viewer import Viewer
from app.kernel.clock import local
from app.kernel.db import reading
from app.kernel.jobs import queries as tasks
from app.kernel.masking import mask_id_number, mask_name, mask_phone
from app.league.accounts import messages
from app.league.notices import queries as notices
from app.league.notices.categories import CATEGORIES
from app.league.notices.sanitise import for_reading
from app.surfaces.portal import marking
from app.surfaces.portal.help_texts import BY_KEY
from app.surfaces.portal.weight import FIRST_VISIT
from app.surfaces.qingchun.state import my_request
from app.surfaces.tuanwutong.navigation import navigation
from app.surfaces.web import pictures
from app.surfaces.web.house import house, viewer, work


def init_app(app: Flask) -> None:
    """Give templates of ``app`` their common values and filters."""
    app.context_processor(_common)
    app.jinja_env.globals.update(
        columns=CATEGORIES,
        answers_by_key=BY_KEY,
        column_names={c.key: c.name for c in CATEGORIES},
        site=app.extensions["house"].settings,
        measured=FIRST_VISIT,
    )
    app.jinja_env.filters.update(
        local=local,
        moment=lambda value: local(value).strftime("%Y-%m-%d %H:%M") if value else "",
        day=day,
        term=term,
        role_name=ROLE_NAMES.get,
        rich=rich,
        pieces=marking.pieces,
        excerpt=marking.excerpt,
        mask_name=mask_name,
        mask_phone=mask_phone,
        mask_id_number=mask_id_number,
    )
    app.jinja_env.globals.update(spark=pictures.spark, chart=pictures.chart)


def day(value: date | datetime | None) -> str:
    """A day as it is spoken; nothing for none."""
    return f"{value.year}年{value.month}月{value.day}日" if value else ""


def term(days: tuple[date, date | None]) -> Markup:
    """From when to when somebody holds a post; a line never ends inside a day."""
    first, last = days
    return Markup('<span class="nowrap">{}</span> 至 <span class="nowrap">{}</span>').format(
        day(first), day(last) or "未定"
    )


def rich(kept: str) -> Markup:
    """Kept rich text, cleaned once more at reading."""
    return Markup(for_reading(kept, request.host))  # noqa: S704 — this is the one place that may, after the cleaner


_ACCOUNT = bindparam("account", type_=Integer)
_COUNTS = (messages.unread_query(_ACCOUNT), tasks.unseen(_ACCOUNT))
_NOTICES = notices.unread_query(_ACCOUNT, bindparam("posts", expanding=True), bindparam("homes", expanding=True))
_YOUTH_NEWS = select(*(count.scalar_subquery() for count in _COUNTS))
_STAFF_NEWS = select(*(count.scalar_subquery() for count in (*_COUNTS, _NOTICES)))
"""Asked on every page, so they are made once."""


def _news(who: Viewer | None) -> tuple[int, int, int]:
    """What the head tells of: unread messages, tasks that ended since one looked, unread notices. One statement."""
    if who is None:
        return 0, 0, 0
    here = work()
    if not who.is_staff:
        [(unread, ended)] = reading.rows(here.session, _YOUTH_NEWS, account=who.account_id)
        return unread, ended, 0
    posts, homes = notices.reached(here)
    [row] = reading.rows(here.session, _STAFF_NEWS, account=who.account_id, posts=posts, homes=homes)
    return row[0], row[1], row[2]


def _common() -> dict[str, Any]:
    who = viewer()
    large = request.cookies.get("text") == "large"
    unread, tasks_ended, unread_notices = _news(who)
    return {
        "viewer": who,
        "unread": unread,
        "tasks_ended": tasks_ended,
        "navigation": navigation(who, unread_notices) if who and who.is_staff else "",
        "acting_url": url_for("desk.act_under") if who and len(who.posts) > 1 else None,
        "my_request": my_request,
        "demo": house().settings.demonstration,
        "now": house().clock.now(),
        "text_size": "large" if large else "normal",
        "request_id": g.get("request_id", ""),
        "is_htmx": request.headers.get("HX-Request") == "true",
    }
