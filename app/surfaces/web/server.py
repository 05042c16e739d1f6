"""The server's worker: gunicorn's threaded one, which notes how long requests wait. Imported by gunicorn alone."""

import selectors
import signal
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

from gunicorn.workers import gthread

from app.surfaces.web.arrival import NotingPool

# A connection that says nothing yet takes a thread for so many seconds (gunicorn: 5), then waits without one.
gthread.DEFAULT_WORKER_DATA_TIMEOUT = 0.02
AT_ONCE = 16
LINGER = 2.0
"""Seconds for which a server that stops still hears out who has just come in and said nothing yet."""


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

    def handle_quit(self, sig: int, frame: Any) -> None:
        """End at once. Ctrl-C tells a worker twice, by the terminal and by its master: gunicorn's own handler would wait
        for a lock of the pool that it holds itself.
        """
        for number in (signal.SIGINT, signal.SIGQUIT):
            signal.signal(number, signal.SIG_IGN)
        super(gthread.ThreadWorker, self).handle_quit(sig, frame)

    def finish_request(self, conn: Any, fs: Future[Any]) -> None:
        """While it stops, gunicorn hangs up on a connection that was taken in a moment before and has not asked yet;
        here it may still ask.
        """
        silent = not fs.cancelled() and fs.exception() is None and fs.result() is gthread._DEFER
        if self.alive or not silent:
            super().finish_request(conn, fs)
            return
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + LINGER
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))
