"""Requests as bytes, connections that stay open, many clients at once.

The client takes as little as Python allows of the processor that the server needs: a request is made beforehand, of an
answer only the status and the length are read.
"""

import selectors
import socket
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

END_OF_HEAD = b"\r\n\r\n"
PATIENCE = 60.0


class Unexpected(RuntimeError):
    """The server did not answer as it should have."""


class HungUp(Unexpected):
    """The server ended the connection."""


@dataclass(frozen=True)
class Asker:
    """Who asks: cookies, and the token that forms carry."""

    cookies: Mapping[str, str] = field(default_factory=dict)
    csrf_token: str = ""
    address: str = ""
    """Where the proxy in front says they are."""

    def get(self, address: str, headers: Mapping[str, str] | None = None) -> bytes:
        """A reading of a page."""
        return self._request("GET", address, headers or {}, b"")

    def post(self, address: str, fields: Mapping[str, object], headers: Mapping[str, str] | None = None) -> bytes:
        """A form sent."""
        body = urlencode({"csrf_token": self.csrf_token, **fields}, doseq=True).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body))}
        return self._request("POST", address, {**(headers or {}), **kind}, body)

    def _request(self, method: str, address: str, headers: Mapping[str, str], body: bytes) -> bytes:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        lines = [f"{method} {address} HTTP/1.1", "Host: 127.0.0.1"]
        headers = {"Accept-Encoding": "gzip, deflate, br, zstd", **headers}
        lines += [f"Cookie: {cookies}"] if cookies else []
        lines += [f"X-Forwarded-For: {self.address}"] if self.address else []
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join(lines).encode() + END_OF_HEAD + body


NOBODY = Asker()


class Line:
    """One connection that stays open and carries one request at a time."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.socket = self._open()
        self.received = b""

    def send(self, request: bytes) -> None:
        """Send a request; the answer is read by ``hear`` until it is whole."""
        self.received = b""
        try:
            self.socket.sendall(request)
        except OSError:  # the server ends a line it has kept for long enough
            self.socket.close()
            self.socket = self._open()
            self.socket.sendall(request)

    def hear(self) -> tuple[int, bytes] | None:
        """(status, body) once the answer is whole, None before."""
        part = self.socket.recv(262_144)
        if not part:
            raise HungUp("the server ended the connection")
        self.received += part
        head, found, body = self.received.partition(END_OF_HEAD)
        if not found or len(body) < _length(head):
            return None
        return int(head[9:12]), body

    def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send a request and wait for (status, body)."""
        self.send(request)
        try:
            return self._whole()
        except HungUp:  # the server ended the line it had kept for long enough, before it read anything
            if self.received:
                raise
            self.socket.close()
            self.socket = self._open()
            self.send(request)
            return self._whole()

    def _whole(self) -> tuple[int, bytes]:
        while True:
            if (answer := self.hear()) is not None:
                return answer

    def close(self) -> None:
        """Hang up."""
        self.socket.close()

    def _open(self) -> socket.socket:
        found = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return found


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        if line[:15].lower() == b"content-length:":
            return int(line[15:])
    raise Unexpected(f"an answer without a length: {head[:200]!r}")


def ask_all(line: Line, requests: Iterable[bytes], expected: int) -> list[float]:
    """Send requests one after the other. Returns the milliseconds each took; Unexpected for another status."""
    taken = []
    for request in requests:
        began = time.perf_counter()
        status, body = line.ask(request)
        taken.append((time.perf_counter() - began) * 1000)
        if status != expected:
            raise Unexpected(f"{status} instead of {expected}: {request[:120]!r}\n{body[:300]!r}")
    return taken


@dataclass
class Crowd:
    """What many clients met with. ``taken``: milliseconds of each answer; ``seconds``: from the first to the last."""

    taken: list[float]
    seconds: float
    failed: list[int]
    """Statuses that were not the expected one."""

    @property
    def each(self) -> float:
        """Milliseconds of the server's time per answer, all clients together."""
        return self.seconds * 1000 / max(len(self.taken), 1)

    def slowest(self, share: float) -> float:
        """The time that ``share`` of the answers kept within, in milliseconds."""
        ordered = sorted(self.taken)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def crowd(port: int, requests: Iterator[bytes], number: int, expected: int, clients: int = 16) -> Crowd:
    """Send ``number`` requests from ``clients`` connections, each as soon as its last one is answered."""
    waiting = selectors.DefaultSelector()
    taken: list[float] = []
    failed: list[int] = []
    began = time.perf_counter()
    sent = 0
    for _ in range(min(clients, number)):
        line = Line(port)
        line.send(next(requests))
        waiting.register(line.socket, selectors.EVENT_READ, [line, time.perf_counter()])
        sent += 1
    while waiting.get_map():
        for key, _ in waiting.select(PATIENCE):
            line, since = key.data
            answer = line.hear()
            if answer is None:
                continue
            now = time.perf_counter()
            taken.append((now - since) * 1000)
            if answer[0] != expected:
                failed.append(answer[0])
            if sent == number:
                waiting.unregister(key.fileobj)
                line.close()
                continue
            sent += 1
            key.data[1] = time.perf_counter()
            line.send(next(requests))
    waiting.close()
    return Crowd(taken, time.perf_counter() - began, failed)


def again(request: bytes) -> Iterator[bytes]:
    """The same request for ever."""
    while True:
        yield request
