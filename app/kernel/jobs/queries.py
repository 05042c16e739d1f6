"""What a person sees of jobs: those he started, and nobody else's."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.orm import Session

from app.kernel.errors import NotFound
from app.kernel.jobs.models import Job, JobState
from app.kernel.work import Work

LEAST_SECONDS = 3
"""A speed measured over less time says nothing."""
LEAST_SHARE = 0.02
ENDED = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


@dataclass(frozen=True)
class Pace:
    """``per_second``: units done a second. ``seconds_left``: until the end at that speed. None: not known."""

    per_second: float | None
    seconds_left: float | None


def own(session: Session, account_id: int, public_id: str) -> Job:
    """A job that ``account_id`` started. Raises NotFound for an absent one and for another's alike."""
    query = select(Job).where(Job.public_id == public_id, Job.account_id == account_id)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found


def mine(session: Session, account_id: int, *, after: str | None = None, size: int = 20) -> list[Job]:
    """The jobs ``account_id`` started, the newest first, following the one with public id ``after``."""
    query = select(Job).where(Job.account_id == account_id).order_by(Job.id.desc()).limit(size)
    if after:
        last = select(Job.id).where(Job.public_id == after, Job.account_id == account_id)
        query = query.where(Job.id < last.scalar_subquery())
    return list(session.scalars(query))


def unseen(account_id: Any) -> Select[int]:
    """Counts the jobs of ``account_id`` (a number or a parameter) whose end he has not seen."""
    return select(func.count()).select_from(Job).where(*_unseen(account_id))


def _unseen(account_id: Any) -> tuple[ColumnElement[bool], ...]:
    return Job.account_id == account_id, Job.state.in_(ENDED), Job.seen_at.is_(None)


def unseen_ends(session: Session, account_id: int) -> list[Job]:
    """The jobs of ``account_id`` whose end he has not seen."""
    return list(session.scalars(select(Job).where(*_unseen(account_id))))


def mark_seen(work: Work, row: Job) -> None:
    """Note that the starter of ``row`` saw how it ended."""
    work.session.execute(update(Job).where(Job.id == row.id, Job.seen_at.is_(None)).values(seen_at=work.now))


def pace(row: Job, now: datetime) -> Pace:
    """How fast ``row`` goes, from what its present run has really done."""
    if row.state is not JobState.RUNNING or row.started_at is None:
        return Pace(None, None)
    seconds = (now - row.started_at).total_seconds()
    fresh = row.done - row.began_with
    if seconds < LEAST_SECONDS or fresh <= 0 or fresh < LEAST_SHARE * row.total:
        return Pace(None, None)
    speed = fresh / seconds
    return Pace(speed, max(row.total - row.done, 0) / speed if row.total else None)
