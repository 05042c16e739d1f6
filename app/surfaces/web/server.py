"""The server's worker: gunicorn's threaded one, whose threads are given whole requests and never wait for a slow line.

One thread takes in what all connections send, as it comes, and notes how long requests then wait for a thread. Nothing
it does waits: not taking in, not hanging up. Imported by gunicorn alone.
"""

import signal
import socket
import struct
import sys
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers import gthread

from app.config import Settings
from app.surfaces.web.arrival import NotingPool
from app.surfaces.web.incoming import AT_A_TIME, Incoming, Unreadable

AT_ONCE = 16
PATIENCE = 20.0
"""Seconds in which a request must have come, and what is added for its body at ``SLOWEST`` bytes a second."""
SLOWEST = 8192
LINGER = 2.0
"""Seconds for which a server that stops still hears out who has come in, and for which any hanging up may take."""
SENT = 512 * 1024
"""Bytes of an answer that the system takes off a thread's hands; a download beyond may stall for ``PATIENCE``."""
MOST_HELD = 512 * 1024 * 1024
"""Bytes of requests that are not yet whole, of all connections of a process together."""
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Worker(gthread.ThreadWorker):  # type: ignore[misc]
    """It takes in whoever knocks at once, for what waits in front of the door is not seen; and gives the thread that
    does so its turn early among those that draw pages. ``pending_conns``: of which a request is awaited.
    """

    def init_process(self) -> None:
        """As the base does."""
        sys.setswitchinterval(0.001)
        self._largest = Settings.read().max_upload_bytes
        self._leaving: deque[Any] = deque()
        self._held = 0
        super().init_process()

    def get_thread_pool(self) -> ThreadPoolExecutor:
        """The pool."""
        return NotingPool(max_workers=self.cfg.threads)

    def handle_quit(self, sig: int, frame: Any) -> None:
        """End at once. Ctrl-C tells a worker twice, by the terminal and by its master: gunicorn's own handler would wait
        for a lock of the pool that it holds itself.
        """
        for number in (signal.SIGINT, signal.SIGQUIT):
            signal.signal(number, signal.SIG_IGN)
        super(gthread.ThreadWorker, self).handle_quit(sig, frame)

    # -- coming in -----------------------------------------------------------------------------------------------------

    def accept(self, listener: Any) -> None:
        """Accept several connections, not one, and hear what they say."""
        for _ in range(AT_ONCE):
            if self.nr_conns >= self.worker_connections - AT_ONCE:
                self._make_room()
            try:
                client, address = listener.accept()
            except OSError:  # nobody else knocks, or has gone again
                return
            self.nr_conns += 1
            conn = gthread.TConn(self.cfg, client, address, listener.getsockname())
            conn.init()
            conn.data_ready = True
            client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SENT)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", int(PATIENCE), 0))
            conn.parser.unreader = Incoming(client, self._largest)
            self._await(conn)
            self.on_pending_socket_readable(conn, client)

    def on_client_socket_readable(self, conn: Any, client: Any) -> None:
        """A connection that was kept open says something again."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        conn.parser.unreader.begin()
        self._await(conn)
        self.on_pending_socket_readable(conn, client)

    def on_pending_socket_readable(self, conn: Any, client: Any) -> None:
        """Take in what has come; a whole request goes to a thread."""
        try:
            part = client.recv(AT_A_TIME)
        except BlockingIOError:
            return
        except OSError:
            part = b""
        if not part or self._held > MOST_HELD:
            self._drop(conn)
            return
        self._heard(conn, partial(conn.parser.unreader.feed, part))

    def _heard(self, conn: Any, add: Callable[[], bool]) -> None:
        incoming = conn.parser.unreader
        try:
            whole = add()
        except Unreadable as problem:
            self._refuse(conn, problem)
            return
        self._held += incoming.size - conn.held
        conn.held = incoming.size
        if whole:
            self._hand_over(conn)
        elif incoming.length:
            conn.timeout = max(conn.timeout, conn.since + PATIENCE + incoming.length / SLOWEST)
            if incoming.asks_first():
                with suppress(OSError):
                    conn.sock.send(CONTINUE)

    def _await(self, conn: Any) -> None:
        conn.sock.setblocking(False)
        conn.since, conn.held = time.monotonic(), 0
        conn.timeout = conn.since + (PATIENCE if self.alive else LINGER)
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def _no_longer_awaited(self, conn: Any) -> None:
        self.poller.unregister(conn.sock)
        self.pending_conns.remove(conn)
        self._held -= conn.held

    def _hand_over(self, conn: Any) -> None:
        self._no_longer_awaited(conn)
        self.enqueue_req(conn)

    def _refuse(self, conn: Any, problem: Unreadable) -> None:
        with suppress(OSError):
            conn.sock.send(problem.answer)
        self._no_longer_awaited(conn)
        conn.parser.unreader.end()
        self._part(conn)

    # -- going -----------------------------------------------------------------------------------------------------------

    def finish_request(self, conn: Any, fs: Future[Any]) -> None:
        """A thread is done with it: the connection stays open, or is hung up on without waiting for the other side."""
        incoming = conn.parser.unreader
        incoming.end()
        stays = not fs.cancelled() and fs.exception() is None and fs.result() and not incoming.overlong
        if not stays:
            self._part(conn)
        elif incoming.has_more:
            self._await(conn)
            self._heard(conn, incoming.begin)
        else:
            super().finish_request(conn, fs)

    def murder_pending(self) -> None:
        """End what has taken too long: to say something whole, or to hang up."""
        now = time.monotonic()
        for conn in [one for one in self.pending_conns if one.timeout < now]:
            self._drop(conn)
        while self._leaving and self._leaving[0].timeout < now:
            self._gone(self._leaving[0])

    def _cap_keepalive(self, deadline: float) -> None:
        super()._cap_keepalive(deadline)
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout, deadline)

    def _make_room(self) -> None:
        """Hang up on who has been silent longest, so that a thousand idle ones keep nobody out."""
        if self.keepalived_conns:
            self.keepalived_conns[0].timeout = 0
            self.murder_keepalived()
        elif self.pending_conns:
            self._drop(next((one for one in self.pending_conns if one.parser.unreader.silent), self.pending_conns[0]))

    def _drop(self, conn: Any) -> None:
        self._no_longer_awaited(conn)
        conn.parser.unreader.end()
        self.nr_conns -= 1
        conn.close()

    def _part(self, conn: Any) -> None:
        """Say that nothing more comes, and close when the other side does, or after a while (RFC 9112, 9.6)."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            conn.sock.setblocking(False)
        except OSError:
            self.nr_conns -= 1
            conn.close()
            return
        conn.timeout = time.monotonic() + LINGER
        self._leaving.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self._hear_farewell, conn))

    def _hear_farewell(self, conn: Any, client: Any) -> None:
        try:
            if client.recv(AT_A_TIME):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self._gone(conn)

    def _gone(self, conn: Any) -> None:
        self._leaving.remove(conn)
        self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()
