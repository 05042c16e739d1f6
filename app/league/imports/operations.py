"""A batch from upload to result: upload → columns → check → preview → put in → taken back, if need be.

Each step commits in short transactions and says how far it came, so that one that was cut off goes on where it was and
nobody else waits long for the writer's turn.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import ModuleType
from typing import Any, NamedTuple, Protocol

from sqlalchemy import bindparam, func, select, update

from app.kernel.audit.record import record
from app.kernel.db import bulk
from app.kernel.db.base import table_of
from app.kernel.db.unit import upsert
from app.kernel.errors import Conflict, Invalid
from app.kernel.jobs.operations import enqueue
from app.kernel.work import Work
from app.league.imports import columns, organisations, people, reading, roster
from app.league.imports import events as events
from app.league.imports.ground import Ground, Judged, Line
from app.league.imports.models import (
    PURPOSE,
    ColumnMemory,
    ImportBatch,
    ImportRow,
    Sort,
    Stage,
    Verdict,
)
from app.league.imports.reading import Cell
from app.league.organisations.models import Organisation

READ, CHECK, PUT, TAKE_BACK = "imports.read", "imports.check", "imports.put", "imports.take_back"
TITLES = {READ: "读取表格", CHECK: "检查表格", PUT: "导入表格", TAKE_BACK: "撤回导入"}
SORTS: Mapping[Sort, ModuleType] = {
    Sort.PEOPLE: people,
    Sort.ROSTER: roster,
    Sort.ORGANISATIONS: organisations,
}
FEW = 200
"""Rows that are checked or put in while somebody waits."""
STAGED, CHECKED = 1_000, 500
"""Rows in one transaction: kept, judged. Whoever else writes waits for one of these at the longest."""
KEPT_FOR = timedelta(days=30)
PUTTABLE = (Verdict.NEW, Verdict.CHANGED)
AS_UPLOADED = (ImportRow.number, ImportRow.cells_sealed, ImportRow.verdict, ImportRow.note_sealed)
_JUDGE = (
    update(table_of(ImportRow))
    .where(ImportRow.batch_id == bindparam("of"), ImportRow.number == bindparam("row"))
    .values(verdict=bindparam("found"), note_sealed=bindparam("says"))
)


class Kept(Protocol):
    """A row as it was uploaded."""

    number: int
    cells_sealed: str


class Ready(NamedTuple):
    """Rows that were opened and read before the writer's turn. ``said``: what the sort of the batch made of each."""

    rows: Sequence[Any]
    lines: Sequence[Line]
    said: Sequence[Any]


def sealed_rows(work: Work, batch_id: int, rows: Sequence[tuple[int, list[Cell]]]) -> list[dict[str, Any]]:
    """Rows as they stand in the file, for `keep_rows`."""
    return [
        {
            "batch_id": batch_id,
            "number": number,
            "cells_sealed": work.vault.seal(PURPOSE, json.dumps(cells, ensure_ascii=False)),
            "verdict": Verdict.UNSEEN,
            "note_sealed": "",
            "put": False,
            "target": "",
            "left_at": 1,
        }
        for number, cells in rows
    ]


