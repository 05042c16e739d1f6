"""Reading the audit, inside a scope and by key."""

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, func, literal, select
from sqlalchemy.orm import Session, aliased

from app.kernel.access.scope import Scope
from app.kernel.audit.models import AuditEntry
from app.kernel.clock import SHANGHAI
from app.kernel.db.types import PATH_STEP

_ANY = aliased(AuditEntry)
LATELY = 4_000
"""Entries among which those of a city or a university are looked for first: all its hundred thousands are not sorted."""


def entries(
    scope: Scope,
    session: Session,
    *,
    who: str = "",
    action: str = "",
    day: date | None = None,
    after: int | None = None,
    size: int = 50,
) -> list[AuditEntry]:
    """What was done inside the scope, the newest first.

    ``who``: the actor's whole name. ``action``: one declared tag. ``day``: a calendar day in Asia/Shanghai.
    ``after``: the id of the last entry shown.
    """
    ids = select(AuditEntry.id)
    if who:
        ids = ids.where(AuditEntry.actor_name == who)
    if action:
        ids = ids.where(AuditEntry.action == action)
    if day:
        begin = datetime.combine(day, time(), SHANGHAI).astimezone(UTC)
        ids = ids.where(AuditEntry.at >= begin, AuditEntry.at < begin + timedelta(days=1))
    if after is not None:
        ids = ids.where(AuditEntry.id < after)
    top = scope.subtree
    if top and len(top) == PATH_STEP:
        return _latest(session, ids.where(_walked(top)), size)
    if top and len(top) == 2 * PATH_STEP:
        newest = select(func.max(_ANY.id) + 1).scalar_subquery() if after is None else literal(after)
        found = _latest(session, ids.where(_walked(top), AuditEntry.id >= newest - LATELY), size)
        if len(found) == size:
            return found
    # The latest are found in the index by place, which knows their ids; only those that are shown are read.
    return _latest(session, ids.where(scope.within(AuditEntry.org_path)), size)


def _latest(session: Session, ids: Select[int], size: int) -> list[AuditEntry]:
    latest = ids.order_by(AuditEntry.id.desc()).limit(size).subquery()
    query = select(AuditEntry).join(latest, latest.c.id == AuditEntry.id)
    return list(session.scalars(query.order_by(AuditEntry.id.desc())))


def _walked(top: str) -> ColumnElement[bool]:
    """Inside the subtree ``top``, so that entries are visited by their ids: of a large subtree there are many lately."""
    return func.substr(AuditEntry.org_path, 1, len(top)) == top


def count_of(scope: Scope, session: Session, action: str, since: datetime, *, but: int, most: int = 99) -> int:
    """How often ``action`` was done inside the scope since then by others than the account ``but``, up to ``most``.

    The action stands in the statement in words: SQLite takes a partial index only for words it can compare.
    """
    some = (
        select(AuditEntry.id)
        .where(scope.within(AuditEntry.org_path), AuditEntry.action == literal(action, literal_execute=True))
        .where(AuditEntry.at >= since, AuditEntry.actor_account_id != but)
        .limit(most)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(some)) or 0
