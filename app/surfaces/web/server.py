"""The server's worker: gunicorn's threaded one, which notes how long requests wait. Imported by gunicorn alone."""

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from gunicorn.workers import gthread

from app.surfaces.web.arrival import NotingPool

# A connection that says nothing yet takes a thread for so many seconds (gunicorn: 5), then waits without one.
gthread.DEFAULT_WORKER_DATA_TIMEOUT = 0.02
AT_ONCE = 16


class Worker(gthread.ThreadWorker):  # type: ignore[misc]
    """Gunicorn's threaded worker with a noting pool. It takes in whoever knocks at once, for what waits in front of the
    door is not seen; and gives the thread that does so its turn early among those that draw pages.
    """

    def init_process(self) -> None:
        """As the base does."""
        sys.setswitchinterval(0.001)
        super().init_process()

    def get_thread_pool(self) -> ThreadPoolExecutor:
        """The pool."""
        return NotingPool(max_workers=self.cfg.threads)

    def accept(self, listener: Any) -> None:
        """Accept several connections, not one."""
        for _ in range(AT_ONCE):
            known = self.nr_conns
            super().accept(listener)
            if self.nr_conns == known or self.nr_conns >= self.worker_connections:
                return
