"""The floor of a change: the very statements it wrote, sent again through the bare driver to a twin of the database.

Nothing is left out of what is written (rows, counters, audit, messages), every index and trigger is there, and the
commit is as durable; what is missing is everything the product does besides.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from tests.bench.floor_app import connect

WRITES = ("INSERT", "UPDATE", "DELETE")
Written = list[tuple[str, Any, bool]]
"""(statement, parameters, whether they are those of many rows)."""


@contextmanager
def recorded(engine: Engine) -> Iterator[Written]:
    """What is written through ``engine`` inside the block."""
    written: Written = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if statement.lstrip().startswith(WRITES):
            written.append((statement, parameters, many))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield written
    finally:
        event.remove(engine, "before_cursor_execute", note)


class Twin:
    """A copy of the database, as it was when the first recorded change was made."""

    def __init__(self, address: str) -> None:
        self.connection = connect(address)
        self.begin = "BEGIN IMMEDIATE" if address.startswith("sqlite") else "BEGIN"

    def replay(self, written: Written) -> float:
        """Write the same in one transaction. Returns the milliseconds it took."""
        began = time.perf_counter()
        cursor = self.connection.cursor()
        cursor.execute(self.begin)
        for statement, parameters, many in written:
            (cursor.executemany if many else cursor.execute)(statement, parameters)
            if cursor.description:
                cursor.fetchall()
        cursor.execute("COMMIT")
        return (time.perf_counter() - began) * 1000

    def close(self) -> None:
        """Let go of the copy."""
        self.connection.close()


def beside(engine: Engine, twin: Twin, change: Callable[[], object]) -> tuple[float, float]:
    """(milliseconds of ``change``, milliseconds of the bare writing of the same)."""
    with recorded(engine) as written:
        began = time.perf_counter()
        change()
        taken = (time.perf_counter() - began) * 1000
    return taken, twin.replay(written)
