"""Each awful spreadsheet: all the good rows in, every bad row told in the file's own columns, nothing typed by hand."""

import pytest
from sqlalchemy import select

from app.kernel.db.unit import writing
from app.kernel.errors import Invalid
from app.league.imports import operations, putting, queries, reading, uploading
from app.league.imports.models import ImportBatch, ImportRow, Sort, Stage
from app.league.people.models import FileState, Person
from tests.imports.awful import SHEETS, Awful

# What stands in a file is the same for both databases.
pytestmark = pytest.mark.embedded


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.flaw)
def test_what_becomes_of(sheet: Awful, acting, world) -> None:
    place, content = world.orgs[sheet.at], sheet.make()
    try:
        with writing(acting.session):
            batch = uploading.upload(acting, place, Sort.PEOPLE, uploading.received(acting.vault, "名单", content))
        if batch.stage is Stage.READING:
            read_now(acting, batch, content)
        with writing(acting.session):
            operations.choose(acting, batch, batch.heading, batch.columns, version=batch.version)
    except Invalid as problem:
        wanted, told = sheet.refused or sheet.columns, " ".join(problem.errors.values())
        assert wanted, told
        assert wanted in told
        return
    assert sheet.refused + sheet.columns == "", "it was taken"
    with writing(acting.session):
        putting.start(acting, batch, version=batch.version)
    notes = told_of(acting, batch)
    assert {row: words for row, words in sheet.bad.items() if words not in notes.get(row, "")} == {}, notes
    assert notes.keys() == sheet.bad.keys(), notes
    assert put_in(acting, place) == list(sheet.good)
    assert batch.counts.get("equal", 0) == sheet.equal
    assert sheet.said in batch.sheet_note
    heading, rows = queries.problems(acting, batch)
    assert heading[-1] == "问题"
    assert [row[-1].split("：")[0] for row in rows] == [f"第 {row} 行" for row in sheet.bad]


def test_as_many_rows_as_promised_go_in_below_their_heading() -> None:
    line = "林晓春,1\n".encode()
    whole = reading.read("姓名,号码\n".encode() + line * reading.MOST_ROWS)
    assert len(whole.rows) == reading.MOST_ROWS + 1
    with pytest.raises(Invalid):
        reading.read(line * (reading.MOST_ROWS + reading.TITLES + 1))


def read_now(work, batch: ImportBatch, content: bytes) -> None:
    """What the worker does with a large file."""
    table = reading.read(content)
    with writing(work.session):
        operations.keep_rows(work, operations.sealed_rows(work, batch.id, table.rows))
        operations.settle(work, batch, table)


def told_of(work, batch: ImportBatch) -> dict[int, str]:
    rows = work.session.scalars(select(ImportRow).where(ImportRow.batch_id == batch.id, ImportRow.put.is_(False)))
    return {row.number: operations.note_of(work, row) for row in rows if row.note_sealed and row.verdict != "equal"}


def put_in(work, place) -> list[str]:
    query = select(Person.name).where(Person.state == FileState.WAITING, Person.org_path.startswith(place.path))
    return list(work.session.scalars(query.order_by(Person.id)))
