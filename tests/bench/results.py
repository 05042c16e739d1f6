"""A row of the result, the registry of what is measured, the table, the JSON, and the run before."""

import enum
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench.tried import TRIED

if TYPE_CHECKING:
    from tests.bench.stage import Stage


@dataclass(frozen=True)
class Row:
    """One figure beside its floor.

    ``median_ms`` and ``floor_ms`` are milliseconds unless ``unit`` says otherwise. The goal is met when their ratio is
    at most ``target``. A goal that is a plain number has that number for its floor and 1 for its target.
    """

    name: str
    goal: str
    database: str
    people: int
    median_ms: float
    floor_ms: float
    target: float
    unit: str = "ms"

    @property
    def ratio(self) -> float:
        """The figure as a multiple of its floor."""
        return self.median_ms / self.floor_ms

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        return self.ratio <= self.target

    @property
    def key(self) -> tuple[str, str, int]:
        """What the same row of another run is found by."""
        return self.name, self.database, self.people


class Phase(enum.IntEnum):
    """When something is measured: what needs the database untouched first, what asks how all of it went last."""

    CHANGES = 1
    PAGES = 2
    CROWD = 3
    END = 4


@dataclass(frozen=True)
class Measurement:
    """What measures some rows. ``at_least``: the smallest number of files for which its goals mean something."""

    phase: Phase
    goals: tuple[str, ...]
    run: "Callable[[Stage], Iterable[Row]]"
    at_least: int


REGISTRY: list[Measurement] = []
COMPARISONS: list[Callable[[list[Row]], Iterable[Row]]] = []
"""What makes rows out of the rows of all databases: growth, one database beside the other."""


def measured(
    *goals: str, phase: Phase = Phase.PAGES, at_least: int = 0
) -> "Callable[[Callable[[Stage], Iterable[Row]]], Callable[[Stage], Iterable[Row]]]":
    """Enter a function that yields rows into the registry. ``goals``: the goals it has rows for."""

    def enter(run: "Callable[[Stage], Iterable[Row]]") -> "Callable[[Stage], Iterable[Row]]":
        REGISTRY.append(Measurement(phase, goals, run, at_least))
        return run

    return enter


def compared(run: Callable[[list[Row]], Iterable[Row]]) -> Callable[[list[Row]], Iterable[Row]]:
    """Enter a function that makes rows out of all the others."""
    COMPARISONS.append(run)
    return run


def chosen(only: Iterable[str], people: int) -> list[Measurement]:
    """What is measured over ``people`` files, in its order; ``only`` these goals when some are named."""
    wanted = set(only)
    found = [one for one in REGISTRY if people >= one.at_least and (not wanted or wanted & set(one.goals))]
    return sorted(found, key=lambda one: one.phase)


def as_json(rows: Iterable[Row], **about: Any) -> str:
    """The result for programs. ``about``: what else is worth knowing of the run."""
    told = [{**asdict(row), "ratio": row.ratio, **_why(row)} for row in rows]
    return json.dumps({**about, "rows": told}, ensure_ascii=False, indent=1)


def _why(row: Row) -> dict[str, str]:
    """For a row that falls short: what was tried."""
    return {} if row.met or row.goal not in TRIED else {"tried": TRIED[row.goal]}


def read(file: Path) -> list[Row]:
    """The rows of an earlier run."""
    rows = json.loads(file.read_text())["rows"]
    return [Row(**{name: value for name, value in row.items() if name not in ("ratio", "tried")}) for row in rows]


def table(rows: Iterable[Row], before: Iterable[Row]) -> Iterator[str]:
    """The result for people, a line at a time; ``before``: the rows of the run before."""
    known = {row.key: row for row in before}
    yield (
        f"{'goal':5}{'what':58}{'database':11}{'files':>10}{'median':>10}{'floor':>10}{'unit':>11}"
        f"{'ratio':>9}{'goal ≤':>9}{'':8}{'before':>9}"
    )
    for row in rows:
        earlier = known.get(row.key)
        yield (
            f"{row.goal:5}{row.name:58}{row.database:11}{row.people:10,}{figure(row.median_ms):>10}"
            f"{figure(row.floor_ms):>10}{row.unit:>11}{figure(row.ratio):>9}{figure(row.target):>9}"
            f"{'  met' if row.met else '  MISSED':8}{figure(earlier.ratio) if earlier else '–':>9}"
        )


def figure(value: float) -> str:
    """Three digits that mean something, more of a large number."""
    if value == 0:
        return "0"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
