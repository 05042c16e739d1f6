"""The worker: one process that delivers messages, does jobs and keeps the periodic tasks, until it is told to end."""

import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable
from datetime import timedelta

from app.kernel.errors import Unavailable
from app.kernel.jobs.operations import OpenWork, renew, run_next
from app.kernel.jobs.periodic import run_due, take_turn
from app.kernel.outbox.operations import deliver_due

log = logging.getLogger(__name__)
PAUSE = 0.5
BEAT = 10.0
HEARTBEAT = "heartbeat"
"""The periodic row that says when a worker was last seen alive."""


class Worker:
    """``open_work`` gives each step a unit of work of its own, whatever thread it runs in."""

    def __init__(self, open_work: OpenWork) -> None:
        self.name = f"{socket.gethostname()[:16]}-{os.getpid()}-{secrets.token_hex(2)}"
        self.stop = threading.Event()
        self._open_work = open_work
        self._current: dict[str, int] = {}

    def run(self, wait: Callable[[], object]) -> None:
        """Work until ``wait`` returns; every thread then ends between two steps."""
        steps: tuple[tuple[Callable[[], bool], float], ...] = (
            (self.deliver, PAUSE),
            (self.do_job, PAUSE),
            (self.keep_time, 1.0),
            (self.beat, BEAT),
        )
        threads = [threading.Thread(target=self._loop, args=step, name=step[0].__name__) for step in steps]
        for thread in threads:
            thread.start()
        wait()
        self.stop.set()
        for thread in threads:
            thread.join()

    def deliver(self) -> bool:
        """Deliver what is due. Returns whether anything left."""
        with self._open_work() as work:
            return deliver_due(work) > 0

    def do_job(self) -> bool:
        """Do one job. Returns whether there was one."""
        return run_next(self._open_work, self.name, self.stop, self._current)

    def keep_time(self) -> bool:
        """Run the periodic tasks whose time has come."""
        run_due(self._open_work)
        return False

    def beat(self) -> bool:
        """Say that the worker lives, and renew the lease of the job at hand."""
        with self._open_work() as work:
            take_turn(work, HEARTBEAT, timedelta(seconds=BEAT / 2))
        job_id = self._current.get("job")
        if job_id is not None:
            with self._open_work() as work:
                renew(work, job_id, self.name)
        return False

    def _loop(self, step: Callable[[], bool], pause: float) -> None:
        failures = 0
        while not self.stop.is_set():
            try:
                busy = step()
                failures = 0
            except Exception as error:  # noqa: BLE001  a locked or restarting database is waited out
                failures += 1
                busy = False
                seldom = not isinstance(error, Unavailable) or failures > 3
                log.log(logging.WARNING if seldom else logging.INFO, "%s: %s", step.__name__, type(error).__name__)
            if not busy:
                self.stop.wait(min(pause * 2**failures, 30.0))
