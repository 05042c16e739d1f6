"""What nobody needs any more: spent counters, old form keys, messages long sent, jobs long done."""

from datetime import timedelta

from sqlalchemy import Delete, delete, select, tuple_

from app.kernel.db.unit import let_go, writing
from app.kernel.jobs.models import Job, JobState
from app.kernel.jobs.periodic import periodic
from app.kernel.limits import DAY, LimitCounter
from app.kernel.once import DoneForm
from app.kernel.outbox.models import OutboxMessage
from app.kernel.work import Work

FORMS_FOR = timedelta(days=2)
MESSAGES_FOR = timedelta(days=90)
JOBS_FOR = timedelta(days=90)
LOOKED_UP, TOGETHER = 20_000, 500
"""Rows found in one reading; rows that go in one transaction. The day after a campus evening half a million go."""


@periodic("kernel.prune", every=timedelta(hours=1))
def prune(work: Work) -> int:
    """Delete it. Returns how many rows went."""
    ended = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)
    over = LimitCounter.started + LimitCounter.window < int(work.now.timestamp()) - DAY
    left = OutboxMessage.sent_at.is_not(None) | OutboxMessage.cancelled_at.is_not(None)
    statements = (
        delete(LimitCounter).where(over),
        delete(DoneForm).where(DoneForm.at < work.now - FORMS_FOR),
        delete(OutboxMessage).where(left, OutboxMessage.created_at < work.now - MESSAGES_FOR),
        delete(Job).where(Job.state.in_(ended), Job.created_at < work.now - JOBS_FOR),
    )
    return sum(sweep(work, statement) for statement in statements)


def sweep(work: Work, statement: Delete, *, together: int = TOGETHER) -> int:
    """Do what a DELETE says, ``together`` rows in each transaction, so that nobody waits long for the writer's turn.

    Call outside of a transaction. Returns how many rows went.
    """
    table = statement.table
    keys = tuple(table.primary_key)
    key = keys[0] if len(keys) == 1 else tuple_(*keys)
    assert statement.whereclause is not None
    doomed = select(*keys).where(statement.whereclause).limit(LOOKED_UP)
    gone = 0
    while found := [row[0] if len(keys) == 1 else tuple(row) for row in work.session.execute(doomed)]:
        before = gone
        for start in range(0, len(found), together):
            these = statement.where(key.in_(found[start : start + together]))
            with writing(work.session):
                done = work.session.execute(these.execution_options(synchronize_session=False))
                gone += done.rowcount  # type: ignore[attr-defined]
        if len(found) < LOOKED_UP or gone == before:
            break
    let_go(work.session)
    return gone
