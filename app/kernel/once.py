"""One effect per form: a form carries a random key, and the change it causes is remembered under it.

A program's request carries such a key too; under it its whole answer is kept, sealed, to be given once more.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, Text, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kernel.db.base import Base, table_of
from app.kernel.db.types import UtcDateTime
from app.kernel.db.unit import upsert
from app.kernel.sealed import seals
from app.kernel.work import Work

REPLY = "reply"


class DoneForm(Base):
    """A form that had its effect, and where its sender was sent."""

    __tablename__ = "done_forms"

    key: Mapped[str] = mapped_column(String(48), primary_key=True)
    account_id: Mapped[int | None]
    outcome: Mapped[str] = mapped_column(String(300), default="")
    digest: Mapped[str] = mapped_column(String(48), default="")
    """A blind index of what a program sent: the same key over something else is a mistake."""
    reply_sealed: Mapped[str | None] = mapped_column(Text, info=seals(REPLY))
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class Repeated(Exception):
    """This form was sent before. ``outcome``: where its first sending led ("" when it led nowhere in particular)."""

    def __init__(self, outcome: str) -> None:
        super().__init__(outcome)
        self.outcome = outcome


def claim(work: Work, key: str) -> None:
    """Take the form ``key`` for this transaction. Raises Repeated when it already had its effect."""
    values = {"key": key[:48], "account_id": work.actor.account_id, "outcome": "", "digest": "", "at": work.now}
    if work.session.connection().execute(_taking(work.session), values).first() is None:
        row = select(DoneForm.outcome).where(DoneForm.key == key[:48])
        raise Repeated(work.session.execute(row).scalar_one())


_TAKING: dict[str, Any] = {}


def _taking(session: Session) -> Any:
    """The statement that takes a key, made once for each kind of database."""
    dialect = session.get_bind().dialect.name
    if dialect not in _TAKING:
        _TAKING[dialect] = upsert(session, table_of(DoneForm)).on_conflict_do_nothing().returning(DoneForm.key)
    return _TAKING[dialect]


def remember(work: Work, key: str, outcome: str) -> None:
    """Keep where the form's sender goes, for a second sending of the same form."""
    work.session.connection().execute(_REMEMBERING, {"form": key[:48], "to": outcome[:300]})


_REMEMBERING = update(table_of(DoneForm)).where(DoneForm.key == bindparam("form")).values(outcome=bindparam("to"))


@dataclass(frozen=True)
class Kept:
    """The answer that stands under a key. ``same``: the key came with the very request that was answered."""

    reply: str
    same: bool


def answered(work: Work, key: str, sent: str) -> Kept | None:
    """What was answered under ``key``; None when nothing was. ``sent``: the present request, to be compared."""
    query = select(DoneForm.digest, DoneForm.reply_sealed).where(DoneForm.key.in_(work.vault.indexes("once", key)))
    row = work.session.execute(query.limit(1)).one_or_none()
    if row is None or row.reply_sealed is None:
        return None
    return Kept(work.vault.open(REPLY, row.reply_sealed), row.digest in work.vault.indexes("sent", sent))


def keep_answer(work: Work, key: str, sent: str, reply: str) -> None:
    """Keep ``reply`` under ``key`` with the change that this transaction makes. Raises Repeated when another was first.

    Neither key nor request stands in the table, only blind indexes of them.
    """
    values = {
        "key": work.vault.index("once", key),
        "account_id": work.actor.account_id,
        "outcome": "",
        "digest": work.vault.index("sent", sent),
        "reply_sealed": work.vault.seal(REPLY, reply),
        "at": work.now,
    }
    try:
        with work.session.begin_nested():
            work.session.execute(insert(DoneForm).values(**values))
    except IntegrityError:
        raise Repeated("") from None
