"""The real server with one process of two threads, before which many are slow, silent or rude: others are served."""

import contextlib
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.server import Instance, Server, server

pytestmark = [pytest.mark.embedded, pytest.mark.slow]
FORM = b"POST /login HTTP/1.1\r\nHost: here\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: "
GET = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"
BODY = b"phone=13900010001&password=" + b"x" * 300_000


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("slow")
    instance = Instance(folder / "instance", "", {"WEB_WORKERS": "1", "WEB_THREADS": "2"})
    instance.flask("init")
    with server(instance) as started:
        yield started


@pytest.fixture
def lines(running: Server) -> Iterator[contextlib.ExitStack]:
    with contextlib.ExitStack() as stack:
        yield stack


def line(running: Server, lines: contextlib.ExitStack, said: bytes = b"") -> socket.socket:
    made = lines.enter_context(socket.create_connection(("127.0.0.1", running.port), timeout=20))
    made.sendall(said)
    return made


def status(answered: socket.socket) -> int:
    return int(answered.recv(65536)[9:12])


def soon(running: Server) -> None:
    """A visitor is served within a second."""
    began = time.monotonic()
    assert running.visitor().get("/").status == 200
    assert time.monotonic() - began < 1


def test_who_sends_a_head_or_a_form_drop_by_drop_holds_nobody_up(running, lines):
    heads = [line(running, lines, GET[:20]) for _ in range(20)]
    forms = [line(running, lines, FORM + b"40\r\n\r\nphone=1390001") for _ in range(20)]
    soon(running)
    for slow in heads:
        slow.sendall(GET[20:])
    assert [status(slow) for slow in heads] == [200] * 20
    for slow in forms:
        slow.sendall(b"x" * 27)
    assert {status(slow) for slow in forms} == {400}, "whole now, but without the form's token"


def test_who_says_nothing_or_does_not_hang_up_or_does_not_read_holds_nobody_up(running, lines):
    for _ in range(60):
        line(running, lines)
        line(running, lines, GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    soon(running)


def test_a_long_form_in_many_pieces_arrives_whole(running, lines):
    long = line(running, lines, FORM + f"{len(BODY)}\r\nExpect: 100-continue\r\n\r\n".encode())
    assert status(long) == 100
    for start in range(0, len(BODY), 50_000):
        long.sendall(BODY[start : start + 50_000])
    assert status(long) == 400


def test_two_requests_at_once_on_one_line_are_both_answered(running, lines):
    health = b"GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n"
    both = line(running, lines, health + health[:-2])
    heard = both.recv(65536)
    both.sendall(health[-2:])
    while heard.count(b"HTTP/1.1 200") < 2:
        heard += both.recv(65536)


AMBIGUOUS = (
    b"0000000000034", b"9" * 13, b"9" * 20, b"9" * 5000, b"+2", b"-1", b"2, 2", b"0x2", b"2\r\nContent-Length: 34", b"",
)  # fmt: skip


@pytest.mark.parametrize("told", AMBIGUOUS)
def test_no_second_request_hides_in_the_body_of_one(running, lines, told):
    """A length that two readers could read differently ends the line."""
    hidden = b"GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n"
    heard = line(running, lines, FORM + told + b"\r\n\r\n" + hidden)
    answer = b""
    while part := heard.recv(65536):
        answer += part
    assert answer.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (FORM.replace(b"Content-Length: ", b"Transfer-Encoding: chunked\r\n\r\n"), 411),
        (b"GET / HTTP/1.1\r\nHost: here\r\nCookie: " + b"x" * 70_000, 431),
        (FORM + b"999999999\r\n\r\n", 413),
        *((FORM + told + b"\r\n\r\n", 400) for told in AMBIGUOUS),
    ],
)
def test_what_cannot_be_taken_in_is_refused_at_once(running, lines, said, answer):
    assert status(line(running, lines, said)) == answer
    soon(running)
