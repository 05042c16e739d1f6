"""What nobody needs any more: spent counters, old form keys, messages long sent, jobs long done."""

from datetime import timedelta

from sqlalchemy import Delete, delete

from app.kernel.db.unit import writing
from app.kernel.jobs.models import Job, JobState
from app.kernel.jobs.periodic import periodic
from app.kernel.limits import DAY, LimitCounter
from app.kernel.once import DoneForm
from app.kernel.outbox.models import OutboxMessage
from app.kernel.work import Work

FORMS_FOR = timedelta(days=2)
MESSAGES_FOR = timedelta(days=90)
JOBS_FOR = timedelta(days=90)


@periodic("kernel.prune", every=timedelta(hours=1))
def prune(work: Work) -> int:
    """Delete it, each table in a transaction of its own. Returns how many rows went."""
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


def sweep(work: Work, statement: Delete) -> int:
    """Run one DELETE as a transaction. Returns how many rows went."""
    with writing(work.session):
        done = work.session.execute(statement.execution_options(synchronize_session=False))
        return int(done.rowcount)  # type: ignore[attr-defined]
