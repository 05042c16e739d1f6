"""Appointments (任职)."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.access.rules import Role
from app.kernel.db.base import Base
from app.kernel.db.types import UtcDateTime, Word
from app.kernel.ids import new_public_id


class Appointment(Base):
    """An account's role at an organisation. Live: begun, not past its last day, not ended."""

    __tablename__ = "appointments"
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_start"),
        CheckConstraint("ended_at IS NULL OR end_reason <> ''", name="ended_with_reason"),
        CheckConstraint("granted_by_id IS NULL OR granted_by_id <> account_id", name="not_by_oneself"),
        Index("ix_appointments_account", "account_id"),
        Index("ix_appointments_organisation", "organisation_id"),
        Index(
            "uq_appointments_live",
            "account_id",
            "organisation_id",
            "role",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "ix_appointments_ending",
            "ends_on",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    role: Mapped[Role] = mapped_column(Word(Role))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    """The last day of the term (inclusive)."""
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    granted_under_id: Mapped[int | None] = mapped_column(ForeignKey("appointments.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    end_reason: Mapped[str] = mapped_column(Text, default="")
