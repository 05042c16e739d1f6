"""Tasks that come round again. Several workers share one row per task, and so one rhythm."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from app.kernel.db.unit import writing
from app.kernel.jobs.models import PeriodicRun
from app.kernel.jobs.operations import OpenWork
from app.kernel.work import Work

log = logging.getLogger(__name__)
Act = Callable[[Work], object]


@dataclass(frozen=True)
class Task:
    """``act`` runs every so often, outside a transaction: it opens ``writing`` itself."""

    name: str
    every: timedelta
    act: Act


_TASKS: dict[str, Task] = {}


def periodic(name: str, *, every: timedelta) -> Callable[[Act], Act]:
    """Declare a task; ``name`` has at most 32 characters."""

    def mark(act: Act) -> Act:
        _TASKS[name] = Task(name, every, act)
        return act

    return mark


def tasks() -> list[Task]:
    """Every declared task, by name."""
    return [_TASKS[name] for name in sorted(_TASKS)]


def run_due(open_work: OpenWork) -> list[str]:
    """Run the tasks whose time has come. Returns their names; one that fails is logged and comes round again."""
    ran = []
    for task in tasks():
        try:
            with open_work() as work:
                if take_turn(work, task.name, task.every):
                    ran.append(task.name)
                    task.act(work)
        except Exception as error:
            log.warning("task %s: %s", task.name, type(error).__name__, exc_info=error)
    return ran


def take_turn(work: Work, name: str, every: timedelta) -> bool:
    """Whether ``name`` is due and nobody else took this turn."""
    last = work.session.scalar(select(PeriodicRun.last_run_at).where(PeriodicRun.name == name))
    if last is not None and last > work.now - every:
        work.session.rollback()
        return False
    with writing(work.session):
        if last is None:
            try:
                with work.session.begin_nested():
                    work.session.execute(insert(PeriodicRun).values(name=name, last_run_at=work.now))
                return True
            except IntegrityError:
                return False
        due = (PeriodicRun.name == name, PeriodicRun.last_run_at <= work.now - every)
        taken = work.session.execute(update(PeriodicRun).where(*due).values(last_run_at=work.now))
        return bool(taken.rowcount)  # type: ignore[attr-defined]
