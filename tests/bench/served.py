"""gunicorn on loopback, and what its workers take of processor and memory."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from tests.bench.wire import NOBODY, Line
from tests.faults.server import ROOT, free_port

WITHIN = 60


class Served:
    """A WSGI application behind gunicorn, with the product's settings of it: two workers of four threads.

    ``application``: as gunicorn names it, ``module:name``. ``page``: an address that answers 200 when it has started.
    ``python``: that of another environment, which has no part of the product.
    """

    def __init__(
        self, application: str, environment: Mapping[str, str], log: Path, page: str = "/", python: str = sys.executable
    ) -> None:
        self.port = free_port()
        self.environment = {**os.environ, **environment, "HOST": "127.0.0.1", "PORT": str(self.port)}
        own = ("-c", "scripts/gunicorn.conf.py")
        like = ("-b", f"127.0.0.1:{self.port}", "-k", "gthread", "-w", "2", "--threads", "4", "--keep-alive", "15")
        self.command = [
            python,
            "-m",
            "gunicorn",
            *(own if python == sys.executable else (*like, "--preload")),
            application,
        ]
        self.log, self.page = log, page

    def __enter__(self) -> "Served":
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + WITHIN
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                with closing(Line(self.port)) as line:
                    if line.ask(NOBODY.get(self.page))[0] == 200:
                        return self
            except OSError:
                time.sleep(0.05)
        self.__exit__()
        raise RuntimeError(f"The server did not start:\n{self.log.read_text()[-3000:]}")

    def __exit__(self, *exception: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(30)

    @property
    def workers(self) -> list[int]:
        """The processes that answer."""
        return children(self._process.pid)

    def memory(self) -> float:
        """Anonymous memory of the largest worker in MB: what is its own, not the cached pages of files."""
        return max(anonymous(worker) for worker in self.workers) / 1024


def children(process: int) -> list[int]:
    """The processes that ``process`` started."""
    found = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    return [int(child) for child in found.split()]


def cpu_ms(processes: list[int]) -> float:
    """The milliseconds of processor that all threads of ``processes`` have had."""
    total = 0
    for process in processes:
        for thread in Path(f"/proc/{process}/task").glob("*/schedstat"):
            try:
                total += int(thread.read_text(encoding="ascii").split()[0])
            except OSError:  # the thread ended between being listed and being read
                continue
    return total / 1e6


def anonymous(process: int | str) -> int:
    """KB of memory that are a process's own. ``process``: its number, or "self"."""
    for line in Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1])
    raise RuntimeError("this kernel does not tell anonymous memory apart")
