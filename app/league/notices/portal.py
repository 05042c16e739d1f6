"""What everyone may read: the front page, the columns, the archive, one article with its neighbours."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, literal, or_, select, tuple_, union_all
from sqlalchemy.orm import Session

from app.kernel.clock import SHANGHAI, local
from app.kernel.errors import NotFound
from app.league.notices.categories import CATEGORIES, NEWS
from app.league.notices.models import Audience, Notice, NoticeImage, NoticeState
from app.league.organisations.models import Organisation

LEAD_LASTS = timedelta(days=14)
"""A notice marked 头条 leads the front page so long, or until a newer one is marked."""
PUBLIC = and_(Notice.state == NoticeState.PUBLISHED, Notice.audience == Audience.PORTAL)
COLUMNS = (
    Notice.public_id,
    Notice.title,
    Notice.summary,
    Notice.category,
    Notice.document_number,
    Notice.source,
    Notice.pinned,
    Notice.published_at,
    Organisation.name.label("issuer"),
    NoticeImage.public_id.label("cover"),
    NoticeImage.alt.label("cover_alt"),
    NoticeImage.width.label("cover_width"),
    NoticeImage.height.label("cover_height"),
    NoticeImage.widths.label("cover_widths"),
)
_COVER = and_(NoticeImage.notice_id == Notice.id, NoticeImage.cover)


@dataclass(frozen=True)
class Front:
    """The front page: the lead (None: nothing yet), each column's newest without it, when something last came."""

    lead: Any | None
    columns: dict[str, list[Any]]
    updated: datetime | None


def cards(*more: Any) -> Any:
    """Public notices as rows of COLUMNS (and ``more``), in no order yet."""
    return (
        select(*COLUMNS, *more)
        .join(Organisation, Organisation.id == Notice.issuer_id)
        .outerjoin(NoticeImage, _COVER)
        .where(PUBLIC)
    )


def front(session: Session, now: datetime, size: int = 8) -> Front:
    """The front page in one statement; ``size`` rows a column, the pinned first.

    The lead is the newest notice marked 头条 within LEAD_LASTS; without one, the newest of 要闻.
    """
    marked = cards(literal("0-marked").label("place")).where(Notice.lead, Notice.published_at > now - LEAD_LASTS)
    newest = cards(literal("1-newest").label("place")).where(Notice.category == NEWS)
    parts = [_first(query, 1) for query in (marked, newest)]
    for category in CATEGORIES:
        of_column = cards(literal(category.key).label("place")).where(Notice.category == category.key)
        parts.append(_first(of_column, size + 1, Notice.pinned.desc()))
    rows = session.execute(union_all(*parts)).all()
    leads = sorted((row for row in rows if row.place[1] == "-"), key=lambda row: row.place)
    lead = leads[0] if leads else None
    columns = {}
    for category in CATEGORIES:
        own = [row for row in rows if row.place == category.key and (lead is None or row.public_id != lead.public_id)]
        own.sort(key=lambda row: (row.pinned, row.published_at), reverse=True)
        columns[category.key] = own[:size]
    return Front(lead, columns, max((row.published_at for row in rows), default=None))


def listed(
    session: Session, *, category: str = "", words: str = "", month: date | None = None, after: str | None = None,
    size: int = 20,
) -> list[Any]:  # fmt: skip
    """Public notices, newest first, following the one with public id ``after``.

    ``words`` must all occur; ``month``: its first day, on the calendar of Asia/Shanghai. Rows also hold ``body_text``.
    """
    query = cards(Notice.body_text, Notice.updated_at).where(*_containing(words))
    if category:
        query = query.where(Notice.category == category)
    if month:
        query = query.where(Notice.published_at >= _midnight(month), Notice.published_at < _midnight(_next(month)))
    if after:
        place = select(Notice.published_at, Notice.id).where(Notice.public_id == after, PUBLIC)
        if last := session.execute(place).one_or_none():
            query = query.where(tuple_(Notice.published_at, Notice.id) < tuple_(*last))
    return list(session.execute(query.order_by(Notice.published_at.desc(), Notice.id.desc()).limit(size)))


def months(session: Session) -> dict[int, list[tuple[int, int]]]:
    """The archive: year → (month, how many), both newest first. Months without anything are left out."""
    moments = session.scalars(select(Notice.published_at).where(PUBLIC)).all()
    counted = Counter((day.year, day.month) for day in (local(moment) for moment in moments if moment))
    found: dict[int, list[tuple[int, int]]] = {}
    for (year, month), count in sorted(counted.items(), reverse=True):
        found.setdefault(year, []).append((month, count))
    return found


def month_of(year: int, month: int) -> date:
    """The first day of a month of the archive. Raises NotFound for what is no month."""
    if not (2000 <= year <= 2999 and 1 <= month <= 12):
        raise NotFound
    return date(year, month, 1)


def article(session: Session, public_id: str) -> tuple[Notice, str]:
    """A public notice, published or withdrawn, with its issuer's name. Raises NotFound."""
    row = session.execute(
        select(Notice, Organisation.name)
        .join(Organisation, Organisation.id == Notice.issuer_id)
        .where(Notice.public_id == public_id, Notice.audience == Audience.PORTAL)
        .where(Notice.state.in_((NoticeState.PUBLISHED, NoticeState.WITHDRAWN)))
    ).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1]


def neighbours(session: Session, notice: Notice) -> tuple[Any | None, Any | None]:
    """The notices before and after one in its column, by time: (older, newer), None at the ends."""
    here = tuple_(Notice.published_at, Notice.id)
    this = tuple_(notice.published_at, notice.id)
    beside = select(Notice.public_id, Notice.title, Notice.published_at).where(
        PUBLIC, Notice.category == notice.category
    )
    older = beside.where(here < this).order_by(Notice.published_at.desc(), Notice.id.desc()).limit(1)
    newer = beside.where(here > this).order_by(Notice.published_at, Notice.id).limit(1)
    return session.execute(older).one_or_none(), session.execute(newer).one_or_none()


def _first(query: Any, size: int, *before: ColumnElement[Any]) -> Any:
    part = query.order_by(*before, Notice.published_at.desc(), Notice.id.desc()).limit(size).subquery()
    return select(part)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def _next(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _containing(words: str) -> list[ColumnElement[bool]]:
    return [
        or_(Notice.title.icontains(word, autoescape=True), Notice.body_text.icontains(word, autoescape=True))
        for word in words.split()[:5]
    ]
