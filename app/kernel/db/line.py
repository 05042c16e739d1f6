"""The line in which writers of the embedded database wait, first come, first served, over all processes and threads.

SQLite's own waiting starves some for seconds, and a plain file lock goes to whoever is quickest. Here everybody draws
a number, locks the byte of the file that stands for it, and waits until no byte before it is locked. The kernel lets
go of the bytes of whoever dies, waiting or writing, so that the line never stands still.
"""

import contextlib
import fcntl
import os
import struct
from collections.abc import Iterator
from pathlib import Path

COUNTER = 8
"""Bytes at the beginning of the file: the number that was drawn last."""


class WriterLine:
    """The line before one database. ``path``: a file beside it, made when needed, of eight bytes."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the one turn to write."""
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            number = _draw(handle)
            _lock(handle, fcntl.F_RDLCK, COUNTER, number)
            yield
        finally:
            os.close(handle)


def _draw(handle: int) -> int:
    """The next number, from 1, with its byte locked before anybody can draw a later one."""
    _lock(handle, fcntl.F_WRLCK, 0, COUNTER)
    number = int.from_bytes(os.pread(handle, COUNTER, 0), "little") + 1
    os.pwrite(handle, number.to_bytes(COUNTER, "little"), 0)
    _lock(handle, fcntl.F_WRLCK, COUNTER + number, 1)
    _lock(handle, fcntl.F_UNLCK, 0, COUNTER)
    return number


def _lock(handle: int, kind: int, start: int, length: int) -> None:
    """Lock bytes for this opening of the file alone, be it by a thread or a process; wait as long as it takes."""
    fcntl.fcntl(handle, fcntl.F_OFD_SETLKW, struct.pack("hhqqi4x", kind, os.SEEK_SET, start, length, 0))
