"""The log of the embedded database is carried over beside the writers."""

import threading
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from app.kernel.db import log
from app.kernel.db.engine import configure
from app.kernel.db.unit import writing

pytestmark = pytest.mark.embedded
LITTLE = 64 * 1024
PAGE = "x" * 3_000


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """A database whose log is full after some sixteen pages."""
    monkeypatch.setattr(log, "FULL", LITTLE)
    engine = create_engine(f"sqlite:///{tmp_path / 'some.sqlite3'}")
    configure(engine)
    with Session(engine) as session, writing(session):
        session.execute(text("CREATE TABLE words (word TEXT)"))
    return engine


def write(engine: Engine, times: int = 1) -> None:
    for _ in range(times):
        with Session(engine) as session, writing(session):
            session.execute(text("INSERT INTO words VALUES (:word)"), {"word": PAGE})


def size(engine: Engine) -> int:
    return Path(f"{engine.url.database}-wal").stat().st_size


def test_the_log_begins_anew_again_and_again(engine: Engine) -> None:
    seen = []
    for _ in range(200):
        write(engine)
        seen.append(size(engine))
    assert max(seen) < 2 * LITTLE
    assert sum(now < before for before, now in pairwise(seen)) > 5
    assert Path(engine.url.database or "").stat().st_size > 100 * len(PAGE)


def test_others_write_while_one_carries_it_over(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on, real = threading.Event(), threading.Event(), log._carry

    def slowly(of: Engine) -> None:
        begun.set()
        assert go_on.wait(20)
        real(of)

    monkeypatch.setattr(log, "_carry", slowly)
    one = threading.Thread(target=write, args=(engine, 30))
    one.start()
    try:
        assert begun.wait(20)
        write(engine, 3)
    finally:
        go_on.set()
        one.join()
    with Session(engine) as session:
        assert session.scalar(text("SELECT count(*) FROM words")) == 33


def test_who_reads_for_long_delays_nobody_and_it_is_not_tried_at_each_change(engine, monkeypatch) -> None:
    times, real = [], log._carry

    def counted(of: Engine) -> None:
        times.append(1)
        real(of)

    monkeypatch.setattr(log, "_carry", counted)
    with Session(engine) as reader:
        reader.scalar(text("SELECT count(*) FROM words"))
        write(engine, 100)
        grown, tries = size(engine), len(times)
    assert grown > 4 * LITTLE
    assert tries <= 2 * (grown // LITTLE)
    write(engine, 40)
    assert size(engine) < 2 * LITTLE


def test_what_fails_there_harms_no_change(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "_PASSIVE", "PRAGMA no such thing (")
    write(engine, 40)
    with Session(engine) as session:
        assert session.scalar(text("SELECT count(*) FROM words")) == 40
