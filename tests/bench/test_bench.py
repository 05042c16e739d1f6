"""The bench measures what it says, writes it down for programs, and notices a page that became slow."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask

from tests.bench import goals as goals
from tests.bench import results
from tests.bench.databases import Store
from tests.bench.main import measure
from tests.bench.results import Row
from tests.bench.stage import SHORTEST, Stage, set_up
from tests.bench.tried import TRIED

PEOPLE = 700
KEYS = {"name", "goal", "database", "people", "median_ms", "floor_ms", "ratio", "target"}


@contextmanager
def a_small_province(folder: Path, application: str) -> Iterator[Stage]:
    with set_up(Store(folder), PEOPLE, "sqlite", SHORTEST, application=application) as stage:
        yield stage


@pytest.mark.slow
@pytest.mark.embedded
def test_a_page_that_became_slow_is_reported_as_missing_its_goal(tmp_path: Path, app: Flask) -> None:
    with a_small_province(tmp_path, "tests.bench.slowed:app") as stage:
        rows = measure(stage, ["P2", "P7", "P10"])
    told = json.loads(results.as_json(rows, at="now"))
    assert all(row.keys() >= KEYS for row in told["rows"])
    by_name = {row["name"]: row for row in told["rows"]}
    deep = by_name["list of files at 90 % ÷ its first page"]
    assert deep["ratio"] > 2 > deep["target"]
    assert by_name["approve, transaction"]["floor_ms"] > 0
    assert by_name["counters that a recount finds wrong"]["median_ms"] == 0, "the bench really decides"
    assert any("MISSED" in line and "list of files at 90 %" in line for line in results.table(rows, rows))


def test_a_result_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    row = Row("a page", "P1", "sqlite", 10_000, 3.0, 0.5, 10)
    (tmp_path / "one.json").write_text(results.as_json([row], at="now"))
    assert results.read(tmp_path / "one.json") == [row]
    assert (row.ratio, row.met) == (6, True)


def test_a_row_that_falls_short_says_what_was_tried(tmp_path: Path) -> None:
    slow, quick = Row("a page", "P1", "sqlite", 10_000, 30.0, 0.5, 10), Row("one", "P1", "sqlite", 10_000, 3.0, 0.5, 10)
    (tmp_path / "two.json").write_text(results.as_json([slow, quick], at="now"))
    told = json.loads((tmp_path / "two.json").read_text())["rows"]
    assert [bool(row.get("tried")) for row in told] == [True, False]
    assert results.read(tmp_path / "two.json") == [slow, quick]
    entered = {goal for one in results.REGISTRY for goal in one.goals}
    assert set(TRIED) <= entered, "words about a goal nobody measures"


def test_the_run_before_stands_beside_each_row() -> None:
    now, before = (Row("a page", "P1", "sqlite", 10_000, figure, 0.5, 10) for figure in (3.0, 9.0))
    [_, line] = results.table([now], [before])
    assert line.split()[-2:] == ["met", "18"]


def test_every_goal_of_the_reading_and_deciding_pages_is_measured() -> None:
    entered = {goal for one in results.REGISTRY for goal in one.goals}
    assert entered >= {f"P{number}" for number in range(1, 22) if number != 11}
