"""Batches within a scope, the rows of one, and what can be downloaded of it."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.kernel.access.powers import Power
from app.kernel.access.scope import Scope
from app.kernel.access.viewer import Viewer
from app.kernel.errors import NotFound
from app.kernel.jobs.models import Job
from app.kernel.jobs.operations import OPEN_STATES
from app.kernel.work import Work
from app.league.imports import operations
from app.league.imports.models import ImportBatch, ImportRow, Sort, Stage, Verdict
from app.league.imports.reading import Cell

POWERS = {
    Sort.PEOPLE: Power.IMPORTS_PEOPLE,
    Sort.ROSTER: Power.JOINING_ROSTER,
    Sort.ORGANISATIONS: Power.ORGANISATIONS_CREATE,
}
"""What it takes to put in each sort of rows."""


def scope_of(viewer: Viewer, sort: Sort) -> Scope:
    """Where the viewer may import ``sort``."""
    return viewer.scope(POWERS[sort])


def by_public_id(viewer: Viewer, session: Session, public_id: str) -> ImportBatch:
    """One batch that the viewer may go on with. Raises NotFound."""
    row = session.scalars(select(ImportBatch).where(ImportBatch.public_id == public_id)).one_or_none()
    if row is None or not scope_of(viewer, row.sort).covers(row.org_path):
        raise NotFound
    return row


def recent(viewer: Viewer, session: Session, *, after: str | None, size: int) -> list[ImportBatch]:
    """Batches of what the viewer may import where the viewer may, the latest first."""
    allowed = [(ImportBatch.sort == sort) & scope_of(viewer, sort).within(ImportBatch.org_path) for sort in Sort]
    query = select(ImportBatch).where(or_(*allowed)).order_by(ImportBatch.id.desc()).limit(size)
    if after:
        last = select(ImportBatch.id).where(ImportBatch.public_id == after).scalar_subquery()
        query = query.where(ImportBatch.id < last)
    return list(session.scalars(query))


def job_of(session: Session, batch: ImportBatch) -> Job | None:
    """The task at hand, when there is one."""
    if not batch.job_id:
        return None
    return session.scalars(select(Job).where(Job.public_id == batch.job_id)).one_or_none()


def is_stuck(session: Session, batch: ImportBatch) -> bool:
    """Whether the task ended without an end: it failed, or was stopped before it began."""
    found = job_of(session, batch)
    return found is not None and found.state not in OPEN_STATES


def preview(
    work: Work, batch: ImportBatch, verdict: Verdict, *, after: int, size: int
) -> list[tuple[ImportRow, list[str], str]]:
    """Rows of one verdict, what is shown of them and what is said of them, by their numbers."""
    query = (
        select(ImportRow)
        .where(ImportRow.batch_id == batch.id, ImportRow.verdict == verdict)
        .where(ImportRow.number > max(after, batch.heading))
        .order_by(ImportRow.number)
        .limit(size)
    )
    show = operations.SORTS[batch.sort].show
    return [
        (row, show(operations.line_of(work, batch, row).typed), operations.note_of(work, row))
        for row in work.session.scalars(query)
    ]


def samples(work: Work, batch: ImportBatch, heading: int, *, most: int = 3) -> list[list[Cell]]:
    """The first rows below ``heading``."""
    return [operations.opened(work, row) for row in operations.rows_after(work, batch, heading, most=most)]


def problems(work: Work, batch: ImportBatch) -> tuple[list[str], Iterator[list[Any]]]:
    """(the file's own heading with 问题 behind it, the rows that are not in and why).

    Equal rows are no problem, nor are good ones before they are put in; later a good row that was left out says so.
    """
    heading = [str(cell) for cell in operations.heading_cells(work, batch)]
    heading += [f"第 {number} 列" for number in range(len(heading) + 1, batch.width + 1)]
    query = (
        select(ImportRow)
        .where(ImportRow.batch_id == batch.id, ImportRow.number > batch.heading, ImportRow.put.is_(False))
        .where(
            ImportRow.verdict.not_in((Verdict.EQUAL, *(operations.PUTTABLE if batch.stage is Stage.PREVIEW else ())))
        )
        .order_by(ImportRow.number)
        .execution_options(yield_per=500)
    )

    def rows() -> Iterator[list[Any]]:
        for row in work.session.scalars(query):
            cells: list[Any] = list(operations.opened(work, row))
            cells += [""] * (len(heading) - len(cells))
            why = operations.note_of(work, row) if row.verdict not in operations.PUTTABLE else _left(batch)
            yield [*cells, f"第 {row.number} 行：{why}"]

    return [*heading, "问题"], rows()


def _left(batch: ImportBatch) -> str:
    return "已经撤回" if batch.stage is Stage.TAKEN_BACK else "没有导入"


def has_problems(counts: dict[str, int]) -> int:
    """How many rows somebody has to look at."""
    return counts.get(Verdict.WRONG.value, 0) + counts.get(Verdict.DOUBTFUL.value, 0)
