"""The waiting line for evenings on which more come than can be served: who came when, who is still there.

One small memory-mapped file, shared by the processes of one machine, so that a place in line costs no transaction.
Whoever waits asks again every few seconds; who has not for a while has gone, and those behind move up. How many from
the front may come in at once (the window) grows while the machine keeps up and shrinks when it falls behind, as the
senders of a network share a wire.
"""

import contextlib
import fcntl
import mmap
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOM = 4096
"""Places in line; who comes after that is asked to come back later."""
GONE_AFTER = 45.0
"""Seconds without a sign after which somebody's place is given up."""
FIRST_WINDOW = 8.0
PACED_EVERY = 0.5
RATE_OVER = 5.0
"""Seconds over which the speed of the line is measured."""
HEAD, NEXT, WINDOW, PACED, SINCE, LET_IN, RATE, SEATS = range(8)


class Line:
    """A waiting line kept in ``path``. Times are seconds of the clock on the wall."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = threading.Lock()
        self._handle = -1
        self._values: Any = None  # a memoryview of floats

    def somebody(self, now: float) -> bool:
        """Whether anybody waits."""
        if self._values is None and not self._path.exists():
            return False
        with self._held(now) as values:
            return bool(values[HEAD] < values[NEXT])

    def join(self, now: float) -> int | None:
        """Stand at the end. Returns the number drawn; None when there is no room."""
        with self._held(now) as values:
            number = int(values[NEXT])
            if number - values[HEAD] >= ROOM:
                return None
            values[NEXT] = number + 1
            values[_seat(number)] = now
            return number

    def ahead(self, number: int, now: float) -> int | None:
        """How many are still before ``number``, which hereby gave a sign; None when its place is given up."""
        with self._held(now) as values:
            head = int(values[HEAD])
            if not head <= number < values[NEXT] or not values[_seat(number)]:
                return None
            values[_seat(number)] = now
            return sum(1 for other in range(head, number) if values[_seat(other)] > now - GONE_AFTER)

    def enter(self, number: int, now: float) -> bool:
        """Come in, if ``number`` stands near enough to the front."""
        before = self.ahead(number, now)
        if before is None:
            return False
        with self._held(now) as values:
            if before >= values[WINDOW]:
                return False
            values[_seat(number)] = 0
            values[LET_IN] += 1
            return True

    def keep_pace(self, late: bool, now: float) -> None:
        """Once in a while: a third less at once when the machine fell behind, else a third more."""
        with self._held(now) as values:
            if now - values[PACED] >= PACED_EVERY or now < values[PACED]:
                values[PACED] = now
                wider = min(values[WINDOW] * 1.33 + 1, max(values[NEXT] - values[HEAD], FIRST_WINDOW))
                values[WINDOW] = max(1.0, values[WINDOW] * 0.67) if late else wider

    def seconds(self, ahead: int, now: float) -> float:
        """How long ``ahead`` people take at the speed of the last seconds."""
        with self._held(now) as values:
            return ahead / max(float(values[RATE]), 1.0)

    @contextlib.contextmanager
    def _held(self, now: float) -> Iterator[Any]:
        """The values, for one thread of one process at a time, with those at the front who have gone passed over."""
        with self._threads:
            values = self._values if self._values is not None else self._open()
            fcntl.flock(self._handle, fcntl.LOCK_EX)
            try:
                _tidy(values, now)
                yield values
            finally:
                fcntl.flock(self._handle, fcntl.LOCK_UN)

    def _open(self) -> Any:
        self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        os.ftruncate(self._handle, 8 * (SEATS + ROOM))
        self._values = memoryview(mmap.mmap(self._handle, 8 * (SEATS + ROOM))).cast("d")
        return self._values


def _seat(number: int) -> int:
    return SEATS + number % ROOM


def _tidy(values: Any, now: float) -> None:
    values[WINDOW] = values[WINDOW] or FIRST_WINDOW
    while values[HEAD] < values[NEXT] and values[_seat(int(values[HEAD]))] <= now - GONE_AFTER:
        values[HEAD] += 1
    if now - values[SINCE] >= RATE_OVER or now < values[SINCE]:
        values[RATE] = values[LET_IN] / max(now - values[SINCE], RATE_OVER)
        values[SINCE], values[LET_IN] = now, 0.0
