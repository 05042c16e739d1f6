"""“王老师正在看这一条”: a row per reviewer that expires by itself. Advice; a decision never asks it."""

from datetime import timedelta

from sqlalchemy import bindparam, delete, select

from app.kernel.db import reading
from app.kernel.db.unit import upsert
from app.kernel.jobs.periodic import periodic
from app.kernel.pruning import sweep
from app.kernel.work import Work
from app.league.accounts.models import Account
from app.league.joining.models import JoinRequest, Presence

BEAT = timedelta(seconds=20)
LASTS = timedelta(seconds=45)
"""Two beats and a little: one that is lost on a bad line does not make somebody vanish."""
FRESH = timedelta(seconds=15)
"""A row younger than this is not written again."""

_OTHERS = (
    select(Account.name)
    .join(Presence, Presence.account_id == Account.id)
    .where(Presence.request_id == bindparam("request"), Presence.account_id != bindparam("account"))
    .where(Presence.seen_at > bindparam("since"))
    .order_by(Account.name)
    .limit(5)
)


def is_fresh(work: Work, account_id: int, request: JoinRequest) -> bool:
    """Whether the reviewer's row already says so: nothing needs to be written."""
    row = work.session.execute(
        select(Presence.request_id, Presence.seen_at).where(Presence.account_id == account_id)
    ).one_or_none()
    return row is not None and row.request_id == request.id and row.seen_at > work.now - FRESH


def note(work: Work, account_id: int, request: JoinRequest) -> None:
    """Write that the reviewer has ``request`` open: one row, the same one every time."""
    values = {"request_id": request.id, "seen_at": work.now}
    statement = upsert(work.session, Presence.__table__).values(account_id=account_id, **values)  # type: ignore[arg-type]
    work.session.execute(statement.on_conflict_do_update(index_elements=["account_id"], set_=values))


def others(work: Work, account_id: int, request: JoinRequest) -> list[str]:
    """The names of those who have it open besides ``account_id``, by name."""
    since = work.now - LASTS
    found = reading.rows(work.session, _OTHERS, request=request.id, account=account_id, since=since)
    return [name for (name,) in found]


@periodic("joining.presence", every=timedelta(hours=1))
def prune(work: Work) -> int:
    """Delete what nobody reads any more. Returns how many rows went."""
    return sweep(work, delete(Presence).where(Presence.seen_at < work.now - LASTS))
