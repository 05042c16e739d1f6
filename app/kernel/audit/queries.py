"""Reading the audit, inside a scope and by key."""

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, func, literal, select
from sqlalchemy.orm import Session

from app.kernel.access.scope import Scope
from app.kernel.audit.models import AuditEntry
from app.kernel.clock import SHANGHAI
from app.kernel.db.types import PATH_STEP


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
    ids = select(AuditEntry.id).where(_inside(scope))
    if who:
        ids = ids.where(AuditEntry.actor_name == who)
    if action:
        ids = ids.where(AuditEntry.action == action)
    if day:
        begin = datetime.combine(day, time(), SHANGHAI).astimezone(UTC)
        ids = ids.where(AuditEntry.at >= begin, AuditEntry.at < begin + timedelta(days=1))
    if after is not None:
        ids = ids.where(AuditEntry.id < after)
    # The latest are found in the index by place, which knows their ids; only those that are shown are read.
    latest = ids.order_by(AuditEntry.id.desc()).limit(size).subquery()
    query = select(AuditEntry).join(latest, latest.c.id == AuditEntry.id)
    return list(session.scalars(query.order_by(AuditEntry.id.desc())))


def _inside(scope: Scope) -> ColumnElement[bool]:
    """``scope.within``; for the whole province so that nothing is sorted by place: nearly every entry is inside."""
    top = scope.subtree
    if top and len(top) == PATH_STEP:
        return func.substr(AuditEntry.org_path, 1, PATH_STEP) == top
    return scope.within(AuditEntry.org_path)


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
