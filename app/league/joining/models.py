"""Drafts, applications (入档申请), decisions (审批) and rosters (花名册)."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.audit.models import AuditEntry
from app.kernel.db.base import Base
from app.kernel.db.types import UtcDateTime, Word, path_type
from app.kernel.ids import new_public_id
from app.kernel.sealed import seals
from app.league.people.models import FileFields


class RequestState(enum.StrEnum):
    """Where an application stands."""

    SUBMITTED = "submitted"  # 待审
    RETURNED = "returned"  # 退回补正
    APPROVED = "approved"  # 已通过
    REJECTED = "rejected"  # 已拒绝
    WITHDRAWN = "withdrawn"  # 已撤回
    LAPSED = "lapsed"  # 逾期未补正


OPEN_STATES = (RequestState.SUBMITTED, RequestState.RETURNED)


class Lane(enum.StrEnum):
    """The parts of the review queue."""

    CLEAN = "clean"  # 无疑点
    FLAGGED = "flagged"  # 有疑点
    DUPLICATE = "duplicate"  # 疑似重复
    OFF_ROSTER = "off_roster"  # 不在花名册
    PASSED = "passed"  # 转交: handed to the next above with a note


class Verdict(enum.StrEnum):
    """What a reviewer decides."""

    APPROVE = "approve"
    REJECT = "reject"
    RETURN = "return"


class Draft(Base):
    """What a youth has typed so far, sealed; kept through sign-out, crash and change of phone."""

    __tablename__ = "drafts"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    content_sealed: Mapped[str] = mapped_column(Text, info=seals("draft"))
    step: Mapped[str] = mapped_column(String(16), default="")
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class JoinRequest(FileFields, Base):
    """An application: the snapshot the youth sent, what the system found in it, and what became of it."""

    __tablename__ = "join_requests"
    __table_args__ = (
        CheckConstraint(
            "state NOT IN ('approved', 'rejected', 'returned') OR decided_by_id IS NOT NULL",
            name="decided_has_decider",
        ),
        CheckConstraint("state <> 'approved' OR person_id IS NOT NULL", name="approved_has_file"),
        Index(
            "uq_join_requests_open",
            "account_id",
            unique=True,
            sqlite_where=text("state IN ('submitted', 'returned')"),
            postgresql_where=text("state IN ('submitted', 'returned')"),
        ),
        Index(
            "ix_join_requests_queue",
            "org_path",
            "id",
            "submitted_at",  # with the state, so that the oldest that waits is told by the index alone
            "state",
            sqlite_where=text("state = 'submitted'"),
            postgresql_where=text("state = 'submitted'"),
        ),
        Index(
            "ix_join_requests_lane",
            "lane",
            "org_path",
            "id",
            sqlite_where=text("state = 'submitted'"),
            postgresql_where=text("state = 'submitted'"),
        ),
        Index(
            "ix_join_requests_returned",
            "org_path",
            sqlite_where=text("state = 'returned'"),
            postgresql_where=text("state = 'returned'"),
        ),
        Index("ix_join_requests_place", "org_path", "id"),
        Index("ix_join_requests_id_number", "id_number_index"),
        Index("ix_join_requests_phone", "phone_index"),
        Index("ix_join_requests_account", "account_id", "id"),
        Index("ix_join_requests_development", "development_number"),
        Index("ix_join_requests_device", "device", "submitted_at"),
        Index(
            "ix_join_requests_person",
            "person_id",
            sqlite_where=text("person_id IS NOT NULL"),
            postgresql_where=text("person_id IS NOT NULL"),
        ),
        Index(
            "ix_join_requests_roster",
            "organisation_id",
            sqlite_where=text("roster_entry_id IS NOT NULL"),
            postgresql_where=text("roster_entry_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    """受理号: short, random, readable aloud; says nothing about others."""
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    state: Mapped[RequestState] = mapped_column(Word(RequestState), default=RequestState.SUBMITTED)
    lane: Mapped[Lane] = mapped_column(Word(Lane))
    flags: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """[{"code": "F03", "level": "look"|"stop", "text": …, "evidence": …, "fields": […]}]"""
    statement: Mapped[str] = mapped_column(Text, default="")
    """补充说明: a free note to the reviewer."""
    roster_entry_id: Mapped[int | None] = mapped_column(ForeignKey("roster_entries.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    round: Mapped[int] = mapped_column(default=1)
    version: Mapped[int] = mapped_column(default=1)
    device: Mapped[str] = mapped_column(String(48), default="")
    """A blind index of the device, for bursts."""
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attention_path: Mapped[str] = mapped_column(path_type())
    """Who is waited for: the organisation's path, climbing one level when overdue."""
    escalated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    passed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    passed_by_name: Mapped[str] = mapped_column(String(64), default="")
    passed_note: Mapped[str] = mapped_column(Text, default="")
    """What who passed it on (转交) wrote to the next above; the applicant never sees it."""
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    decided_by_name: Mapped[str] = mapped_column(String(64), default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    """What the applicant was told."""
    returned_fields: Mapped[list[str] | None] = mapped_column(JSON)


class Decision(Base):
    """审批: who decided what in which round, and whether it was undone. Never deleted."""

    __tablename__ = "decisions"
    __table_args__ = (
        Index(
            "uq_decisions_round",
            "request_id",
            "round",
            unique=True,
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
        Index("ix_decisions_account", "account_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    request_id: Mapped[int] = mapped_column(ForeignKey("join_requests.id"), index=True)
    round: Mapped[int]
    verdict: Mapped[Verdict] = mapped_column(Word(Verdict))
    reason: Mapped[str] = mapped_column(Text, default="")
    fields: Mapped[list[str] | None] = mapped_column(JSON)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    account_name: Mapped[str] = mapped_column(String(64))
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointments.id"))
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    undo_until: Mapped[datetime] = mapped_column(UtcDateTime)
    created_person: Mapped[bool] = mapped_column(default=False)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SpotCheck(Base):
    """抽查: how many an account passed by sheets since it was last asked to look, and at which it has to look now."""

    __tablename__ = "spot_checks"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    passed: Mapped[int] = mapped_column(default=0)
    picked: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Public ids of applications."""
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Presence(Base):
    """Who has which application open (正在看): advice to colleagues, never a lock. One row per reviewer."""

    __tablename__ = "presences"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("join_requests.id"), index=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PracticeRun(Base):
    """One run of practice (练习): which invented people were shown, by their seed, and what was decided about each."""

    __tablename__ = "practice_runs"
    __table_args__ = (Index("ix_practice_runs_account", "account_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    seed: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answers: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    """[[verdict, digit of the reason or ""], …] in the order of the cards."""
    right: Mapped[int] = mapped_column(default=0)
    missed: Mapped[int] = mapped_column(default=0)
    """Planted flaws that were approved."""
    refused: Mapped[int] = mapped_column(default=0)
    """People without a flaw who were not approved."""


class RosterEntry(Base):
    """A name a branch expects. 已审/已填/总数 counts against these."""

    __tablename__ = "roster_entries"
    __table_args__ = (Index("ix_roster_entries_name", "organisation_id", "name_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    name: Mapped[str] = mapped_column(String(50))
    name_key: Mapped[str] = mapped_column(String(50))
    student_number: Mapped[str] = mapped_column(String(32), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


HASTY = "joining:decision:hasty"
"""审批过快: the act in the log, which those above are told of."""
Index(
    "ix_audit_entries_hasty",
    AuditEntry.org_path,
    AuditEntry.at,
    sqlite_where=text("action = 'joining:decision:hasty'"),
    postgresql_where=text("action = 'joining:decision:hasty'"),
)
