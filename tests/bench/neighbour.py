"""Somebody else who writes while something long is at work, in a process of its own as in service."""

import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Event

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import create_app
from app.config import Settings
from app.extensions import db
from app.kernel.db.unit import writing
from app.league.accounts.models import Account

EVERY = 0.05
"""Seconds between two of its changes."""
_PROCESSES = multiprocessing.get_context("spawn")


@contextmanager
def waiting(settings: Settings) -> Iterator[list[float]]:
    """The neighbour at work on the database of ``settings``; filled at the end: milliseconds that each change took."""
    waits: list[float] = []
    told, ready, stop = _PROCESSES.SimpleQueue(), _PROCESSES.Event(), _PROCESSES.Event()
    process = _PROCESSES.Process(target=_write, args=(settings, told, ready, stop), daemon=True)
    process.start()
    try:
        assert ready.wait(60), "the neighbour did not begin"
        yield waits
        stop.set()
        waits += told.get()
    finally:
        stop.set()
        process.join(30)


def _write(settings: Settings, told: "multiprocessing.SimpleQueue[list[float]]", ready: Event, stop: Event) -> None:
    app, waits = create_app(settings), []
    with app.app_context():
        engine = db.engine
        with Session(engine) as session:
            somebody = session.scalars(select(Account.id).order_by(Account.id.desc()).limit(1)).one()
        ready.set()
        while not stop.wait(EVERY):
            with Session(engine) as session:
                started = time.perf_counter()
                with writing(session):
                    session.execute(update(Account).where(Account.id == somebody).values(name=Account.name))
                waits.append((time.perf_counter() - started) * 1000)
        engine.dispose()
    told.put(waits)
