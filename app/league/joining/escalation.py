"""What waits too long climbs one level by itself (逾期上报), with an entry in its history; those above are told a number."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from app.kernel.audit.models import AuditEntry
from app.kernel.audit.record import entry, record_all
from app.kernel.db.types import PATH_STEP
from app.kernel.db.unit import writing
from app.kernel.jobs.periodic import periodic
from app.kernel.work import Work
from app.league.accounts.messages import tell
from app.league.appointments.queries import heads_of
from app.league.joining import events as events
from app.league.joining.models import JoinRequest
from app.league.joining.queries import WAITS
from app.league.organisations.queries import names_at

BATCH = 500
DESK = "/twt/queue"
CLIMBED = "joining:request:escalate"


class Climb(NamedTuple):
    """One level up. ``to``: the name of the organisation it was passed to."""

    at: datetime
    to: str


def climbs(session: Session, request: JoinRequest) -> list[Climb]:
    """How an application the caller may see climbed since it was last sent, the first time first."""
    query = (
        select(AuditEntry.at, AuditEntry.changes)
        .where(AuditEntry.object_type == "join_request", AuditEntry.object_id == request.public_id)
        .where(AuditEntry.action == CLIMBED, AuditEntry.at >= request.submitted_at)
        .order_by(AuditEntry.id)
    )
    return [
        Climb(at, (changes or {}).get("organisation", ["", ""])[1] or "上级") for at, changes in session.execute(query)
    ]


@periodic("joining.escalate", every=timedelta(hours=1))
def escalate_overdue(work: Work) -> int:
    """Let every overdue application climb one level. Returns how many climbed. Opens its own transactions."""
    climbed = 0
    arrived: Counter[str] = Counter()
    looked = BATCH
    while looked == BATCH:
        looked, batch = _climb(work)
        climbed += len(batch)
        arrived.update(batch)
    with writing(work.session):
        _tell(work, arrived)
    return climbed


def _climb(work: Work) -> tuple[int, list[str]]:
    """One batch. Returns how many were looked at, and the paths at which those that climbed now wait."""
    limit = work.now - timedelta(days=work.settings.overdue_days)
    late = (
        select(JoinRequest.id, JoinRequest.public_id, JoinRequest.org_path, JoinRequest.attention_path)
        .where(WAITS, JoinRequest.submitted_at <= limit)
        .where(or_(JoinRequest.escalated_at.is_(None), JoinRequest.escalated_at <= limit))
        .order_by(JoinRequest.org_path, JoinRequest.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    entries: list[dict[str, Any]] = []
    arrived: list[str] = []
    names: dict[str, str] = {}
    with writing(work.session):
        rows = work.session.execute(late).all()
        for row in rows:
            above = _above(work, row.attention_path)
            work.session.execute(
                update(JoinRequest)
                .where(JoinRequest.id == row.id)
                .values(attention_path=above, escalated_at=work.now)
                .execution_options(synchronize_session=False)
            )
            if above != row.attention_path:
                arrived.append(above)
                if missing := {row.attention_path, above} - names.keys():
                    names |= names_at(work.session, missing)
                entries.append(
                    entry(
                        work,
                        CLIMBED,
                        "join_request",
                        row.public_id,
                        org_path=row.org_path,
                        changes={"organisation": (names.get(row.attention_path), names.get(above))},
                    )
                )
        record_all(work, entries)
    return len(rows), arrived


def _above(work: Work, path: str) -> str:
    """The next level up; one where nobody holds office is passed over. The province stays where it is."""
    while len(path) > PATH_STEP:
        path = path[:-PATH_STEP]
        if heads_of(work.session, path, work.today):
            return path
    return path


def _tell(work: Work, arrived: Counter[str]) -> None:
    """A number a day at most to each head, never a message per form."""
    for path, number in sorted(arrived.items()):
        for account_id in heads_of(work.session, path, work.today):
            body = f"有 {number} 份申请超过 {work.settings.overdue_days} 天没有人处理，已上报到您这一级。"
            key = f"overdue:{account_id}:{work.today}"
            tell(work, account_id, key, "有申请等了很久", body, link=DESK)
