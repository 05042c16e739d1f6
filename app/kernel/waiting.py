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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOM = 2048
"""Places in line; who comes after that is asked to come back later."""
GONE_AFTER = 90.0
"""Seconds without a sign after which somebody's place is given up."""
FIRST_WINDOW = 8.0
NARROWEST = 4.0
SLOWEST = 4.0
"""People a second: the speed that is taken for granted before any is measured."""
PACED_EVERY = 0.5
RATE_OVER = 5.0
"""Seconds over which the speed of the line is measured."""
HEAD, NEXT, WINDOW, PACED, SINCE, LET_IN, RATE, SEATS = range(8)


@dataclass(frozen=True)
class Place:
    """``ahead``: how many are before; ``seconds``: how long that takes at the speed of the last seconds."""

    ahead: int
    inside: bool = False
    seconds: float = 0.0


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

    def ask(self, number: int, now: float, *, late: bool = False, enter: bool = True) -> Place | None:
        """Where ``number`` stands, which hereby gave a sign and, near enough to the front, comes in (if ``enter``).

        ``late``: whether the machine has fallen behind. None when the place is given up.
        """
        with self._held(now) as values:
            _pace(values, late, now)
            head = int(values[HEAD])
            if not head <= number < values[NEXT] or not values[_seat(number)]:
                return None
            before = _present(values, head, number, now - GONE_AFTER)
            inside = enter and before < values[WINDOW]
            values[_seat(number)] = 0.0 if inside else now
            values[LET_IN] += inside
            return Place(before, inside, before / max(float(values[RATE]), SLOWEST))

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


def _present(values: Any, first: int, end: int, since: float) -> int:
    """How many with a number from ``first`` to before ``end`` gave a sign after ``since``; in two runs round the seats."""
    start, stop = first % ROOM, first % ROOM + end - first
    seats = (
        values[SEATS + start : SEATS + min(stop, ROOM)].tolist() + values[SEATS : SEATS + max(stop - ROOM, 0)].tolist()
    )
    return sum(map(since.__lt__, seats))


def _tidy(values: Any, now: float) -> None:
    if not values[WINDOW]:
        values[WINDOW], values[PACED] = FIRST_WINDOW, now
    while values[HEAD] < values[NEXT] and values[_seat(int(values[HEAD]))] <= now - GONE_AFTER:
        values[HEAD] += 1
    if now - values[SINCE] >= RATE_OVER or now < values[SINCE]:
        values[RATE] = values[LET_IN] / max(now - values[SINCE], RATE_OVER)
        values[SINCE], values[LET_IN] = now, 0.0


def _pace(values: Any, late: bool, now: float) -> None:
    """Once in a while: a third less at once when the machine fell behind, else a third more."""
    if 0 <= now - values[PACED] < PACED_EVERY:
        return
    values[PACED] = now
    wider = min(values[WINDOW] * 1.33 + 1, max(values[NEXT] - values[HEAD], FIRST_WINDOW))
    values[WINDOW] = max(NARROWEST, values[WINDOW] * 0.67) if late else wider
