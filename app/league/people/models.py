"""The electronic file (电子档案), League membership (团籍), and what changes them."""

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.kernel.db.base import Base
from app.kernel.db.types import UtcDateTime, Word, path_type
from app.kernel.ids import new_public_id
from app.kernel.sealed import seals, seals_by


class Standing(enum.StrEnum):
    """What a young person is to the League."""

    MEMBER = "member"  # 共青团员
    ELIGIBLE_YOUTH = "eligible_youth"  # 适龄未入团青年
    OVER_AGE_YOUTH = "over_age_youth"  # 超龄非团员青年


class FileState(enum.StrEnum):
    """Where a file stands."""

    WAITING = "waiting"  # imported, not yet claimed by its owner
    ACTIVE = "active"
    CLOSED = "closed"


class Door(enum.StrEnum):
    """入口: where a file came from."""

    PC = "pc"
    APP = "app"
    WECHAT = "wechat"
    IMPORT = "import"


class FileFields:
    """The facts an application states and a file keeps, the same columns in both."""

    name: Mapped[str] = mapped_column(String(50))
    name_key: Mapped[str] = mapped_column(String(50))
    """The name for comparison: separators and look-alikes folded, no spaces."""
    name_initials: Mapped[str] = mapped_column(String(50), default="")
    """Initials of its pinyin, in lower case: 林晓春 is lxc."""
    sex: Mapped[str] = mapped_column(String(1))
    """GB/T 2261.1: 1 male, 2 female."""
    birth_date: Mapped[date]
    ethnicity: Mapped[str] = mapped_column(String(2))
    """GB/T 3304 code."""
    native_place: Mapped[str] = mapped_column(String(100), default="")
    education: Mapped[str] = mapped_column(String(2), default="")
    """GB/T 4658 code."""
    political_status: Mapped[str] = mapped_column(String(2))
    """GB/T 4762 code: 03 共青团员, 13 群众."""
    occupation: Mapped[str] = mapped_column(String(50), default="")
    id_type: Mapped[str] = mapped_column(String(16), default="resident")
    """resident (居民身份证), hmt (港澳台居民居住证), foreign (外国人永久居留身份证) or passport."""
    id_number_sealed: Mapped[str] = mapped_column(Text, info=seals("id_number", index="id_number_index"))
    id_number_index: Mapped[str] = mapped_column(String(48))
    phone_sealed: Mapped[str] = mapped_column(Text, default="", info=seals("phone", index="phone_index"))
    phone_index: Mapped[str] = mapped_column(String(48), default="")
    standing: Mapped[Standing] = mapped_column(Word(Standing))
    door: Mapped[Door] = mapped_column(Word(Door))
    joined_league_on: Mapped[date | None]
    """入团日期."""
    joined_league_at: Mapped[str] = mapped_column(String(100), default="")
    """入团地点或单位."""
    certificate_number: Mapped[str] = mapped_column(String(16), default="")
    """团员证编号, 8 digits, unique only within its issuer."""
    development_number: Mapped[str] = mapped_column(String(16), default="")
    """发展团员编号, 12 digits (年份、省级代码、序号), from 2017 on."""
    dues_paid_through: Mapped[str] = mapped_column(String(7), default="")
    """团费日期 as YYYY-MM."""

    @declared_attr
    def organisation_id(cls) -> Mapped[int]:  # noqa: N805
        """Where the file stands; for a member a branch."""
        return mapped_column(ForeignKey("organisations.id"))

    org_path: Mapped[str] = mapped_column(path_type())
    """Copy of the organisation's path, so that a subtree is a range of one index."""


class Person(FileFields, Base):
    """One human being's electronic file."""

    __tablename__ = "people"
    __table_args__ = (
        Index("ix_people_place", "org_path", "id"),
        Index("ix_people_phone", "phone_index"),
        Index("ix_people_development", "development_number"),
        Index(
            "uq_people_id_number",
            "id_number_index",
            unique=True,
            sqlite_where=text("state <> 'closed'"),
            postgresql_where=text("state <> 'closed'"),
        ),
        {"sqlite_autoincrement": True},  # the audit names files by id: an id is never given twice
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    state: Mapped[FileState] = mapped_column(Word(FileState), default=FileState.ACTIVE)
    verified: Mapped[bool] = mapped_column(default=True)
    """False for an imported file until somebody reviewed it."""
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)


