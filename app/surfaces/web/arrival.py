"""How long a request stood in the server's own line before a thread took it: the one true sign of overload."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

_here = threading.local()
LATELY = 1.0
"""Seconds over which the process remembers that it was late."""


class Lateness:
    """The longest recent wait of this process's requests, fading within a second."""

    def __init__(self) -> None:
        self._at, self._seconds = 0.0, 0.0

    def note(self, seconds: float) -> None:
        """A request waited so long."""
        if seconds >= self.lately():
            self._at, self._seconds = time.monotonic(), seconds

    def lately(self) -> float:
        """Seconds; 0 when nobody waited within the last second."""
        return self._seconds if time.monotonic() - self._at < LATELY else 0.0


lateness = Lateness()


class NotingPool(ThreadPoolExecutor):
    """A pool whose threads know when the request at hand was given to them."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """As the base does."""
        return super().submit(_begin, time.monotonic(), fn, *args, **kwargs)


def waited() -> float:
    """Seconds that this thread's request stood in line; 0 when the server does not tell."""
    return float(getattr(_here, "waited", 0.0))


def _begin(came: float, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    _here.waited = time.monotonic() - came
    lateness.note(_here.waited)
    return work(*args, **kwargs)
