"""Every revision down and up on a full database, timed, killed in the middle and run again; nothing of the data changes.

Besides the product's revisions there is one that rebuilds the largest table (`rehearsed/`). Called by
`scripts/rehearse-migrations`; the suite plays a small one.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from app import MIGRATIONS
from app.config import Settings
from tests.bench.databases import Store, own_server
from tests.bench.stage import work_folder
from tests.faults.server import ROOT
from tests.migrations.digests import Columns, columns, digests

LONGEST = 60.0
"""Seconds a revision may take at a million files."""
REHEARSED = "rehearsed"


@dataclass
class Rehearsal:
    """One full database. ``environment``: of the product's commands over it; ``engine``: for looking at it."""

    environment: dict[str, str]
    engine: Engine
    dice: random.Random = field(default_factory=lambda: random.Random(2016))
    before: dict[str, tuple[int, int]] = field(default_factory=dict)
    kept: Columns = field(default_factory=dict)

    def look(self) -> None:
        """Remember what the database holds."""
        self.kept = columns(self.engine)
        self.before = digests(self.engine, self.kept)

    def changed(self) -> list[str]:
        """The tables that no longer hold what they held."""
        now = digests(self.engine, self.kept)
        return [table for table in self.kept if now[table] != self.before[table]]

    @property
    def revision(self) -> str | None:
        """Where the database stands."""
        with self.engine.connect() as connection:
            return connection.scalar(text("SELECT version_num FROM alembic_version"))

    def go(self, direction: str, revision: str) -> float:
        """Migrate. Returns the seconds it took."""
        process = self._begin(direction, revision)
        began = time.monotonic()
        if process.wait() != 0:
            raise RuntimeError(f"{direction} to {revision} failed")
        return time.monotonic() - began

    def kill(self, direction: str, revision: str, within: float) -> str:
        """Kill a migration at a random moment of its ``within`` seconds, then run it again.

        Returns where the killed one left the database. Raises RuntimeError when that is neither before nor behind it.
        """
        origin = self.revision
        process = self._begin(direction, revision)
        try:
            process.wait(self.dice.uniform(0, within))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
        left = self.revision
        if left not in (origin, revision):
            raise RuntimeError(f"killed between {origin} and {revision} it stands at {left}")
        self.go(direction, revision)
        if self.revision != revision:
            raise RuntimeError(f"run again it stands at {self.revision}, not at {revision}")
        return "before" if left == origin else "behind"

    def _begin(self, direction: str, revision: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.migrations.one_step", direction, revision]
        process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=subprocess.PIPE)
        assert process.stdout is not None
        with process.stdout:
            if process.stdout.readline() != b"begins\n":
                raise RuntimeError(f"{direction} to {revision} did not begin")
        return process


def steps() -> list[tuple[str, str]]:
    """(revision, the one before) from the newest to the second; the first one makes the tables."""
    line = list(ScriptDirectory(str(MIGRATIONS)).walk_revisions())
    found = [(one.revision, str(one.down_revision)) for one in line if one.down_revision]
    return [(REHEARSED, line[0].revision), *found]


def play(rehearsal: Rehearsal, chosen: list[tuple[str, str]], kills: int) -> bool:
    """Each of ``chosen`` down and up, ``kills`` of them killed. Prints a line each. Returns whether all went well."""
    rehearsal.look()
    say(f"{sum(rows for rows, _ in rehearsal.before.values()):,} rows in {len(rehearsal.before)} tables")
    rehearsal.go("upgrade", REHEARSED)
    well, taken = True, {}
    for revision, origin in chosen:
        for direction, target in (("downgrade", origin), ("upgrade", revision)):
            seconds = taken[revision, direction] = rehearsal.go(direction, target)
            changed = rehearsal.changed()
            well = well and seconds <= LONGEST and not changed
            verdict = f"changed: {', '.join(changed)}" if changed else "every row as it was"
            say(f"{revision:10} {direction:9} {seconds:7.2f} s of at most {LONGEST:.0f}   {verdict}")
        left = {"before": 0, "behind": 0}
        for turn in range(kills):
            direction, target = (("downgrade", origin), ("upgrade", revision))[turn % 2]
            left[rehearsal.kill(direction, target, taken[revision, direction])] += 1
        if kills:
            changed = rehearsal.changed()
            well = well and not changed and rehearsal.revision == (origin if kills % 2 else revision)
            say(
                f"{revision:10} killed {kills} times and run again: it had left {left['before']} before, "
                f"{left['behind']} behind; {'changed: ' + ', '.join(changed) if changed else 'every row as it was'}"
            )
        if rehearsal.revision != origin and (revision, origin) != chosen[-1]:
            rehearsal.go("downgrade", origin)
    return well


def all_the_way(rehearsal: Rehearsal) -> None:
    """The first revision down, which takes every table away, and all of them up again."""
    say(f"{'the first':10} downgrade {rehearsal.go('downgrade', 'base'):7.2f} s   every table gone, as it says")
    say(f"{'all':10} upgrade   {rehearsal.go('upgrade', REHEARSED):7.2f} s   from nothing")


def rehearsal_of(settings: Settings) -> Rehearsal:
    """A rehearsal over the database of ``settings``."""
    own = {"INSTANCE_DIR": str(settings.instance_dir), "DATABASE_URL": settings.database_url}
    return Rehearsal({**os.environ, **own}, create_engine(settings.database, poolclass=NullPool))


def say(line: str) -> None:
    """Print it now."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> int:
    """Run it. Returns 1 when a revision took too long, or changed what it should not."""
    parser = argparse.ArgumentParser(prog="scripts/rehearse-migrations", description=__doc__)
    parser.add_argument("--people", type=int, default=10_000, help="files (10000)")
    parser.add_argument("--database", nargs="+", choices=("sqlite", "postgresql"), default=["sqlite", "postgresql"])
    parser.add_argument("--kills", type=int, default=20, help="of each revision (20)")
    parser.add_argument("--work", help="where provinces are kept (bench/ in the instance folder, as of scripts/bench)")
    options = parser.parse_args(arguments)
    folder: Path = work_folder(options.work)
    folder.mkdir(parents=True, exist_ok=True)
    well = True
    with own_server(folder) if "postgresql" in options.database else nullcontext((None, None)) as (server, _):
        store = Store(folder, server)
        for database in options.database:
            say(f"== {options.people:,} files on {database}")
            kept = store.province(options.people, database)
            with store.copy(kept, "rehearsal") as settings:
                rehearsal = rehearsal_of(settings)
                well = play(rehearsal, steps(), options.kills) and well
                all_the_way(rehearsal)
    return not well


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
