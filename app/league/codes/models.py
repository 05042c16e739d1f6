"""Class codes (班级认证码), cadre codes (团干认证码) and the alarms that guessing raises."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db.base import Base
from app.kernel.db.types import UtcDateTime
from app.kernel.ids import new_public_id
from app.kernel.sealed import seals

RUNNING = text("ended_at IS NULL")


class ClassCode(Base):
    """班级认证码: six digits that find one branch while its window is open. They prove nothing."""

    __tablename__ = "branch_codes"
    __table_args__ = (
        CheckConstraint("expires_at > opened_at", name="window_has_length"),
        Index("uq_branch_codes_code", "code", unique=True, sqlite_where=RUNNING, postgresql_where=RUNNING),
        Index("uq_branch_codes_branch", "organisation_id", unique=True, sqlite_where=RUNNING, postgresql_where=RUNNING),
        Index("ix_branch_codes_history", "organisation_id", "id"),
        Index("ix_branch_codes_digits", "code", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    code: Mapped[str] = mapped_column(String(6))
    token: Mapped[str] = mapped_column(String(16), unique=True)
    """What the QR and the link carry instead of the digits: 80 random bits."""
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_by_name: Mapped[str] = mapped_column(String(64))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    end_reason: Mapped[str] = mapped_column(String(16), default="")
    """rotated, closed or expired."""


class CadreCode(Base):
    """团干认证码: an invitation to lead one branch, for one person, once. It is sealed: whoever reads it may use it."""

    __tablename__ = "cadre_codes"
    __table_args__ = (Index("ix_cadre_codes_branch", "organisation_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    name: Mapped[str] = mapped_column(String(64))
    phone_sealed: Mapped[str] = mapped_column(Text, info=seals("phone", index="phone_index"))
    phone_index: Mapped[str] = mapped_column(String(48))
    token_sealed: Mapped[str] = mapped_column(Text, info=seals("cadre_code", index="token_index"))
    token_index: Mapped[str] = mapped_column(String(48), unique=True)
    issued_by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    issued_by_name: Mapped[str] = mapped_column(String(64))
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    strangers: Mapped[int] = mapped_column(default=0)
    """How often somebody tried it whom it does not invite."""
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    used_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CodeAlarm(Base):
    """Somebody guesses class codes on a large scale: until when entering a code alone is not enough anywhere."""

    __tablename__ = "code_alarms"

    id: Mapped[int] = mapped_column(primary_key=True)
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    tries: Mapped[int]
    misses: Mapped[int]
