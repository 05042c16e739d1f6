"""Column types that mean the same on both databases."""

import enum
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, String
from sqlalchemy.types import TypeDecorator

PATH_STEP = 5
PATH_LENGTH = 64
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC. A naive value is a programming error and raises ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; SQLite gets it without an offset."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Always aware, always UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Word(TypeDecorator[Any]):
    """A member of a StrEnum, stored as its value."""

    impl = String(32)
    cache_ok = True

    def __init__(self, kind: type[enum.StrEnum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Refuses a word that is not of the list."""
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> enum.StrEnum | None:
        """The member."""
        return None if value is None else self.kind(value)


def path_type() -> String:
    """A materialised path: compared byte by byte on both databases, so that a range is a subtree."""
    return String(PATH_LENGTH).with_variant(String(PATH_LENGTH, collation="C"), "postgresql")


def path_step(number: int) -> str:
    """One fixed-width step of a path for the organisation with that id.

    >>> path_step(37)
    '00011'
    """
    out = ""
    while number:
        number, rest = divmod(number, 36)
        out = _DIGITS[rest] + out
    return out.rjust(PATH_STEP, "0")


def path_end(path: str) -> str:
    """The first string after every path below ``path``: subtree is ``path <= p < path_end(path)``."""
    return path + "~"


def path_chain(path: str) -> list[str]:
    """The path of every organisation from the root down to ``path`` itself.

    >>> path_chain("0000100002")
    ['00001', '0000100002']
    """
    return [path[:end] for end in range(PATH_STEP, len(path) + 1, PATH_STEP)]
