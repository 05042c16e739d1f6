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
        self.taken: list[float] = []
        self._began = 0.0

    def before(self, *_call: Any) -> None:
        """A statement begins."""
        self._began = time.perf_counter()

    def after(self, _connection: Any, _cursor: Any, statement: str, *_call: Any) -> None:
        """It is answered. What begins and ends a transaction is not counted."""
        if statement != "BEGIN":
            self.taken.append((time.perf_counter() - self._began) * 1000)


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
        event.listen(stage.engine, "before_cursor_execute", heard.before)
        event.listen(stage.engine, "after_cursor_execute", heard.after)
        try:
            assert browser.get(place).status_code == 200, place
        finally:
            event.remove(stage.engine, "before_cursor_execute", heard.before)
            event.remove(stage.engine, "after_cursor_execute", heard.after)
    return len(heard.taken), max(heard.taken, default=0)
