"""The real server, started as in production, that a test may kill at any moment and start again.

    with server(instance) as running:
        visitor = running.visitor()
        visitor.get("/")
        running.kill()  # as a power cut would: SIGKILL to every process at once
        running.start()  # same port, same instance

Nothing here imports the app: what the test knows of the server, it knows through HTTP and the database.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import (
    HTTPCookieProcessor,
    HTTPRedirectHandler,
    OpenerDirector,
    ProxyHandler,
    build_opener,
)

ROOT = Path(__file__).resolve().parents[2]
CSRF_FIELD = re.compile(r'name="csrf_token"[^>]*\bvalue="([^"]+)"')


@dataclass(frozen=True)
class Instance:
    """What a server is started over: the folder of keys and uploads, the database, further settings.

    `database_url` empty means the embedded database in the folder. `entrance`: the module that has the application.
    """

    folder: Path
    database_url: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    entrance: str = "wsgi"

    @property
    def environment(self) -> dict[str, str]:
        """The environment its processes run in."""
        own = {"INSTANCE_DIR": str(self.folder), "DATABASE_URL": self.database_url}
        return {**os.environ, **own, **self.settings}

    def flask(self, *arguments: str) -> str:
        """Run a flask command over it and return what it printed: `instance.flask("verify")`.

        Raises:
            subprocess.CalledProcessError: it failed.
        """
        command = [sys.executable, "-m", "flask", "--app", self.entrance, *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, check=True, stdout=subprocess.PIPE)
        return done.stdout.decode()


class Server:
    """A web server, and with `worker=True` a job worker, over one instance, on a free loopback port.

    Attributes:
        url: the address without a trailing slash.
        log: the file with everything the processes printed.
    """

    def __init__(self, instance: Instance, *, worker: bool = False) -> None:
        self.instance = instance
        self.log = instance.folder / "server.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.with_worker = worker
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self, *, within: float = 30) -> "Server":
        """Start the processes and wait until the first page answers.

        Raises:
            RuntimeError: it does not answer in time, or a process ended; the message carries the log.
        """
        self._launch("gunicorn", "-c", "scripts/gunicorn.conf.py", f"{self.instance.entrance}:app")
        if self.with_worker:
            self._launch("flask", "--app", self.instance.entrance, "worker")
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            if any(process.poll() is not None for process in self._processes):
                break
            try:
                if self.visitor().get("/").status == 200:
                    return self
            except OSError:
                pass
            time.sleep(0.05)
        self.kill()
        raise RuntimeError(f"The server did not start:\n{self.log.read_text()}")

    def kill(self) -> None:
        """End every process at once with SIGKILL; nobody gets to finish anything."""
        self._signal(signal.SIGKILL)

    def kill_workers(self) -> None:
        """SIGKILL to every process that answers requests; the one that watches over them starts others at once."""
        watching = self._processes[0].pid
        for child in Path(f"/proc/{watching}/task/{watching}/children").read_text(encoding="ascii").split():
            with suppress(ProcessLookupError):
                os.kill(int(child), signal.SIGKILL)

    def stop(self) -> None:
        """End every process in order, as Ctrl-C does."""
        self._signal(signal.SIGTERM)

    @property
    def running(self) -> bool:
        """Whether every process is alive."""
        return bool(self._processes) and all(process.poll() is None for process in self._processes)

    @property
    def processes(self) -> list[int]:
        """Every process of the server and of the worker."""
        found = [process.pid for process in self._processes]
        for process in self._processes:
            told = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii")
            found += [int(child) for child in told.split()]
        return found

    def visitor(self) -> "Visitor":
        """Return a new visitor without cookies. One per thread."""
        return Visitor(self.url)

    def _launch(self, module: str, *arguments: str) -> None:
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                cwd=ROOT,
                env={**self.instance.environment, "HOST": "127.0.0.1", "PORT": str(self.port)},
                stdout=log,
                stderr=log,
                start_new_session=True,  # a group of its own, so that a signal reaches gunicorn's workers too
            )
        self._processes.append(process)

    def _signal(self, number: signal.Signals) -> None:
        for process in self._processes:
            try:
                # gunicorn passes SIGTERM on to its workers itself, in order.
                (os.killpg if number == signal.SIGKILL else os.kill)(process.pid, number)
            except ProcessLookupError:
                continue
        for process in self._processes:
            process.wait(30)
        self._processes.clear()


@contextmanager
def server(instance: Instance, *, worker: bool = False) -> Iterator[Server]:
    """Start a server over `instance`, which `flask init` has prepared, and stop it at the end.

    Args:
        instance: where keys, uploads and database are.
        worker: start the job worker too.
    """
    running = Server(instance, worker=worker)
    try:
        yield running.start()
    finally:
        running.stop()


@dataclass(frozen=True)
class Answer:
    """What came back: the status, the headers' `Location`, the body, and the address it came from."""

    status: int
    text: str
    location: str | None
    url: str


class Visitor:
    """A browser without JavaScript: keeps cookies, sends the last page's CSRF token, follows no redirect."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.csrf_token = ""
        self._opener: OpenerDirector = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()), _StayHere())

    def get(self, path: str) -> Answer:
        """Fetch a page.

        Raises:
            OSError: no answer, for instance because the server was killed.
        """
        return self._send(path, None)

    def post(self, path: str, fields: Mapping[str, object]) -> Answer:
        """Send a form with the CSRF token of the page seen last.

        Raises:
            OSError: no answer; whether the change was made is then unknown.
        """
        form = {"csrf_token": self.csrf_token, **fields}
        return self._send(path, urlencode(form, doseq=True).encode())

    def _send(self, path: str, body: bytes | None) -> Answer:
        try:
            answer = self._ask(urljoin(self.url, path), body)
        except HTTPException as error:  # the connection ended in the middle of an answer
            raise ConnectionError(str(error)) from error
        if token := CSRF_FIELD.search(answer.text):
            self.csrf_token = token[1]
        return answer

    def _ask(self, address: str, body: bytes | None) -> Answer:
        try:
            with self._opener.open(address, body, timeout=30) as response:
                return _read(response)
        except HTTPError as error:
            with error:
                return _read(error)


class _StayHere(HTTPRedirectHandler):
    def redirect_request(self, *request: object) -> None:
        return None


def _read(response: Any) -> Answer:
    return Answer(
        status=response.status,
        text=response.read().decode(),
        location=response.headers.get("Location"),
        url=response.url,
    )


def free_port() -> int:
    """Return a loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
