"""P17, P21: how many statements a page takes, and how long the longest of them."""

import time
from collections.abc import Iterator
from typing import Any

from sqlalchemy import event

from tests.bench.goals.pages import FIGURES, HOMES, LISTS, address
from tests.bench.results import Phase, Row, measured
from tests.bench.stage import PROVINCE, Stage

MOST = 6
LONGEST = 5.0


class Listener:
    """What the database is asked while a page is made."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []

    def hear(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, *_call: Any) -> None:
        """A statement was answered. What begins and ends a transaction is not counted."""
        if statement != "BEGIN":
            self.asked.append((statement, parameters))


@measured("P17", "P21", phase=Phase.CHANGES)
def statements(stage: Stage) -> Iterator[Row]:
    """Every hot page read in this process, its statements counted and timed."""
    file = ("file", PROVINCE, f"/twt/people/{stage.sample[0].public_id}")
    for name, who, template in (*LISTS, *HOMES, *FIGURES, file):
        number, longest = _ask(stage, who, address(stage, template))
        yield stage.row("P17", f"statements: {name}", number, MOST, 1, "statements")
        yield stage.row("P21", f"longest statement: {name}", longest, LONGEST, 1)


def _ask(stage: Stage, who: str | None, place: str) -> tuple[int, float]:
    browser = stage.app.test_client()
    for name, value in (stage.asker(who).cookies if who else {}).items():
        browser.set_cookie(name, value)
    heard = Listener()
    for _ in range(3):  # the first reading fills caches and is put on record
        heard = Listener()
        event.listen(stage.engine, "after_cursor_execute", heard.hear)
        try:
            assert browser.get(place).status_code == 200, place
        finally:
            event.remove(stage.engine, "after_cursor_execute", heard.hear)
    read = [one for one in heard.asked if one[0].lstrip("( ").startswith(("SELECT", "WITH"))]
    return len(heard.asked), max((_milliseconds(stage, *one) for one in read), default=0)


def _milliseconds(stage: Stage, statement: str, parameters: Any) -> float:
    """Asked once more, to the last row: the embedded database does the work while its rows are fetched."""
    connection, taken = stage.engine.raw_connection(), []
    try:
        for _ in range(3):
            cursor, began = connection.cursor(), time.perf_counter()
            cursor.execute(statement, parameters)
            cursor.fetchall()
            taken.append((time.perf_counter() - began) * 1000)
            cursor.close()
    finally:
        connection.rollback()
        connection.close()
    return min(taken)
