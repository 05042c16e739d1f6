"""What a batch no longer needs goes, a little in each transaction: the file once it is read, the rows once all is over."""

from datetime import timedelta

from sqlalchemy import delete, or_, select

from app.kernel.db.unit import writing
from app.kernel.jobs.periodic import periodic
from app.kernel.pruning import sweep
from app.kernel.work import Work
from app.league.imports.models import ImportBatch, ImportPart, ImportRow, Stage
from app.league.imports.operations import KEPT_FOR

PARTS_AT_ONCE = 8
"""Pieces of a file: what is deleted is overwritten, which takes its time."""


def forget_file(work: Work, batch_id: int) -> None:
    """Delete the file; its rows are kept, or it could not be read."""
    sweep(work, delete(ImportPart).where(ImportPart.batch_id == batch_id), together=PARTS_AT_ONCE)


def forget(work: Work, batch_id: int) -> None:
    """Delete the file and the rows of a batch that nobody can go on with; what remains are its counts."""
    forget_file(work, batch_id)
    sweep(work, delete(ImportRow).where(ImportRow.batch_id == batch_id))
    with writing(work.session):
        work.session.get_one(ImportBatch, batch_id).emptied_at = work.now


@periodic("imports.empty", every=timedelta(minutes=15))
def empty(work: Work) -> int:
    """Forget batches older than a month, thrown away or refused, as far as it is not done. Returns how many."""
    over = or_(ImportBatch.created_at <= work.now - KEPT_FOR, ImportBatch.stage.in_((Stage.DROPPED, Stage.REFUSED)))
    found = list(work.session.scalars(select(ImportBatch.id).where(over, ImportBatch.emptied_at.is_(None))))
    for batch_id in found:
        forget(work, batch_id)
    return len(found)