class Membership(Base):
    """团籍: a person in a branch, from a day until a day. The live one has no end."""

    __tablename__ = "memberships"
    __table_args__ = (
        Index(
            "uq_memberships_live",
            "person_id",
            unique=True,
            sqlite_where=text("until_on IS NULL"),
            postgresql_where=text("until_on IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    end_reason: Mapped[str] = mapped_column(String(50), default="")


class PersonChange(Base):
    """What one field of a file said before: with these the file as of any day is rebuilt.

    Protected values are sealed under the purpose of their field.
    """

    __tablename__ = "person_changes"
    __table_args__ = (Index("ix_person_changes_person", "person_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    field: Mapped[str] = mapped_column(String(32))
    old: Mapped[str | None] = mapped_column(Text, info=seals_by("field"))
    new: Mapped[str | None] = mapped_column(Text, info=seals_by("field"))
    cause: Mapped[str] = mapped_column(String(32))
    """created, edit, correction, review, move, claim."""
    actor_account_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(String(64), default="")
    reason: Mapped[str] = mapped_column(Text, default="")


class CorrectionState(enum.StrEnum):
    """Where a request for correction stands."""

    SUBMITTED = "submitted"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Correction(Base):
    """更正申请: a person asks that a field of the file be put right (个人信息保护法 第四十六条)."""

    __tablename__ = "corrections"
    __table_args__ = (
        CheckConstraint("state IN ('submitted', 'withdrawn') OR decided_by_id IS NOT NULL", name="decided_has_decider"),
        Index("ix_corrections_place", "org_path", "id"),
        Index("ix_corrections_person", "person_id", "id"),
        Index(
            "uq_corrections_open",
            "person_id",
            "field",
            unique=True,
            sqlite_where=text("state = 'submitted'"),
            postgresql_where=text("state = 'submitted'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    org_path: Mapped[str] = mapped_column(path_type())
    field: Mapped[str] = mapped_column(String(32))
    old: Mapped[str] = mapped_column(Text, default="", info=seals_by("field"))
    new: Mapped[str] = mapped_column(Text, info=seals_by("field"))
    reason: Mapped[str] = mapped_column(Text)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[CorrectionState] = mapped_column(Word(CorrectionState), default=CorrectionState.SUBMITTED)
    version: Mapped[int] = mapped_column(default=1)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    decided_by_name: Mapped[str] = mapped_column(String(64), default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision_reason: Mapped[str] = mapped_column(Text, default="")


class CaseKind(enum.StrEnum):
    """Why a case is open."""

    CLAIM = "claim"  # the applicant says an existing file is theirs
    TRANSFER = "transfer"  # the file stands elsewhere and the applicant wants to move here


class CaseState(enum.StrEnum):
    """Where a case stands."""

    OPEN = "open"
    MOVED = "moved"  # the file was moved to the new organisation and claimed
    KEPT = "kept"  # the file stays where it is; the application was closed
    DISTINCT = "distinct"  # two different people, one number was wrong
    CANCELLED = "cancelled"  # the application was withdrawn


class IdentityCase(Base):
    """The same ID number in an application and on a file elsewhere: decided by those entitled, never shown to others.

    ``org_path`` is the common ancestor of both organisations, so that neither side sees the other's file.
    """

    __tablename__ = "identity_cases"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'cancelled') OR decided_by_id IS NOT NULL", name="decided_has_decider"),
        Index("ix_identity_cases_place", "org_path", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    kind: Mapped[CaseKind] = mapped_column(Word(CaseKind))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    request_id: Mapped[int] = mapped_column(ForeignKey("join_requests.id"), unique=True)
    org_path: Mapped[str] = mapped_column(path_type())
    state: Mapped[CaseState] = mapped_column(Word(CaseState), default=CaseState.OPEN)
    version: Mapped[int] = mapped_column(default=1)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    decided_by_name: Mapped[str] = mapped_column(String(64), default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision_reason: Mapped[str] = mapped_column(Text, default="")
    evidence: Mapped[dict[str, Any] | None] = mapped_column(JSON)
