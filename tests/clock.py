"""Time that stands still until a test moves it."""

from datetime import datetime, timedelta

from tests.factories import NOW


class StillClock:
    """A clock for `create_app(clock=…)`."""

    def __init__(self) -> None:
        self._now = NOW

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return self._now

    def set(self, moment: datetime) -> None:
        """Make it `moment`."""
        self._now = moment

    def advance(self, **units: float) -> None:
        """Let time pass: `clock.advance(days=7, seconds=1)`."""
        self._now += timedelta(**units)

    def reset(self) -> None:
        """Back to the day on which every test begins."""
        self._now = NOW
