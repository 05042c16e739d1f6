"""Measures every hot page and action as a ratio to a floor that is built on the spot.

The result is a table and a JSON file, each with the run before beside it. Called by `scripts/bench`.
"""

import argparse
import contextlib
import os
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL, make_url

from tests.bench import goals as goals
from tests.bench import results
from tests.bench.databases import Store, own_server
from tests.bench.results import Phase, Row
from tests.bench.stage import QUICK, Pace, Stage, set_up, work_folder
from tests.bench.tried import TRIED

SIZES = (10_000, 100_000, 1_000_000)
DATABASES = ("sqlite", "postgresql")


def say(text: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> int:
    """Run the bench. Returns 1 when a goal is missed, 0 when all are met."""
    options = _options(arguments)
    folder = work_folder(options.work)
    folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    rows: list[Row] = []
    with _server(options, folder) as (server, process):
        store = Store(folder, server)
        pace = QUICK if options.quick else Pace()
        for people in options.people:
            for database in options.database:
                say(f"== {people:,} files on {database}")
                more = {"backends": process if database == "postgresql" else None, "with_django": options.with_django}
                with set_up(store, people, database, pace, **more) as stage:
                    rows += measure(stage, options.only)
    rows += [row for compare in results.COMPARISONS for row in compare(rows)]
    before = _before(folder, options.previous)
    file = Path(options.json).resolve() if options.json else folder / f"{datetime.now(UTC):%Y%m%d-%H%M%S}.json"
    file.write_text(
        results.as_json(rows, at=datetime.now(UTC).isoformat(), before=str(before or ""), load=os.getloadavg())
    )
    for line in results.table(rows, results.read(before) if before else ()):
        say(line)
    missed = [row for row in rows if not row.met]
    for goal in sorted({row.goal for row in missed} & TRIED.keys(), key=lambda goal: int(goal[1:])):
        say(f"{goal} falls short: {TRIED[goal]}")
    say(f"{len(rows) - len(missed)} of {len(rows)} goals met in {time.monotonic() - began:.0f} s. {file}")
    return bool(missed)


def measure(stage: Stage, only: Iterable[str] = ()) -> list[Row]:
    """Every row of one province: changes first, while the twin is the same, then what is served."""
    wanted = results.chosen(only, stage.people)
    rows = [row for one in wanted if one.phase is Phase.CHANGES for row in _told(one.run(stage))]
    served = [one for one in wanted if one.phase is not Phase.CHANGES]
    if served:
        stage.draw()
        with stage.serving():
            rows += [row for one in served for row in _told(one.run(stage))]
    return rows


def _told(found: Iterable[Row]) -> Iterator[Row]:
    for row in found:
        say(
            f"   {row.goal:4} {row.name:56} {results.figure(row.median_ms):>8} {results.figure(row.floor_ms):>8}"
            f" {row.unit:10} {results.figure(row.ratio):>8} ≤ {results.figure(row.target):<6}"
            f"{'' if row.met else ' MISSED'}"
        )
        yield row


@contextlib.contextmanager
def _server(options: argparse.Namespace, folder: Path) -> Iterator[tuple[URL | None, int | None]]:
    if "postgresql" not in options.database:
        yield None, None
    elif options.postgresql:
        yield make_url(options.postgresql), None
    else:
        with own_server(folder) as (server, process):
            yield server, process


def _before(folder: Path, named: str | None) -> Path | None:
    if named:
        return Path(named)
    kept = sorted(folder.glob("2*.json"))
    return kept[-1] if kept else None


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="10,000 files on the embedded database, short rounds")
    parser.add_argument("--people", type=int, nargs="+", help="sizes (10000 100000 1000000)")
    parser.add_argument("--database", nargs="+", choices=DATABASES, help="databases (both)")
    parser.add_argument("--only", nargs="+", default=[], metavar="P1", help="these goals alone")
    parser.add_argument("--with-django", action="store_true", help="against a tuned Django admin as well (installs it)")
    parser.add_argument("--work", help="where provinces and results are kept (bench/ in the instance folder)")
    parser.add_argument("--postgresql", metavar="URL", help="a superuser's address instead of a server of its own")
    parser.add_argument("--json", help="where the result goes (a new file in the work folder)")
    parser.add_argument("--previous", help="the result to compare with (the last in the work folder)")
    options = parser.parse_args(arguments)
    options.people = options.people or (SIZES[:1] if options.quick else SIZES)
    options.database = options.database or (DATABASES[:1] if options.quick else DATABASES)
    return options


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
