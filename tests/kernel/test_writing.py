"""The unit of work: whole or not at all; writers in line, none starved; a busy or full database said politely."""

import json
import sqlite3
import subprocess
import sys

import pytest
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.orm import Session

from app.kernel.db import engine as engines
from app.kernel.db.engine import configure
from app.kernel.db.unit import writing
from app.kernel.errors import Unavailable
from app.kernel.limits import LimitCounter, hit
from tests.faults.server import ROOT


@pytest.fixture
def tally(tmp_path):
    """The address of an embedded database with one number in it."""
    url = f"sqlite:///{tmp_path / 'tally.sqlite3'}"
    engine = create_engine(url)
    configure(engine)
    with Session(engine) as session, writing(session):
        session.execute(text("CREATE TABLE tally (value INTEGER NOT NULL)"))
        session.execute(text("INSERT INTO tally VALUES (0)"))
    engine.dispose()
    return url


@pytest.mark.slow
def test_eight_writers_in_two_processes_take_turns(tally, tmp_path):
    command = [sys.executable, "-m", "tests.kernel.writers", tally, "4", "2"]
    processes = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) for _ in range(2)]
    results = [result for process in processes for result in json.loads(process.communicate(timeout=60)[0])]
    assert [result for result in results if "error" in result] == []
    done = sorted(result["done"] for result in results)
    assert len(done) == 8
    assert done[0] * 2 > sum(done) / 8, f"somebody starved: {done}"
    assert max(result["longest"] for result in results) < 1
    with sqlite3.connect(tmp_path / "tally.sqlite3") as connection:
        assert connection.execute("SELECT value FROM tally").fetchone()[0] == sum(done)
    connection.close()


def test_what_fails_leaves_nothing(session, vault):
    with pytest.raises(ZeroDivisionError), writing(session):  # noqa: PT012
        hit(session, vault, "reveal", "1")
        _ = 1 // 0
    assert session.scalar(select(func.count()).select_from(LimitCounter)) == 0


def test_a_transaction_inside_a_transaction_is_a_programming_error(session):
    with writing(session), pytest.raises(RuntimeError, match="already open"), writing(session):
        pass
    with writing(session):
        pass


def test_decisions_are_made_on_fresh_rows(world, session, app):
    name = world.branch_b1.name
    with Session(session.get_bind()) as other, writing(other):
        other.execute(text("UPDATE organisations SET name = '改过了' WHERE id = :id"), {"id": world.branch_b1.id})
    assert world.branch_b1.name == name
    with writing(session):
        assert world.branch_b1.name == "改过了"


@pytest.fixture
def short_patience(monkeypatch, tally):
    """A connection that gives up after a twentieth of a second."""
    monkeypatch.setattr(engines, "PRAGMAS", (*engines.PRAGMAS, "PRAGMA busy_timeout=50"))
    engine = create_engine(tally)
    configure(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()


def test_a_locked_database_is_said_to_be_busy(short_patience, tmp_path):
    other = sqlite3.connect(tmp_path / "tally.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable), writing(short_patience):
        pass
    other.execute("ROLLBACK")
    other.close()
    with writing(short_patience):
        short_patience.execute(text("UPDATE tally SET value = 5"))


def test_a_full_disk_is_said_to_be_busy_and_changes_nothing(short_patience):
    with writing(short_patience):
        pages = short_patience.execute(text("PRAGMA page_count")).scalar_one()
        short_patience.execute(text(f"PRAGMA max_page_count={pages}"))
    with pytest.raises(Unavailable), writing(short_patience):  # noqa: PT012
        short_patience.execute(text("UPDATE tally SET value = 7"))
        short_patience.execute(text("CREATE TABLE more AS SELECT zeroblob(100000) AS filler"))
    assert short_patience.execute(text("SELECT value FROM tally")).scalar_one() == 0


def test_whoever_holds_a_row_too_long_makes_others_busy_and_not_hang(world, session, engine):
    if engine.dialect.name != "postgresql":
        pytest.skip("the embedded database locks as a whole: see the locked database above")
    assert session.execute(text("SHOW lock_timeout")).scalar_one() == "5s"
    name = world.school_s.name
    with Session(engine) as holder:
        holder.execute(text("UPDATE organisations SET name = 'x' WHERE name = :name"), {"name": name})
        with pytest.raises(Unavailable):
            wait_for_the_row(session, name)
        holder.rollback()


def wait_for_the_row(session, name: str) -> None:
    with writing(session):
        session.execute(text("SET LOCAL lock_timeout = '100ms'"))
        session.execute(text("UPDATE organisations SET name = 'y' WHERE name = :name"), {"name": name})
