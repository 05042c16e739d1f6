"""Time: kept in UTC, shown in Asia/Shanghai."""

from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Anything that can tell the present instant."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return datetime.now(UTC)


def local(moment: datetime) -> datetime:
    """``moment`` as Asia/Shanghai shows it."""
    return moment.astimezone(SHANGHAI)


def local_date(moment: datetime) -> date:
    """The calendar day in Asia/Shanghai at ``moment``: the day that ages and deadlines count by."""
    return local(moment).date()


def age_on(birth: date, day: date) -> int:
    """Full years of age (周岁) on ``day``; a birth on 29 February turns a year on 1 March of common years.

    >>> age_on(date(2010, 11, 22), date(2024, 11, 22))
    14
    """
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def years_before(day: date, years: int) -> date:
    """The latest birth of those who are ``years`` old on ``day``.

    >>> years_before(date(2028, 2, 29), 14)
    datetime.date(2014, 2, 28)
    """
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 2, 28)


def years_after(birth: date, years: int) -> date:
    """The birthday ``years`` after ``birth`` (1 March for a birth on 29 February in a common year)."""
    try:
        return birth.replace(year=birth.year + years)
    except ValueError:
        return date(birth.year + years, 3, 1)