def keep_rows(work: Work, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep what `sealed_rows` made."""
    bulk.put_many(work.session, table_of(ImportRow), rows)


def settle(work: Work, batch: ImportBatch, table: reading.Table) -> None:
    """All rows are kept: guess the columns, or remember them, and ask whether they are right."""
    batch.heading = columns.heading_of(batch.sort, table.rows)
    batch.width = table.width
    batch.sheet_note = table.note
    batch.columns = _remembered(work, batch) or columns.guess(batch.sort, heading_cells(work, batch))
    batch.total = _count_below(work, batch)
    batch.stage = Stage.COLUMNS
    batch.version += 1
    work.session.flush()


def heading_cells(work: Work, batch: ImportBatch) -> list[Cell]:
    """What the file calls its columns; [] when no row does."""
    if not batch.heading:
        return []
    rows = work.session.scalars(
        select(ImportRow)
        .where(ImportRow.batch_id == batch.id, ImportRow.number.in_((batch.heading - 1, batch.heading)))
        .order_by(ImportRow.number)
    )
    cells = {row.number: opened(work, row) for row in rows}
    return columns.storeys(batch.sort, cells.get(batch.heading - 1, []), cells.get(batch.heading, []))


def opened(work: Work, row: Kept) -> list[Cell]:
    """A row's cells."""
    cells: list[Cell] = json.loads(work.vault.open(PURPOSE, row.cells_sealed))
    return cells


def sealed_note(work: Work, text: str) -> str:
    """What is said of a row, as it is kept."""
    return work.vault.seal(PURPOSE, text[:300]) if text else ""


def note_of(work: Work, row: ImportRow) -> str:
    """What is said of a row."""
    return work.vault.open(PURPOSE, row.note_sealed) if row.note_sealed else ""


def choose(work: Work, batch: ImportBatch, heading: int, chosen: Mapping[str, int], *, version: int) -> None:
    """The columns are these; the check begins. ``chosen``: field → position. Raises Invalid by field, Conflict."""
    hold(work, batch, version, Stage.COLUMNS, Stage.PREVIEW)
    _check_columns(batch, heading, chosen, needed(work, batch))
    batch.heading, batch.columns = heading, dict(chosen)
    batch.total = _count_below(work, batch)
    if not batch.total:
        raise Invalid({"heading": "标题行下面没有内容"})
    _remember(work, batch)
    batch.counts, batch.stage = {}, Stage.CHECKING
    if batch.total > FEW:
        leave(work, batch, CHECK)
        return
    ground = Ground(work.session, top_of(work, batch))
    check_some(work, batch, *judged_ahead(work, batch, ground, rows_after(work, batch, heading)))
    end_check(work, batch)


def needed(work: Work, batch: ImportBatch) -> list[str]:
    """The fields that a column must be found for; a class's own list need not name the class."""
    alone = Ground(work.session, top_of(work, batch)).alone
    targets = columns.TARGETS[batch.sort]
    return [name for name, target in targets.items() if target.needed or (name == "branch" and not alone)]


def _check_columns(batch: ImportBatch, heading: int, chosen: Mapping[str, int], needed: Sequence[str]) -> None:
    targets = columns.TARGETS[batch.sort]
    errors = {name: f"请选择哪一列是{targets[name].label}" for name in needed if name not in chosen}
    if "branch" in errors:
        errors["branch"] = "请选择哪一列是团支部，或者到团支部的页面导入"
    if heading < 0:
        errors["heading"] = "请写第几行，例如 1"
    used: dict[int, str] = {}
    for name, place in chosen.items():
        if name not in targets or not 0 <= place < batch.width:
            errors[name] = "没有这一列"
        elif place in used:
            errors[name] = f"这一列已经选作{targets[used[place]].label}"
        else:
            used[place] = name
    if errors:
        raise Invalid(errors)


def rows_after(work: Work, batch: ImportBatch, number: int, *, most: int | None = None) -> Sequence[Any]:
    """Rows below ``number`` as they were uploaded, in their order."""
    query = select(*AS_UPLOADED).where(ImportRow.batch_id == batch.id, ImportRow.number > number)
    return work.session.execute(query.order_by(ImportRow.number).limit(most)).all()


def line_of(work: Work, batch: ImportBatch, row: Kept) -> Line:
    """A row by the names of its fields."""
    cells = opened(work, row)
    typed = {name: cells[at] if at < len(cells) else "" for name, at in batch.columns.items()}
    return Line(row.number, typed, next((cell for cell in cells if cell != ""), ""))


def read_ahead(work: Work, batch: ImportBatch, ground: Ground, rows: Sequence[Any]) -> Ready:
    """Open and read rows, which writes nothing and may be done before the writer's turn."""
    lines = [line_of(work, batch, row) for row in rows]
    return Ready(rows, lines, SORTS[batch.sort].read(work, ground, lines))


def judge(work: Work, batch: ImportBatch, ground: Ground, ready: Ready) -> list[Judged]:
    """What each row is, as things are now."""
    judged: list[Judged] = SORTS[batch.sort].judge(work, ground, ready.lines, ready.said)
    return judged


def judged_ahead(
    work: Work, batch: ImportBatch, ground: Ground, rows: Sequence[Any]
) -> tuple[Sequence[Any], list[Judged]]:
    """(rows, what each is), for `check_some`."""
    return rows, judge(work, batch, ground, read_ahead(work, batch, ground, rows))


def check_some(work: Work, batch: ImportBatch, rows: Sequence[Any], judged: Sequence[Judged]) -> None:
    """Write down what rows are, where that is not what was said of them before."""
    said = [
        {"of": batch.id, "row": row.number, "found": found.verdict, "says": sealed_note(work, found.note)}
        for row, found in zip(rows, judged, strict=True)
        if found.note or row.note_sealed or found.verdict is not row.verdict
    ]
    if said:
        work.session.execute(_JUDGE, said)


def end_check(work: Work, batch: ImportBatch) -> None:
    """Every row is judged: show the preview."""
    batch.counts = counted(work, batch)
    batch.stage, batch.job_id = Stage.PREVIEW, ""
    batch.version += 1
    work.session.flush()


def counted(work: Work, batch: ImportBatch) -> dict[str, int]:
    """Verdict → rows below the heading; "put": those that are in."""
    session, below = work.session, (ImportRow.batch_id == batch.id, ImportRow.number > batch.heading)
    found = session.execute(select(ImportRow.verdict, func.count()).where(*below).group_by(ImportRow.verdict))
    put = session.scalar(select(func.count()).where(*below, ImportRow.put.is_(True))) or 0
    return {**{verdict.value: number for verdict, number in found}, "put": put}


def refuse(work: Work, batch: ImportBatch, sentence: str) -> None:
    """The file cannot be read after all."""
    batch.stage, batch.problem, batch.job_id = Stage.REFUSED, sentence, ""
    batch.version += 1
    work.session.flush()


def give_up(work: Work, batch: ImportBatch) -> None:
    """The task ended without an end: go back to the step before it."""
    back = {Stage.CHECKING: Stage.COLUMNS, Stage.PUTTING: Stage.DONE, Stage.TAKING_BACK: Stage.DONE}
    if batch.stage is Stage.READING:
        refuse(work, batch, "没有读完，请重新上传")
    elif batch.stage in back:
        batch.stage, batch.job_id = back[batch.stage], ""
        batch.counts = counted(work, batch)
        batch.version += 1
        work.session.flush()


def drop(work: Work, batch: ImportBatch, *, version: int) -> None:
    """Throw away a file of which nothing was put in; its rows are then for `forgetting`. Raises Conflict."""
    hold(work, batch, version, Stage.COLUMNS, Stage.PREVIEW)
    batch.stage = Stage.DROPPED
    record(work, "imports:batch:drop", "import", batch.public_id, org_path=batch.org_path)


def hold(work: Work, batch: ImportBatch, version: int, *stages: Stage) -> None:
    """Lock the batch as it was shown, at one of ``stages``. Raises Conflict."""
    work.session.refresh(batch, with_for_update=True)
    over = batch.emptied_at is not None or batch.created_at <= work.now - KEPT_FOR
    if batch.version != version or batch.stage not in stages or over:
        raise Conflict("这次导入刚刚有了变化，请看现在的情况")
    batch.version += 1


def leave(work: Work, batch: ImportBatch, kind: str) -> None:
    """Leave the next step to the worker, in the name of whoever asks."""
    payload = {"batch": batch.public_id, "under": work.actor.appointment_id}
    batch.job_id = enqueue(work, kind, payload, batch.total, f"{TITLES[kind]}：{batch.file_name}").public_id
    work.session.flush()


def top_of(work: Work, batch: ImportBatch) -> Organisation:
    """Where the batch was uploaded."""
    return work.session.get_one(Organisation, batch.organisation_id)


def _count_below(work: Work, batch: ImportBatch) -> int:
    below = select(func.count()).where(ImportRow.batch_id == batch.id, ImportRow.number > batch.heading)
    return work.session.scalar(below) or 0


def _remembered(work: Work, batch: ImportBatch) -> dict[str, int]:
    cells = heading_cells(work, batch)
    found = (
        work.session.get(ColumnMemory, (batch.organisation_id, batch.sort, columns.digest(cells))) if cells else None
    )
    return dict(found.columns) if found else {}


def _remember(work: Work, batch: ImportBatch) -> None:
    cells = heading_cells(work, batch)
    if not cells:
        return
    row = {
        "organisation_id": batch.organisation_id,
        "sort": batch.sort,
        "heading": columns.digest(cells),
        "columns": batch.columns,
    }
    statement = upsert(work.session, table_of(ColumnMemory)).values(row)
    keys = ["organisation_id", "sort", "heading"]
    work.session.execute(statement.on_conflict_do_update(index_elements=keys, set_={"columns": batch.columns}))


def note_download(work: Work, batch: ImportBatch) -> None:
    """Write down that the rows with problems were taken away: they name people."""
    record(work, "imports:batch:download", "import", batch.public_id, org_path=batch.org_path)
