"""Limits, each a row of one table with several windows, counted in the database so that they survive a restart."""

import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kernel.db.base import Base, table_of
from app.kernel.db.unit import upsert
from app.kernel.errors import TooMany
from app.kernel.vault import Vault

MINUTE, HOUR, DAY = 60, 3600, 86400


class LimitCounter(Base):
    """How often ``name`` was used with one key in one window. The key is a blind index, never a phone."""

    __tablename__ = "limit_counters"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    key: Mapped[str] = mapped_column(String(48), primary_key=True)
    window: Mapped[int] = mapped_column(primary_key=True)
    started: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    used: Mapped[int] = mapped_column(default=0)


@dataclass(frozen=True)
class Limit:
    """``windows``: pairs of (how many, in how many seconds)."""

    windows: tuple[tuple[int, int], ...]


LIMITS: dict[str, Limit] = {
    "api.address": Limit(((300, MINUTE),)),
    "api.token": Limit(((120, MINUTE),)),
    "appoint.lookup": Limit(((40, HOUR), (200, DAY))),
    # What fails from one address waits ever longer; what fails from many waits a minute at most, so that nobody can
    # lock another person out for good.
    "login.account": Limit(((5, 30), (10, 5 * MINUTE), (50, DAY))),
    "login.phone": Limit(((20, MINUTE),)),
    "login.address": Limit(((300, 5 * MINUTE),)),
    # Class codes: a person's tries, the misses of an address and of a branch; and everybody's tries and misses, by which
    # guessing on a large scale shows.
    "code.person": Limit(((5, HOUR), (15, DAY))),
    "code.address": Limit(((120, HOUR),)),
    "code.branch": Limit(((30, HOUR),)),
    "code.tries": Limit(((10**9, 10 * MINUTE),)),
    "code.misses": Limit(((10**9, 10 * MINUTE),)),
    "cadre.account": Limit(((5, DAY),)),
    "export.asks": Limit(((20, DAY),)),
    "export.branch": Limit(((100, DAY),)),
    "export.school": Limit(((2_000, DAY),)),
    "export.county": Limit(((5_000, DAY),)),
    "export.city": Limit(((20_000, DAY),)),
    # Numbers in a spreadsheet that are on file elsewhere under another name: more are no slips of the pen.
    "import.strangers": Limit(((50, DAY),)),
    "factor.account": Limit(((5, 5 * MINUTE), (20, HOUR), (50, DAY))),
    "sms.phone": Limit(((1, MINUTE), (5, HOUR), (10, DAY))),
    "sms.address": Limit(((60, HOUR), (300, DAY))),
    "sms.budget": Limit(((1_000_000, DAY),)),
    "sms.check": Limit(((10, HOUR),)),
    "reset.account": Limit(((5, DAY),)),
    "phone.account": Limit(((5, DAY),)),
    "register.address": Limit(((200, HOUR),)),
    "idno.distinct": Limit(((5, DAY),)),
    "submit.account": Limit(((20, DAY),)),
    "reveal": Limit(((60, HOUR), (200, DAY))),
    "search": Limit(((600, HOUR),)),
    "upload.account": Limit(((60, HOUR),)),
}


def hit(session: Session, vault: Vault, name: str, key: str, *, cost: int = 1, now: float | None = None) -> int:
    """Count one use of limit ``name`` by ``key`` (an account's id, a phone, an address).

    Returns how often it was used in the last of its windows. Runs inside the caller's writing transaction. Raises
    TooMany when any window is full; the caller decides whether the count itself is kept (commit) or not.
    """
    moment = int(time.time() if now is None else now)
    blind, count = vault.index("limit", key), 0
    for allowed, window in LIMITS[name].windows:
        started = moment - moment % window
        row = {"name": name, "key": blind, "window": window, "started": started, "used": cost}
        count = session.connection().execute(_counting(session), row).scalar_one()
        if count > allowed:
            raise TooMany(started + window - moment)
    return count


_COUNTING: dict[str, Any] = {}


def _counting(session: Session) -> Any:
    """The statement that counts, made once for each kind of database: it is part of most changes."""
    dialect = session.get_bind().dialect.name
    if dialect not in _COUNTING:
        table = table_of(LimitCounter)
        counting = upsert(session, table)
        _COUNTING[dialect] = counting.on_conflict_do_update(
            index_elements=["name", "key", "window", "started"], set_={"used": table.c.used + counting.excluded.used}
        ).returning(table.c.used)
    return _COUNTING[dialect]


def used(session: Session, vault: Vault, name: str, key: str, *, now: float | None = None) -> int:
    """How often ``key`` used limit ``name`` in its shortest window so far."""
    moment = int(time.time() if now is None else now)
    window = LIMITS[name].windows[0][1]
    query = select(LimitCounter.used).where(
        LimitCounter.name == name,
        LimitCounter.key == vault.index("limit", key),
        LimitCounter.window == window,
        LimitCounter.started == moment - moment % window,
    )
    return session.execute(query).scalar_one_or_none() or 0


def wait(session: Session, vault: Vault, name: str, key: str, *, cost: int = 1, now: float | None = None) -> int:
    """Seconds until ``key`` may use limit ``name`` once more, without counting a use; 0 when it may.

    ``cost`` 0 asks whether it was used too often already.
    """
    moment = int(time.time() if now is None else now)
    blind, longest = vault.index("limit", key), 0
    for allowed, window in LIMITS[name].windows:
        started = moment - moment % window
        query = select(LimitCounter.used).where(
            LimitCounter.name == name, LimitCounter.key == blind,
            LimitCounter.window == window, LimitCounter.started == started,
        )  # fmt: skip
        if (session.execute(query).scalar_one_or_none() or 0) + cost > allowed:
            longest = max(longest, started + window - moment)
    return longest
