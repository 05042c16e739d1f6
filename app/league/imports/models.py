"""A batch (批次), its rows as they stood in the file, and what an organisation called its columns last time."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db.base import Base
from app.kernel.db.types import UtcDateTime, Word, path_type
from app.kernel.ids import new_public_id
from app.kernel.sealed import seals

PURPOSE = "import"
"""What the content of a spreadsheet is sealed for: it names people and their numbers."""


class Sort(enum.StrEnum):
    """What a spreadsheet holds."""

    PEOPLE = "people"  # 电子档案
    ROSTER = "roster"  # 花名册
    ORGANISATIONS = "organisations"  # 团组织


class Stage(enum.StrEnum):
    """How far a batch has come."""

    READING = "reading"
    COLUMNS = "columns"
    CHECKING = "checking"
    PREVIEW = "preview"
    PUTTING = "putting"
    DONE = "done"
    TAKING_BACK = "taking_back"
    TAKEN_BACK = "taken_back"
    DROPPED = "dropped"  # thrown away before anything was put in
    REFUSED = "refused"  # cannot be read; ``problem`` says why


class Verdict(enum.StrEnum):
    """What a row is, compared with what is on record."""

    UNSEEN = "unseen"
    NEW = "new"
    CHANGED = "changed"
    EQUAL = "equal"
    DOUBTFUL = "doubtful"  # somebody has to look; it is not put in
    WRONG = "wrong"


class ImportBatch(Base):
    """One uploaded spreadsheet and what became of it, for the organisation it was uploaded at."""

    __tablename__ = "import_batches"
    __table_args__ = (Index("ix_import_batches_place", "org_path", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    sort: Mapped[Sort] = mapped_column(Word(Sort))
    stage: Mapped[Stage] = mapped_column(Word(Stage), default=Stage.READING)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    org_path: Mapped[str] = mapped_column(path_type())
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    by_name: Mapped[str] = mapped_column(String(64))
    file_name: Mapped[str] = mapped_column(String(120))
    sheet_note: Mapped[str] = mapped_column(String(200), default="")
    """What was left out of the file, in words."""
    heading: Mapped[int] = mapped_column(default=0)
    """The number of the row that names the columns; 0 when none does."""
    columns: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    """Field → position of its column, from 0."""
    width: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    """Rows below the heading."""
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Verdict → rows, after the check; "put" and "back" after those steps."""
    problem: Mapped[str] = mapped_column(Text, default="")
    job_id: Mapped[str] = mapped_column(String(32), default="")
    """The task at hand, by its public id."""
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    emptied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the rows were forgotten; what remains are the counts."""


class ImportPart(Base):
    """A piece of the uploaded file, until it has been read."""

    __tablename__ = "import_parts"
    __table_args__ = (UniqueConstraint("batch_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batches.id"))
    number: Mapped[int]
    content_sealed: Mapped[str] = mapped_column(Text, info=seals(PURPOSE))


class ImportRow(Base):
    """One row. ``cells_sealed``: a JSON list of texts, and of numbers with a fraction, which may have been dates."""

    __tablename__ = "import_rows"
    __table_args__ = (
        UniqueConstraint("batch_id", "number"),
        Index("ix_import_rows_verdict", "batch_id", "verdict", "number"),
        Index("ix_import_rows_put", "batch_id", "put", "number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batches.id"))
    number: Mapped[int]
    """As the spreadsheet program counts it, from 1."""
    cells_sealed: Mapped[str] = mapped_column(Text, info=seals(PURPOSE))
    verdict: Mapped[Verdict] = mapped_column(Word(Verdict), default=Verdict.UNSEEN)
    note_sealed: Mapped[str] = mapped_column(Text, default="", info=seals(PURPOSE))
    """What is wrong, doubtful or changed, in words; they may quote the cell."""
    put: Mapped[bool] = mapped_column(default=False)
    target: Mapped[str] = mapped_column(String(32), default="")
    """Public id of what the row made or changed."""
    left_at: Mapped[int] = mapped_column(default=1)
    """The version of it that the row left: another one says that somebody has changed it since."""


class ColumnMemory(Base):
    """Which column was what, the last time an organisation sent such a heading."""

    __tablename__ = "import_columns"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    sort: Mapped[Sort] = mapped_column(Word(Sort), primary_key=True)
    heading: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Digest of the column names."""
    columns: Mapped[dict[str, int]] = mapped_column(JSON)
