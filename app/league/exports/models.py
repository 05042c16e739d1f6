"""One row per export, and its content, sealed in parts, until it expires."""

import enum
from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db.base import Base
from app.kernel.db.types import UtcDateTime, Word, path_type
from app.kernel.ids import new_public_id
from app.kernel.sealed import seals
from app.league.people.models import Standing

CONTENT = "export"
"""The purpose under which contents are sealed."""


class ExportState(enum.StrEnum):
    """Where an export stands."""

    ASKED = "asked"  # waits for somebody above
    MAKING = "making"
    READY = "ready"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"
    OVER = "over"  # its time is past


class Format(enum.StrEnum):
    """What kind of file."""

    XLSX = "xlsx"
    CSV = "csv"


class Export(Base):
    """Who wants which columns of which people, and why. Nothing of what was asked changes afterwards."""

    __tablename__ = "exports"
    __table_args__ = (
        Index("ix_exports_mine", "account_id", "id"),
        Index(
            "ix_exports_asked",
            "asker_path",
            "id",
            sqlite_where=text("state = 'asked'"),
            postgresql_where=text("state = 'asked'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    asker_name: Mapped[str] = mapped_column(String(64))
    asker_path: Mapped[str] = mapped_column(path_type())
    """The organisation of the post under which it was asked for: who stands above decides."""
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    org_path: Mapped[str] = mapped_column(path_type())
    standing: Mapped[Standing | None] = mapped_column(Word(Standing))
    columns: Mapped[list[str]] = mapped_column(JSON)
    whole: Mapped[bool] = mapped_column(default=False)
    """Document numbers and phones in full."""
    format: Mapped[Format] = mapped_column(Word(Format))
    reason: Mapped[str] = mapped_column(Text)
    rows: Mapped[int]
    """How many there were when it was asked for."""
    state: Mapped[ExportState] = mapped_column(Word(ExportState))
    version: Mapped[int] = mapped_column(default=1)
    appointment_id: Mapped[int | None]
    """The post chosen in the switch when it was asked for."""
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    decided_by_name: Mapped[str] = mapped_column(String(64), default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision_reason: Mapped[str] = mapped_column(Text, default="")
    job_id: Mapped[str] = mapped_column(String(32), default="")
    """The public id of the job that makes it."""
    made_rows: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    taken: Mapped[int] = mapped_column(default=0)
    """How often it was downloaded."""

    @property
    def mark(self) -> str:
        """What stands in every line of the file and leads back here."""
        return self.public_id[:8]


class ExportPart(Base):
    """A piece of the content."""

    __tablename__ = "export_parts"
    __table_args__ = (Index("uq_export_parts_number", "export_id", "number", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    export_id: Mapped[int] = mapped_column(ForeignKey("exports.id"))
    number: Mapped[int]
    content_sealed: Mapped[str] = mapped_column(Text, info=seals(CONTENT))
