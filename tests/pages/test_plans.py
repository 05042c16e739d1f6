"""What hot pages and actions ask the database is answered through an index: nothing that grows is read from end to end."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from app.demonstration.staff import as_viewer as viewer_of
from app.kernel.db.unit import writing
from app.kernel.vault import Vault
from app.kernel.work import Work
from app.league.joining import decisions
from app.league.joining.models import Verdict
from app.league.people.protect import open_id_number, open_phone
from tests.helpers import sign_in, with_token
from tests.joining import applications
from tests.pages.test_statements import HOT
from tests.people.files import file_at
from tests.world import World

GROWING = {
    "people", "memberships", "person_changes", "join_requests", "decisions", "audit_entries", "accounts", "sessions",
    "messages", "outbox", "consents", "done_forms", "limit_counters", "corrections", "identity_cases",
    "roster_entries", "sms_codes", "import_rows", "exports", "export_parts",
}  # fmt: skip
"""Tables with a row for each person, application or act."""
PARTIAL = {"uq_corrections_open", "uq_decisions_round"}
"""Indexes of a part of a table, which PostgreSQL prefers to any other while there is next to nothing in them."""
Asked = list[tuple[str, Any]]


@contextmanager
def listening(engine: Engine) -> Iterator[Asked]:
    """What the database is asked inside the block, with the values it was asked with."""
    asked: Asked = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, many: bool) -> None:
        if statement.startswith(("SELECT", "WITH", "UPDATE", "DELETE")):
            asked.append((statement, values[0] if many else values))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


def walked(session: Session, asked: Asked) -> dict[str, set[str]]:
    """Statement → the growing tables that it reads from end to end."""
    connection = session.connection()
    ways = _walked_by_sqlite if connection.dialect.name == "sqlite" else _walked_by_postgresql
    if connection.dialect.name == "postgresql":
        # What another test's province has left in the statistics would make it choose otherwise.
        connection.exec_driver_sql("DELETE FROM pg_statistic")
        connection.exec_driver_sql("UPDATE pg_class SET reltuples = -1, relpages = 0 WHERE relkind IN ('r', 'i')")
        for way in ("seqscan", "hashjoin", "mergejoin"):  # over a few rows it would take these though an index is there
            connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
    found = {statement: set(ways(connection, statement, values)) & GROWING for statement, values in asked}
    session.rollback()
    return {statement: tables for statement, tables in found.items() if tables}


def _walked_by_sqlite(connection: Any, statement: str, values: Any) -> Iterator[str]:
    aliases = {alias: name for name, alias in re.findall(r"\b(\w+) AS (\w+)\b", statement)}
    for row in connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, values):
        if scan := re.match(r"SCAN (\w+)(?! VIRTUAL)", row[-1]):
            yield aliases.get(scan[1], scan[1])


def _walked_by_postgresql(connection: Any, statement: str, values: Any) -> Iterator[str]:
    [[plans]] = connection.exec_driver_sql("EXPLAIN (FORMAT JSON) " + statement, values).all()
    todo = [plan["Plan"] for plan in plans]
    while todo:
        node = todo.pop()
        todo += node.get("Plans", ())
        by_index = "Index Cond" in node or node["Node Type"] in ("Bitmap Heap Scan", "ModifyTable")
        if "Relation Name" in node and not by_index and node.get("Index Name") not in PARTIAL:
            yield node["Relation Name"]


@pytest.fixture
def asks(
    world: World, session: Session, engine: Engine, make_client: Callable[[], FlaskClient], work: Work
) -> Callable[[Callable[[FlaskClient], object], str], dict[str, set[str]]]:
    """Return what tells the tables an act of somebody walks through."""

    def ask(act: Callable[[FlaskClient], object], persona: str) -> dict[str, set[str]]:
        session.commit()
        browser = make_client()
        if persona != "anonymous":
            sign_in(browser, world.people[persona])
        with listening(engine) as asked:
            act(browser)
        assert asked
        return walked(session, asked)

    return ask


@pytest.mark.parametrize(("address", "persona"), [(address, persona) for address, (persona, _) in HOT.items()])
def test_a_hot_page_walks_through_nothing(address, persona, world, work, session, asks) -> None:
    file = file_at(work, world.branch_b1)
    address = address.replace("/file", f"/{file.public_id}").replace("/school", f"/{world.school_s.public_id}")
    if address == "/notices/notice":
        pytest.skip("the notice of this page is made in the test of its statements")
    assert asks(lambda browser: browser.get(address), persona) == {}


@pytest.mark.parametrize("kind", ["name", "character", "initials", "phone", "id_number", "development_number"])
def test_a_search_walks_through_nothing(kind, world, work, vault, asks) -> None:
    file = file_at(work, world.branch_b1, development_number="201714000017")
    typed = {
        "name": "小明",
        "character": "明",
        "initials": "wxm",
        "phone": open_phone(vault, file),
        "id_number": open_id_number(vault, file),
        "development_number": "201714000017",
    }[kind]

    def search(browser: FlaskClient) -> None:
        answer = browser.post("/twt/people/search", data=with_token(browser, "/twt/people", q=typed))
        assert file.public_id in answer.text

    assert asks(search, "province") == {}


def test_handing_in_and_deciding_walk_through_nothing(world, work, session, engine, vault: Vault) -> None:
    session.commit()
    with listening(engine) as asked:
        with writing(session):
            row = applications.submit(work, world.people["youth"], world.branch_b1, device="a phone")
        with writing(session):
            viewer = viewer_of(work, world.people["school_s"])
            [outcome] = decisions.decide_many(work, viewer, [(row.public_id, row.version)], Verdict.APPROVE)
    assert outcome.ok
    assert walked(session, asked) == {}


def test_a_walk_is_noticed(session: Session, world: World) -> None:
    """The test can fail."""
    asked: Asked = [("SELECT people.id FROM people WHERE people.native_place = 'x'", ())]
    assert walked(session, asked) == {asked[0][0]: {"people"}}
