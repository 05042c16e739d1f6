"""Whether this process can serve now: true answers, not a constant. Asked of the live parts at each look."""

import shutil
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from app.kernel.db.engine import writer_line

MIGRATIONS = Path(__file__).parent / "db" / "migrations"
PATIENCE = 5.0
"""Seconds a change may wait for its turn, here as everywhere."""
OK = "ok"
_probes: dict[str, threading.Thread] = {}


def checks(engine: Engine, instance: Path, least_free_mb: int) -> dict[str, str]:
    """Name → "ok" or what is wrong, in a few English words for logs and alerts. No personal data."""
    found = {"database": _told(lambda: _reachable(engine))}
    if found["database"] == OK:
        found["migrations"] = _told(lambda: _current(engine))
        found["writer"] = _within(engine, PATIENCE)
    found["disk"] = _told(lambda: _roomy(instance, least_free_mb))
    return found


@cache
def head() -> str | None:
    """The newest revision this code knows."""
    from alembic.script import ScriptDirectory  # by whoever asks whether the site is ready, not at each start

    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def _told(question: Callable[[], str]) -> str:
    try:
        return question()
    except (SQLAlchemyError, OSError) as error:
        return type(error).__name__


def _reachable(engine: Engine) -> str:
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    return OK


def _current(engine: Engine) -> str:
    with engine.connect() as connection:
        here = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return OK if here == head() else f"revision {here}, code wants {head()}"


def _roomy(instance: Path, least_free_mb: int) -> str:
    free = shutil.disk_usage(instance).free // 1024**2
    return OK if free >= least_free_mb else f"{free} MB free"


def _within(engine: Engine, seconds: float) -> str:
    """Whether a change would get its turn: one is begun and taken back, in a thread that may be left waiting.

    At most one such thread per database waits: while it does, nobody writes, and that is the answer.
    """
    key, answer = str(engine.url), ["no turn to write"]
    thread = _probes.get(key)
    if thread is None or not thread.is_alive():

        def ask() -> None:
            answer[0] = _told(lambda: _writes(engine))

        thread = _probes[key] = threading.Thread(target=ask, name="readiness", daemon=True)
        thread.start()
        thread.join(seconds)
    return answer[0]


def _writes(engine: Engine) -> str:
    with writer_line(engine), engine.connect() as connection:
        writing = connection.execution_options(writing=True)
        writing.begin().rollback()
        if engine.dialect.name == "sqlite":
            return OK
        return "read only" if writing.scalar(text("SELECT current_setting('transaction_read_only')")) == "on" else OK
