"""The server under its socket: fresh workers, then a new server, while people go on asking, and nobody is lost."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from tests.faults.server import ROOT, Instance, free_port

pytestmark = [pytest.mark.embedded, pytest.mark.slow]
# As systemd does it: the socket is descriptor 3 of the server's first process.
UNDER_SOCKET = 'exec 3<&"$0"; export LISTEN_FDS=1 LISTEN_PID=$$; exec "$@"'


class Crowd:
    """Visitors who each open a connection, ask, read the answer and come again, until told to stop."""

    def __init__(self, port: int, size: int) -> None:
        self.port, self.answered, self.lost = port, 0, list[str]()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(n,)) for n in range(size)]

    def __enter__(self) -> "Crowd":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def see(self, more: int) -> None:
        """Wait until so many more were answered."""
        wanted, end = self.answered + more, time.monotonic() + 90
        while self.answered < wanted and not self.lost:
            assert time.monotonic() < end
            time.sleep(0.01)

    def _ask(self, number: int) -> None:
        while not self._stop.is_set():
            method, path = [("GET", "/help"), ("POST", "/login"), ("GET", "/")][number % 3]
            connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
            try:
                connection.request(method, path, headers={"Connection": "close"})
                status = connection.getresponse().status
                if status >= 500:
                    self.lost.append(f"{method} {path}: {status}")
                self.answered += 1
            except (OSError, HTTPException) as error:
                self.lost.append(f"{method} {path}: {error!r}")
            finally:
                connection.close()


def start(listening: socket.socket, instance: Instance) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "gunicorn", "-c", "scripts/gunicorn.conf.py", "wsgi:app"]
    with (instance.folder / "server.log").open("ab") as log:
        return subprocess.Popen(
            ["bash", "-c", UNDER_SOCKET, str(listening.fileno()), *command],
            cwd=ROOT, env=instance.environment, pass_fds=[listening.fileno()], stdout=log, stderr=log,
        )  # fmt: skip


def workers(server: subprocess.Popen[bytes]) -> set[str]:
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children")
    return set(children.read_text(encoding="ascii").split())


def test_no_request_is_lost_by_a_reload_or_a_restart(instance: Instance) -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port), backlog=512) as listening:
        server = start(listening, instance)
        try:
            with Crowd(port, 6) as crowd:
                crowd.see(25)
                before = workers(server)
                server.send_signal(signal.SIGHUP)
                while before & workers(server):
                    crowd.see(10)
                crowd.see(25)
                with socket.create_connection(("127.0.0.1", port), timeout=0.2) as slow:
                    server.send_signal(signal.SIGTERM)
                    with pytest.raises(TimeoutError):
                        slow.recv(1)  # it has not been hung up on
                    slow.sendall(b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n")
                    assert server.wait(30) == 0
                    server = start(listening, instance)
                    slow.settimeout(30)
                    assert slow.recv(12) == b"HTTP/1.1 200"  # by the one or the other
                crowd.see(40)
        finally:
            os.kill(server.pid, signal.SIGTERM)
            server.wait(30)
    assert crowd.lost == []
    assert crowd.answered >= 100
    assert "Traceback" not in (instance.folder / "server.log").read_text()


def test_counts_of_all_processes_are_added_up_and_outlive_them(instance: Instance) -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port)) as listening:
        server = start(listening, instance)
        try:
            with Crowd(port, 4) as crowd:
                crowd.see(30)
            for unreadable in (
                b"GET /secretlink HTTP/1.1\r\nHo st: 13900019876",
                b"G\x07ET /secretlink?13900019876 HTTP/1.1",
            ):
                with socket.create_connection(("127.0.0.1", port)) as careless:
                    careless.sendall(unreadable + b"\r\n\r\n")
                    assert b" 400 " in careless.recv(100)
            os.kill(int(workers(server).pop()), signal.SIGKILL)
            connection = HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", "/metrics")
            exposed = connection.getresponse().read().decode()
            connection.close()
        finally:
            server.terminate()
            server.wait(30)
    log = (instance.folder / "server.log").read_text()
    assert [word for word in ("secretlink", "13900019876") if word in log] == []
    assert [json.loads(line)["message"] for line in log.splitlines()].count("Invalid request") == 2
    counted = [line.split() for line in exposed.splitlines() if line.startswith("tuanwutong_requests_total{")]
    assert sum(float(value) for _name, value in counted) == crowd.answered
