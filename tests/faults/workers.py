"""The worker alone, killed and started again over an instance that the test looks into from outside."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, select, update
from sqlalchemy.orm import Session

from app.kernel.db.engine import configure
from app.kernel.jobs.models import Job, JobState
from app.kernel.jobs.operations import OPEN_STATES
from tests.faults.server import Instance, Server


class Worker(Server):
    """The worker alone, without the web."""

    def start(self, *, within: float = 30) -> "Worker":
        """Start it; it takes the job when it is ready."""
        self._launch("flask", "--app", "wsgi", "worker")
        return self


@contextmanager
def looking_into(instance: Instance) -> Iterator[Session]:
    """A session on the instance's database, from outside the worker."""
    engine = create_engine(instance.database_url or f"sqlite:///{instance.folder / 'tuanwutong.sqlite3'}")
    configure(engine)
    with Session(engine, expire_on_commit=False) as session:
        yield session
    engine.dispose()


def state_of(kept: Session) -> JobState:
    """The state of the last job left."""
    kept.rollback()
    kept.expire_all()
    return kept.scalars(select(Job.state).order_by(Job.id.desc()).limit(1)).one()


def wait_until(kept: Session, *states: JobState, within: float = 30) -> JobState:
    """Until the last job is in one of ``states``, or the time is over. Returns its state."""
    deadline = time.monotonic() + within
    while (found := state_of(kept)) not in states and time.monotonic() < deadline:
        time.sleep(0.002)
    return found


def a_minute_goes_by(kept: Session) -> None:
    """The lease of the dead worker is over; its tries are given back for the next kill."""
    kept.execute(
        update(Job).where(Job.state.in_(OPEN_STATES)).values(leased_until=None, tries=0, state=JobState.QUEUED)
    )
    kept.commit()
