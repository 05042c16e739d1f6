"""The tree of organisations (团组织) and its counters."""

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db.base import Base
from app.kernel.db.types import UtcDateTime, Word, path_type
from app.kernel.ids import new_public_id


class Kind(enum.StrEnum):
    """What a node of the tree is."""

    PROVINCE = "province_committee"  # 省委
    CITY = "city_committee"  # 市委
    COUNTY = "county_committee"  # 县(市、区)委
    SECTOR = "sector_committee"  # 行业/省直团工委
    UNIVERSITY = "university_committee"  # 高校团委
    SCHOOL = "school_committee"  # 学校团委
    ENTERPRISE = "enterprise_committee"  # 企业团委
    COLLEGE = "college_committee"  # 学院分团委
    GENERAL_BRANCH = "general_branch"  # 团总支
    BRANCH = "branch"  # 团支部


class OrganisationStatus(enum.StrEnum):
    """Whether an organisation lives."""

    OPEN = "open"
    CLOSED = "closed"  # 撤销
    MERGED = "merged"  # 合并


IN_USE = text("in_use AND status = 'open'")
"""Written out, because SQLite takes a partial index only for words it can compare, not for bound values."""


class Organisation(Base):
    """A node of the tree. ``parent_id`` is the truth, ``path`` its index."""

    __tablename__ = "organisations"
    __table_args__ = (
        CheckConstraint("expected_members >= 0", name="expected_not_negative"),
        Index("ix_organisations_parent", "parent_id", "id"),
        Index("ix_organisations_level", "depth", "path"),
        Index("ix_organisations_in_use", "path", "in_use", "status", sqlite_where=IN_USE, postgresql_where=IN_USE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    path: Mapped[str] = mapped_column(path_type(), unique=True)
    depth: Mapped[int]
    kind: Mapped[Kind] = mapped_column(Word(Kind))
    name: Mapped[str] = mapped_column(String(100))
    """The short name (简称), unique among siblings: 会计20184班."""
    full_name: Mapped[str] = mapped_column(String(400))
    """With the names of what stands above it from the school down."""
    code: Mapped[str | None] = mapped_column(String(32), unique=True)
    """A public code: administrative division, Ministry of Education school code."""
    division_code: Mapped[str | None] = mapped_column(String(6))
    sector: Mapped[str] = mapped_column(String(32), default="")
    aliases: Mapped[str] = mapped_column(Text, default="")
    """Former and other names, one per line."""
    search_text: Mapped[str] = mapped_column(Text, default="")
    """Names, aliases, pinyin and initials in lower case, for finding by any fragment."""
    expected_members: Mapped[int] = mapped_column(default=0)
    """总数: how many the organisation expects when it has no roster of names."""
    status: Mapped[OrganisationStatus] = mapped_column(Word(OrganisationStatus), default=OrganisationStatus.OPEN)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    in_use: Mapped[bool] = mapped_column(default=False)
    """已启用: has files in its subtree or an administrator of its own; kept by the operations that change either."""
    term_ends_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OrganisationCounter(Base):
    """A number about an organisation, moved in the transaction that changes it.

    From depth 2 down a row holds the subtree's total. At depth 0 and 1 (province, cities, universities) it holds what
    stands there directly, and readers add the rows below: so no row is hot.
    """

    __tablename__ = "organisation_counters"
    __table_args__ = {"sqlite_with_rowid": False}

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    measure: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[int] = mapped_column(default=0)


class FigureDay(Base):
    """How a number about an organisation's whole subtree stood at the end of a day (Asia/Shanghai).

    A row is kept for a day on which the number changed; between two rows it stands still. The province has a row for
    every day: the last of them says how far the history is written.
    """

    __tablename__ = "figure_days"
    __table_args__ = (CheckConstraint("value >= 0", name="value_not_negative"), {"sqlite_with_rowid": False})

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    measure: Mapped[str] = mapped_column(String(32), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    value: Mapped[int]


class OrganisationBatch(Base):
    """What became of a pasted list of names, line by line: a result that stays."""

    __tablename__ = "organisation_batches"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    parent_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    kind: Mapped[Kind] = mapped_column(Word(Kind))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by_name: Mapped[str] = mapped_column(String(64))
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """[{"number": 3, "name": …, "expected": 42, "fault": "" or why it was left out, "made": public id or ""}]"""
