"""The power fails at random moments, and the disk keeps only what it was told to keep: no commit that returned is lost.

SQLite's own calls are watched (`kept_on_disk.c`): beside the database lies another that holds each file as it stood at
its last fsync. The writing process dies, the other one is opened, and everything in the ledger must be there.
"""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.server import ROOT

CUTS = int(os.environ.get("CUTS", "3"))
"""A night takes more: `CUTS=1000 scripts/test tests/faults/test_power_cuts.py`."""
COMPILER = shutil.which("cc")
NAME = "kept.sqlite3"
pytestmark = [
    pytest.mark.embedded,
    pytest.mark.slow,
    pytest.mark.skipif(COMPILER is None, reason="the watcher is written in C"),
]


@pytest.fixture
def watched(tmp_path: Path) -> dict[str, str]:
    """The environment of a process whose database is watched."""
    library, certain = tmp_path / "kept_on_disk.so", tmp_path / "certain"
    certain.mkdir()
    source = Path(__file__).with_name("kept_on_disk.c")
    subprocess.run([str(COMPILER), "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    with closing(sqlite3.connect(tmp_path / NAME)) as connection:
        connection.execute("CREATE TABLE kept (number INTEGER PRIMARY KEY, words TEXT)")
    shutil.copy(tmp_path / NAME, certain)
    return {**os.environ, "LD_PRELOAD": str(library), "DISK_OF_CERTAINTY": str(certain)}


def cut(folder: Path, environment: dict[str, str], seconds: float, *mode: str) -> None:
    """Let it write for so long after its first new commit, then take the power away."""
    ledger = folder / "ledger"
    before = ledger.stat().st_size if ledger.exists() else 0
    command = [sys.executable, "-m", "tests.faults.commits", str(folder / NAME), str(ledger), *mode]
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        while not ledger.exists() or ledger.stat().st_size <= before:
            assert process.poll() is None
            time.sleep(0.01)
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)


def found_after(folder: Path) -> set[int]:
    """The numbers in what is left, which becomes the database: the machine has come up again."""
    for suffix in ("", "-wal", "-shm"):
        (folder / (NAME + suffix)).unlink(missing_ok=True)
        if (left := folder / "certain" / (NAME + suffix)).exists():
            shutil.copy(left, folder / (NAME + suffix))
    with closing(sqlite3.connect(folder / NAME)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        found = {number for (number,) in connection.execute("SELECT number FROM kept")}
    (folder / "certain" / f"{NAME}-wal").unlink(missing_ok=True)  # who opened it alone has brought the log home
    shutil.copy(folder / NAME, folder / "certain")
    return found


def acknowledged(folder: Path) -> set[int]:
    return {int(line) for line in (folder / "ledger").read_text().split()}


def test_no_commit_that_returned_is_lost_with_the_power(tmp_path: Path, watched: dict[str, str]) -> None:
    dice = random.Random(2016)
    for _ in range(CUTS):
        cut(tmp_path, watched, dice.uniform(0, 0.6))
        found = found_after(tmp_path)
        assert acknowledged(tmp_path) - found == set()
        assert len(found - acknowledged(tmp_path)) <= CUTS, "at most the one at hand at each cut"
    assert len(acknowledged(tmp_path)) > 20


def test_a_database_that_does_not_wait_for_the_disk_loses_commits(tmp_path: Path, watched: dict[str, str]) -> None:
    """The watcher itself can see a loss."""
    cut(tmp_path, watched, 0.3, "NORMAL")
    assert acknowledged(tmp_path) - found_after(tmp_path)
