"""The last steps of a batch: put in, and taken back if need be."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select, update

from app.kernel.audit.record import record
from app.kernel.db.base import table_of
from app.kernel.work import Work
from app.league.imports import strangers
from app.league.imports.ground import Ground
from app.league.imports.models import ImportBatch, ImportRow, Stage
from app.league.imports.operations import (
    AS_UPLOADED,
    FEW,
    PUT,
    PUTTABLE,
    SORTS,
    TAKE_BACK,
    Ready,
    check_some,
    counted,
    hold,
    judge,
    leave,
    read_ahead,
    sealed_note,
    top_of,
)

TOGETHER = 200
"""Rows put in within one transaction: whoever else writes waits for one of these at the longest."""
_DONE = (
    update(table_of(ImportRow))
    .where(ImportRow.batch_id == bindparam("of"), ImportRow.number == bindparam("row"))
    .values(put=True, target=bindparam("made"), left_at=bindparam("left"))
)


def start(work: Work, batch: ImportBatch, *, version: int) -> None:
    """Put the good rows in; few of them at once. Raises Conflict when somebody else has begun."""
    hold(work, batch, version, Stage.PREVIEW, Stage.DONE)
    batch.stage = Stage.PUTTING
    waiting = sum(batch.counts.get(verdict.value, 0) for verdict in PUTTABLE) - batch.counts.get("put", 0)
    if waiting > FEW:
        leave(work, batch, PUT)
        return
    ground = Ground(work.session, top_of(work, batch))
    rows = waiting_rows(work, batch)
    put_some(work, batch, ground, read_ahead(work, batch, ground, rows))
    end_put(work, batch)


def waiting_rows(work: Work, batch: ImportBatch, *, most: int | None = None) -> Sequence[Any]:
    """Good rows that are not in yet, in their order."""
    query = select(*AS_UPLOADED).where(
        ImportRow.batch_id == batch.id, ImportRow.number > batch.heading, ImportRow.put.is_(False)
    )
    return work.session.execute(
        query.where(ImportRow.verdict.in_(PUTTABLE)).order_by(ImportRow.number).limit(most)
    ).all()


def put_some(work: Work, batch: ImportBatch, ground: Ground, ready: Ready) -> None:
    """Judge the rows once more, as things are now, and put in what is still good; or say in ``problem`` why nothing goes."""
    found = judge(work, batch, ground, ready)
    judged = [one.truth or one for one in found]
    batch.problem = strangers.halt(work, batch, sum(one.odd for one in found))
    if batch.problem:
        return
    check_some(work, batch, ready.rows, judged)
    done = SORTS[batch.sort].put(work, ground, list(zip(ready.lines, judged, strict=True)))
    if done:
        work.session.execute(
            _DONE, [{"of": batch.id, "row": put.number, "made": put.target, "left": put.version} for put in done]
        )


def end_put(work: Work, batch: ImportBatch) -> None:
    """What could be put in is in, or it was stopped: show the result."""
    batch.counts = counted(work, batch)
    batch.stage, batch.job_id, batch.ended_at = Stage.DONE, "", work.now
    batch.version += 1
    work.session.flush()
    record(
        work, "imports:batch:put", "import", batch.public_id,
        org_path=batch.org_path, changes={"rows": (None, batch.counts["put"])},
    )  # fmt: skip


def take_back(work: Work, batch: ImportBatch, *, version: int) -> None:
    """Undo what the batch did, row by row, as far as nobody has touched it since. Raises Conflict."""
    hold(work, batch, version, Stage.DONE)
    batch.stage = Stage.TAKING_BACK
    if batch.counts.get("put", 0) > FEW:
        leave(work, batch, TAKE_BACK)
        return
    back_some(work, batch, Ground(work.session, top_of(work, batch)), list(put_rows(work, batch, after=0)))
    end_back(work, batch)


def put_rows(work: Work, batch: ImportBatch, *, after: int, most: int | None = None) -> Sequence[ImportRow]:
    """Rows that are in, in their order."""
    query = select(ImportRow).where(ImportRow.batch_id == batch.id, ImportRow.put.is_(True), ImportRow.number > after)
    return work.session.scalars(query.order_by(ImportRow.number).limit(most)).all()


def back_some(work: Work, batch: ImportBatch, ground: Ground, rows: Sequence[ImportRow]) -> None:
    """Undo some rows; what cannot be undone says why and stays in."""
    for row in rows:
        why = SORTS[batch.sort].take_back(work, ground, row)
        row.note_sealed, row.put = sealed_note(work, why), bool(why)
    work.session.flush()


def end_back(work: Work, batch: ImportBatch) -> None:
    """Everything that could be undone is undone."""
    before = batch.counts.get("put", 0)
    batch.counts = counted(work, batch)
    batch.counts = {**batch.counts, "back": before - batch.counts["put"]}
    batch.stage, batch.job_id = Stage.TAKEN_BACK, ""
    batch.version += 1
    work.session.flush()
    record(
        work, "imports:batch:take_back", "import", batch.public_id,
        org_path=batch.org_path, changes={"rows": (before, batch.counts["put"])},
    )  # fmt: skip
