"""Making the file: one SELECT, which is one instant of the database, sealed in parts."""

import base64
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select
from sqlalchemy.orm import Session

from app.kernel.access.powers import Power
from app.kernel.access.scope import Scope
from app.kernel.access.viewer import Viewer
from app.kernel.clock import local, years_before
from app.kernel.db.base import table_of
from app.kernel.db.unit import writing
from app.kernel.errors import NotFound, Problem, Refused, Unavailable
from app.kernel.jobs.models import Job
from app.kernel.jobs.operations import Run, job
from app.kernel.vault import Vault
from app.league.exports import columns, queries, sheets
from app.league.exports.models import CONTENT, Export, ExportPart, ExportState, Format
from app.league.exports.operations import KEPT_FOR, MAKE, MOST_ROWS, PARTS_AT_ONCE, note, told
from app.league.organisations.models import Organisation
from app.league.organisations.tasks import in_the_name_of
from app.league.people.models import FileState, Person
from app.league.rules import rule

FETCHED = 2_000
"""Rows at once from the database."""
PART = 192 * 1024
TELL_EVERY = 10_000
MORE_ALLOWED = 0.05
"""By how much the number may have grown since somebody agreed to it."""


@job(MAKE, "导出青年档案", whole=True)
def make(run: Run) -> dict[str, Any]:
    """Do it under the rights of this moment; what is no longer allowed ends with a sentence."""
    try:
        return _make(run)
    except Problem as problem:
        if isinstance(problem, Unavailable):
            raise
        text = "您现在的职务不能导出这里的档案" if isinstance(problem, NotFound) else problem.text
        work = run.work
        with writing(work.session):
            row = _row(run)
            row.state, row.decision_reason, row.version = ExportState.FAILED, text, row.version + 1
            work.session.execute(delete(ExportPart).where(ExportPart.export_id == row.id))
        raise Refused(text) from problem


def result_of(viewer: Viewer, session: Session, row: Job) -> dict[str, Any] | None:
    """The export that ``row`` made; None when ``viewer`` may not see it (any more)."""
    try:
        return {"export": queries.own(viewer, session, (row.result or {}).get("export", ""))}
    except NotFound:
        return None


def lines(scope: Scope, session: Session, vault: Vault, row: Export) -> Generator[list[str]]:
    """The people of ``row`` inside ``scope`` as they are at one instant, each as its cells and the mark.

    Children stay in the house: who needs to know of one looks at the file, which is noted.
    """
    chosen = [columns.selected(name) for name in row.columns]
    query = select(*chosen).select_from(Person).join(Organisation, Organisation.id == Person.organisation_id)
    query = query.where(scope.within(Person.org_path), Person.state != FileState.CLOSED, _no_child(row))
    if row.standing:
        query = query.where(Person.standing == row.standing)
    query = query.order_by(Person.org_path, Person.id).limit(MOST_ROWS + 1)
    say = columns.sayers(row.columns, vault, whole=row.whole)
    with session.connection().execute(query, execution_options={"yield_per": FETCHED}) as found:
        for values in found:
            cells = [one(value) for one, value in zip(say, values, strict=True)]
            cells.append(row.mark)
            yield cells


def _no_child(row: Export) -> ColumnElement[bool]:
    day = local(row.asked_at).date()
    return Person.birth_date <= years_before(day, rule("guardian.age_under", day))


def head_of(row: Export) -> list[str]:
    """The names of the columns."""
    return [*(columns.LABELS[name] for name in row.columns), sheets.MARK_COLUMN]


def note_of(row: Export) -> str:
    """What stands above everything: for whom, for what, from when."""
    moment = local(row.asked_at)
    return f"仅供“{row.reason}”使用，领取人 {row.asker_name}，{moment:%Y-%m-%d} 申请，编号 {row.mark}，请勿转发"


def _make(run: Run) -> dict[str, Any]:
    work = run.work
    with writing(work.session):
        row = _row(run)
        if row.state is not ExportState.MAKING:
            raise Refused("这份申请已经失效")
        place = work.session.get_one(Organisation, row.organisation_id)
        scope = in_the_name_of(work, run).scope(Power.EXPORTS_ASK).narrowed(place.path)
        work.session.execute(delete(ExportPart).where(ExportPart.export_id == row.id))
    row = _row(run)
    counted = _Counted(run, int(row.rows * (1 + MORE_ALLOWED)) + 1)
    write = sheets.xlsx if row.format is Format.XLSX else sheets.csv_text
    with closing(lines(scope, work.session, work.vault, row)) as found:
        content = write(head_of(row), note_of(row), counted.over(found))
    _keep(run, row.id, content)
    with writing(work.session):
        row = _row(run)
        row.state, row.version, row.made_rows = ExportState.READY, row.version + 1, counted.number
        row.expires_at = work.now + KEPT_FOR
        note(work, "make", row, row.reason)
        told(work, row, "导出文件做好了", f"共 {row.made_rows} 人，请在 24 小时内下载。")
        result = {"export": row.public_id}
        run.finish(result)
    return result


class _Counted:
    """Counts what goes by, tells how far it is, and stops what has grown beyond what was agreed to."""

    def __init__(self, run: Run, most: int) -> None:
        self.number = 0
        self._run, self._most = run, most

    def over(self, found: Iterator[list[str]]) -> Iterator[list[str]]:
        for line in found:
            self.number += 1
            if self.number > self._most:
                raise Refused("人数比申请时多了，请重新申请")
            if self.number % TELL_EVERY == 0:
                self._run.progress(min(self.number, self._run.total), note="正在写文件")
            yield line


def _keep(run: Run, export_id: int, content: bytes) -> None:
    work, starts = run.work, range(0, len(content), PART)
    rows = [(number, content[start : start + PART]) for number, start in enumerate(starts)]
    for first in range(0, len(rows), PARTS_AT_ONCE):
        sealed = [
            {
                "export_id": export_id,
                "number": number,
                "content_sealed": work.vault.seal(CONTENT, base64.b64encode(piece).decode()),
            }
            for number, piece in rows[first : first + PARTS_AT_ONCE]
        ]
        with writing(work.session):
            work.session.execute(insert(table_of(ExportPart)), sealed)


def _row(run: Run) -> Export:
    return run.work.session.scalars(select(Export).where(Export.public_id == run.payload["export"])).one()
