"""The application under a clock that runs faster, so that a day's periodic tasks come round in half an hour.

PRESSED_SINCE (seconds of the epoch) and PRESSED_TIMES say when it began to run away, and how fast: for every process
of one run the same. It is the entrance of the soak, never of the product.
"""

import os
from datetime import UTC, datetime

from app import create_app
from app.config import Settings


class PressedClock:
    """``times`` as fast as the machine's from ``since`` on."""

    def __init__(self, since: float, times: float) -> None:
        self.since, self.times = since, times

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        elapsed = datetime.now(UTC).timestamp() - self.since
        return datetime.fromtimestamp(self.since + elapsed * self.times, UTC)


def clock() -> PressedClock:
    """The clock of this run."""
    return PressedClock(float(os.environ["PRESSED_SINCE"]), float(os.environ["PRESSED_TIMES"]))


if "PRESSED_SINCE" in os.environ:
    app = create_app(Settings.read(), clock=clock())
