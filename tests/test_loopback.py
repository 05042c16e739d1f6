"""The guard that keeps the tests on this machine."""

import socket

import pytest

from tests.loopback import OutsideWorld, is_loopback


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_another_machine_is_out_of_reach(kind: socket.SocketKind) -> None:
    with socket.socket(type=kind) as outgoing, pytest.raises(OutsideWorld):
        outgoing.connect(("192.0.2.1", 9))


def test_a_datagram_to_another_machine_is_refused() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as outgoing, pytest.raises(OutsideWorld):
        outgoing.sendto(b"x", ("192.0.2.1", 9))


def test_this_machine_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        outgoing = socket.create_connection(listening.getsockname())
        assert outgoing.getpeername() == listening.getsockname()
        outgoing.close()


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("10.0.0.1", False),
        ("a.cn", False),
    ],
)
def test_what_counts_as_this_machine(host: str, here: bool) -> None:
    assert is_loopback(host) is here
