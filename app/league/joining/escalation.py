"""What waits too long climbs one level by itself (逾期上报), with an entry in its history; those above are told a number."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, or_, select, tuple_, update
from sqlalchemy.orm import Session

from app.kernel.audit.models import AuditEntry
from app.kernel.audit.record import entry, record_all
from app.kernel.db.base import table_of
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

LOOKED_UP, TOGETHER = 1_000, 50
"""Applications found in one reading; those in one transaction: whoever else writes waits for one of these at most."""
DESK = "/twt/queue"
CLIMBED = "joining:request:escalate"
_KEY = tuple_(JoinRequest.org_path, JoinRequest.id)
_UP = (
    update(table_of(JoinRequest))
    .where(JoinRequest.id == bindparam("row"))
    .values(attention_path=bindparam("above"), escalated_at=bindparam("now"))
)


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
    ladder, arrived = _Ladder(work), Counter[str]()
    last = ("", 0)
    while rows := work.session.execute(_late(work).where(last < _KEY).limit(LOOKED_UP)).all():
        last = (rows[-1].org_path, rows[-1].id)
        for start in range(0, len(rows), TOGETHER):
            steps = {row.id: (row, ladder.above(row.attention_path)) for row in rows[start : start + TOGETHER]}
            named = {path: ladder.name(path) for row, above in steps.values() for path in (row.attention_path, above)}
            with writing(work.session):
                arrived.update(_climb(work, steps, named))
    _tell(work, arrived, ladder)
    return arrived.total()


class _Ladder:
    """Who stands above whom and leads there, asked once in each run: thousands wait at a few hundred places."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._heads: dict[str, list[int]] = {}
        self._names: dict[str, str] = {}

    def heads(self, path: str) -> list[int]:
        """Who leads there."""
        if path not in self._heads:
            self._heads[path] = heads_of(self._work.session, path, self._work.today)
        return self._heads[path]

    def above(self, path: str) -> str:
        """The next level up; one where nobody holds office is passed over. The province stays where it is."""
        while len(path) > PATH_STEP:
            path = path[:-PATH_STEP]
            if self.heads(path):
                return path
        return path

    def name(self, path: str) -> str | None:
        """What it is called."""
        if path not in self._names:
            self._names |= names_at(self._work.session, {path})
        return self._names.get(path)


def _late(work: Work) -> Select[int, str, str, str]:
    limit = work.now - timedelta(days=work.settings.overdue_days)
    return (
        select(JoinRequest.id, JoinRequest.public_id, JoinRequest.org_path, JoinRequest.attention_path)
        .where(WAITS, JoinRequest.submitted_at <= limit)
        .where(or_(JoinRequest.escalated_at.is_(None), JoinRequest.escalated_at <= limit))
        .order_by(JoinRequest.org_path, JoinRequest.id)
    )


def _climb(work: Work, steps: Mapping[int, tuple[Any, str]], named: Mapping[str, str | None]) -> list[str]:
    """Let those climb that are late still and where they were. Returns the paths at which they wait now."""
    still = work.session.execute(_late(work).where(JoinRequest.id.in_(steps)).with_for_update(skip_locked=True)).all()
    rows = [(row, steps[row.id][1]) for row in still if row.attention_path == steps[row.id][0].attention_path]
    if rows:
        work.session.execute(_UP, [{"row": row.id, "above": above, "now": work.now} for row, above in rows])
    climbed = [(row, above) for row, above in rows if above != row.attention_path]
    entries = [
        entry(
            work,
            CLIMBED,
            "join_request",
            row.public_id,
            org_path=row.org_path,
            changes={"organisation": (named[row.attention_path], named[above])},
        )
        for row, above in climbed
    ]
    record_all(work, entries)
    return [above for _, above in climbed]


def _tell(work: Work, arrived: Counter[str], ladder: _Ladder) -> None:
    """A number a day at most to each head, never a message per form."""
    told = [(account_id, number) for path, number in sorted(arrived.items()) for account_id in ladder.heads(path)]
    for start in range(0, len(told), TOGETHER):
        with writing(work.session):
            for account_id, number in told[start : start + TOGETHER]:
                body = f"有 {number} 份申请超过 {work.settings.overdue_days} 天没有人处理，已上报到您这一级。"
                tell(work, account_id, f"overdue:{account_id}:{work.today}", "有申请等了很久", body, link=DESK)
