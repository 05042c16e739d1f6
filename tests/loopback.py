"""No network but loopback: a test that would talk to the world outside fails instead."""

import ipaddress
import socket
from typing import Any


class OutsideWorld(AssertionError):
    """A test tried to reach an address that is not on this machine."""


def guard_sockets() -> None:
    """From now on, sockets of this process reach loopback addresses and Unix sockets only."""
    for name in ("connect", "connect_ex"):
        setattr(socket.socket, name, _guarded(getattr(socket.socket, name), 0))
    socket.socket.sendto = _guarded(socket.socket.sendto, -1)  # type: ignore[method-assign]


def is_loopback(host: object) -> bool:
    """Whether `host` is this machine; a name other than localhost is not asked about."""
    try:
        return host == "localhost" or ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


def _guarded(method: Any, position: int) -> Any:
    def call(self: socket.socket, *arguments: Any) -> Any:
        address = arguments[position]
        if self.family in (socket.AF_INET, socket.AF_INET6) and not is_loopback(address[0]):
            raise OutsideWorld(f"{address[0]}: tests reach this machine only")
        return method(self, *arguments)

    return call
