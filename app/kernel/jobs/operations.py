"""Jobs: left by a request, taken by one worker under a lease, taken again by another when that worker dies."""

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from threading import Event
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from app.kernel.db.unit import writing
from app.kernel.errors import NotFound, Problem, Unavailable
from app.kernel.jobs.models import Job, JobState
from app.kernel.work import Work

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=60)
MOST_TRIES = 5
TURN = 5.0
"""Seconds that a long job works before others that wait get their turn."""
OPEN_STATES = (JobState.QUEUED, JobState.RUNNING)
OpenWork = Callable[[], AbstractContextManager[Work]]
"""Opens a unit of work of its own: a fresh session, the present instant."""


class Stopping(Exception):
    """The worker ends, or lost this job to another: the handler's open transaction is rolled back."""


class Run:
    """One run of a job, as its handler sees it.

    ``work``: the handler's unit of work; it opens ``writing`` itself, a batch at a time. ``payload``: what was asked.
    ``done``: how far an earlier run came, as its last ``progress`` said: a handler goes on from there.
    """

    def __init__(self, work: Work, row: Job, open_work: OpenWork, stop: Event) -> None:
        self.work = work
        self.payload: dict[str, Any] = row.payload
        self.account_id = row.account_id
        self.public_id = row.public_id
        self.done, self.total = row.done, row.total
        self._id, self._worker, self._note = row.id, row.worker, ""
        self._open_work, self._stop = open_work, stop
        self._began = time.monotonic()

    def progress(self, done: int, total: int | None = None, note: str | None = None) -> None:
        """Say how far it is, and in ``note`` what it is doing.

        Inside ``writing`` this commits with the batch, so that a resumed run repeats nothing.

        Raises Stopping when the worker ends or the job is no longer ours.
        """
        if self._stop.is_set():
            raise Stopping
        self.done, self.total = done, self.total if total is None else total
        self._note = self._note if note is None else note
        if self.work.session.info.get("writing"):
            self._tell(self.work)
            return
        with self._open_work() as work, writing(work.session):
            self._tell(work)
            self.work.now = work.now

    def finish(self, result: dict[str, Any]) -> None:
        """End the job inside the handler's own ``writing``: the work and its end commit together or not at all.

        Raises Stopping when the job is no longer ours, so that the work is rolled back.
        """
        values = {
            "state": JobState.DONE, "result": result, "finished_at": self.work.now, "leased_until": None, "error": "",
            "done": self.total, "total": self.total, "note": "",
        }  # fmt: skip
        if not _ours(self.work, self._id, self._worker, values):
            raise Stopping

    def let_others(self) -> None:
        """Between two batches of something long: when others wait and this had its turn, they come first.

        Raises Stopping; the job goes on where it was when its turn comes again.
        """
        if time.monotonic() - self._began < TURN:
            return
        with self._open_work() as work:
            others = select(Job.id).where(Job.id != self._id, Job.state == JobState.QUEUED).limit(1)
            if work.session.scalar(others) is not None:
                raise Stopping

    @property
    def cancelled(self) -> bool:
        """Whether somebody asked to stop; the handler then ends between two batches."""
        with self._open_work() as work:
            return bool(work.session.scalar(select(Job.cancel_asked).where(Job.id == self._id)))

    def _tell(self, work: Work) -> None:
        values = {"done": self.done, "total": self.total, "note": self._note, "leased_until": work.now + LEASE}
        if not _ours(work, self._id, self._worker, values):
            raise Stopping


Handler = Callable[[Run], dict[str, Any] | None]
_HANDLERS: dict[str, Handler] = {}
_TITLES: dict[str, str] = {}
_WHOLE: set[str] = set()


def job(kind: str, title: str = "后台任务", *, whole: bool = False) -> Callable[[Handler], Handler]:
    """Declare the function that does jobs of ``kind``. What it returns is kept as the job's result.

    ``title``: what people read of it. ``whole``: done in one transaction, so that it can be cancelled only before it
    begins.
    """

    def mark(handler: Handler) -> Handler:
        _HANDLERS[kind], _TITLES[kind] = handler, title
        if whole:
            _WHOLE.add(kind)
        return handler

    return mark


def title_of(kind: str) -> str:
    """What people read of jobs of ``kind``."""
    return _TITLES.get(kind, "后台任务")


def can_cancel(row: Job) -> bool:
    """Whether asking ``row`` to stop would do anything."""
    return row.state is JobState.QUEUED or (row.state is JobState.RUNNING and row.kind not in _WHOLE)


