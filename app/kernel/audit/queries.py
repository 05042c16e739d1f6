"""Reading the audit, inside a scope and by key."""

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.kernel.access.scope import Scope
from app.kernel.audit.models import AuditEntry
from app.kernel.clock import SHANGHAI


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
    query: Select[AuditEntry] = select(AuditEntry).where(scope.within(AuditEntry.org_path))
    if who:
        query = query.where(AuditEntry.actor_name == who)
    if action:
        query = query.where(AuditEntry.action == action)
    if day:
        begin = datetime.combine(day, time(), SHANGHAI).astimezone(UTC)
        query = query.where(AuditEntry.at >= begin, AuditEntry.at < begin + timedelta(days=1))
    if after is not None:
        query = query.where(AuditEntry.id < after)
    return list(session.scalars(query.order_by(AuditEntry.id.desc()).limit(size)))


def count_of(scope: Scope, session: Session, action: str, since: datetime, *, but: int, most: int = 99) -> int:
    """How often ``action`` was done inside the scope since then by others than the account ``but``, up to ``most``."""
    some = (
        select(AuditEntry.id)
        .where(scope.within(AuditEntry.org_path), AuditEntry.action == action)
        .where(AuditEntry.at >= since, AuditEntry.actor_account_id != but)
        .limit(most)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(some)) or 0
