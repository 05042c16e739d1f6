"""One effect per form: a form carries a random key, and the change it causes is remembered under it."""

from datetime import datetime

from sqlalchemy import String, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db.base import Base
from app.kernel.db.types import UtcDateTime
from app.kernel.work import Work


class DoneForm(Base):
    """A form that had its effect, and where its sender was sent."""

    __tablename__ = "done_forms"

    key: Mapped[str] = mapped_column(String(48), primary_key=True)
    account_id: Mapped[int | None]
    outcome: Mapped[str] = mapped_column(String(300), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class Repeated(Exception):
    """This form was sent before. ``outcome``: where its first sending led ("" when it led nowhere in particular)."""

    def __init__(self, outcome: str) -> None:
        super().__init__(outcome)
        self.outcome = outcome


def claim(work: Work, key: str) -> None:
    """Take the form ``key`` for this transaction. Raises Repeated when it already had its effect."""
    try:
        with work.session.begin_nested():
            work.session.execute(
                insert(DoneForm).values(key=key[:48], account_id=work.actor.account_id, outcome="", at=work.now)
            )
    except IntegrityError:
        row = select(DoneForm.outcome).where(DoneForm.key == key[:48])
        raise Repeated(work.session.execute(row).scalar_one()) from None


def remember(work: Work, key: str, outcome: str) -> None:
    """Keep where the form's sender goes, for a second sending of the same form."""
    work.session.execute(update(DoneForm).where(DoneForm.key == key[:48]).values(outcome=outcome[:300]))