def enqueue(work: Work, kind: str, payload: dict[str, Any], total: int = 0, title: str = "") -> Job:
    """Leave a job in the caller's transaction. ``payload`` holds ids and counts, never personal data.

    ``title``: what its starter reads of it; without one, the kind's.
    """
    row = Job(kind=kind, account_id=work.actor.account_id, payload=payload, total=total, created_at=work.now)
    row.title = (title or title_of(kind))[:200]
    work.session.add(row)
    work.session.flush()
    return row


def by_public_id(session: Session, public_id: str) -> Job:
    """One job. Raises NotFound."""
    row = session.scalars(select(Job).where(Job.public_id == public_id)).one_or_none()
    if row is None:
        raise NotFound
    return row


def cancel(work: Work, row: Job) -> None:
    """Ask ``row`` to stop: at once when it has not begun, else at the handler's next look. An ended one stays."""
    work.session.refresh(row, with_for_update=True)
    if not can_cancel(row):
        return
    row.cancel_asked = True
    if row.state is JobState.QUEUED:
        row.state, row.finished_at = JobState.CANCELLED, work.now
    work.session.flush()


def run_next(open_work: OpenWork, worker: str, stop: Event, current: dict[str, int] | None = None) -> bool:
    """Take one job and do it. Returns whether there was one.

    ``current``: where the heartbeat looks up the job whose lease it renews.
    """
    with open_work() as work:
        with writing(work.session):
            row = _claim(work, worker)
        if row is None:
            return False
        if current is not None:
            current["job"] = row.id
        try:
            _do(work, row, open_work, stop)
        finally:
            if current is not None:
                current.clear()
        return True


def renew(work: Work, job_id: int, worker: str) -> None:
    """The heartbeat: this worker is still at it."""
    with writing(work.session):
        _ours(work, job_id, worker, {"leased_until": work.now + LEASE})


def _claim(work: Work, worker: str) -> Job | None:
    """A job that waits, or whose worker let its lease expire."""
    free = or_(Job.leased_until.is_(None), Job.leased_until <= work.now)
    query = select(Job).where(Job.state.in_(OPEN_STATES), free)
    turn = func.coalesce(Job.started_at, Job.created_at)  # one that let others go first comes after them
    query = query.where(Job.kind.in_(sorted(_HANDLERS))).order_by(turn, Job.id).limit(1)
    row = work.session.scalars(query.with_for_update(skip_locked=True)).one_or_none()
    if row is None:
        return None
    if row.tries >= MOST_TRIES:
        row.state, row.error, row.finished_at = JobState.FAILED, row.error or "多次中断", work.now
        return None
    if row.cancel_asked:
        row.state, row.finished_at = JobState.CANCELLED, work.now
        return None
    row.state, row.worker, row.leased_until = JobState.RUNNING, worker, work.now + LEASE
    row.tries += 1
    row.started_at, row.began_with = work.now, row.done
    return row


def _do(work: Work, row: Job, open_work: OpenWork, stop: Event) -> None:
    run = Run(work, row, open_work, stop)
    job_id, worker, tries = row.id, row.worker, row.tries
    values: dict[str, Any]
    try:
        result = _HANDLERS[row.kind](run)
        ended = JobState.CANCELLED if run.cancelled else JobState.DONE
        values = {
            "state": ended,
            "result": result,
            "note": "",
            "error": "",
            "finished_at": _now(open_work),
            "leased_until": None,
        }
    except Stopping:
        values = {"state": JobState.QUEUED, "tries": tries - 1, "leased_until": None}
    except Exception as error:
        if isinstance(error, Problem) and not isinstance(error, Unavailable):
            refused = {"state": JobState.FAILED, "error": error.text, "finished_at": _now(open_work), "note": ""}
            _end(open_work, job_id, worker, refused)
            return
        log.warning("job %s: %s", job_id, type(error).__name__, exc_info=error)
        again = _now(open_work) + timedelta(seconds=5 * 2**tries)
        values = {"state": JobState.QUEUED, "error": type(error).__name__, "leased_until": again}
        if tries >= MOST_TRIES:
            values |= {"state": JobState.FAILED, "finished_at": _now(open_work)}
    _end(open_work, job_id, worker, values)


def _end(open_work: OpenWork, job_id: int, worker: str, values: dict[str, Any]) -> None:
    with open_work() as fresh, writing(fresh.session):
        _ours(fresh, job_id, worker, values)


def _ours(work: Work, job_id: int, worker: str, values: dict[str, Any]) -> bool:
    mine = (Job.id == job_id, Job.worker == worker, Job.state == JobState.RUNNING)
    changed = work.session.execute(
        update(Job).where(*mine).values(**values).execution_options(synchronize_session=False)
    )
    return bool(changed.rowcount)  # type: ignore[attr-defined]


def _now(open_work: OpenWork) -> datetime:
    with open_work() as work:
        return work.now
