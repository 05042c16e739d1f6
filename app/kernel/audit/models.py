"""Entries and seals (封存)."""

from datetime import datetime
from typing import Any

from sqlalchemy import DDL, JSON, BigInteger, CheckConstraint, Index, Integer, String, Text, event
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import ExecutableDDLElement

from app.kernel.db.base import Base
from app.kernel.db.types import UtcDateTime, path_type

BigId = BigInteger().with_variant(Integer, "sqlite")


class AuditEntry(Base):
    """One act: a change, or a look at protected data. Never updated, never deleted."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        CheckConstraint("actor_account_id IS NOT NULL OR source <> ''", name="actor_or_source"),
        Index("ix_audit_entries_subject", "subject_person_id", "id"),
        Index("ix_audit_entries_object", "object_type", "object_id"),
        Index("ix_audit_entries_path", "org_path", "id"),
        Index("ix_audit_entries_actor", "actor_account_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    action: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(16))
    actor_account_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(String(64), default="")
    actor_role: Mapped[str] = mapped_column(String(32), default="")
    appointment_id: Mapped[int | None]
    object_type: Mapped[str] = mapped_column(String(32))
    object_id: Mapped[str] = mapped_column(String(32), default="")
    subject_person_id: Mapped[int | None]
    org_path: Mapped[str | None] = mapped_column(path_type())
    reason: Mapped[str] = mapped_column(Text, default="")
    changes: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    request_id: Mapped[str] = mapped_column(String(32), default="")
    address: Mapped[str] = mapped_column(String(64), default="")
    key_id: Mapped[str] = mapped_column(String(8))
    mac: Mapped[str] = mapped_column(String(64))


class AuditSeal(Base):
    """A signed block over the entries ``first_id``..``last_id``, chained to the block before."""

    __tablename__ = "audit_seals"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    first_id: Mapped[int] = mapped_column(BigId)
    last_id: Mapped[int] = mapped_column(BigId)
    entries: Mapped[int]
    ids: Mapped[str] = mapped_column(Text)
    """The sealed ids as ranges (1-90,92-100): a server that rolls back leaves gaps that are nobody's fault."""
    tags: Mapped[str] = mapped_column(Text)
    """Twelve hexadecimal digits per entry, in the order of ids: they name the entry when the digest is wrong."""
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 over id and MAC of every entry in the block."""
    previous_mac: Mapped[str] = mapped_column(String(64))
    key_id: Mapped[str] = mapped_column(String(8))
    mac: Mapped[str] = mapped_column(String(64))


GUARDED = ("audit_entries", "audit_seals")


def guard_statements(dialect: str) -> list[str]:
    """The triggers that refuse UPDATE and DELETE on the audit, for ``dialect``."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
            for table in GUARDED
            for verb in ("update", "delete")
        ]
    return [
        "CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$",
        *(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()"
            for table in GUARDED
        ),
    ]


def drop_guard_statements(dialect: str) -> list[str]:
    """What takes the triggers away again, for a downgrade."""
    if dialect == "sqlite":
        return [f"DROP TRIGGER {table}_no_{verb}" for table in GUARDED for verb in ("update", "delete")]
    triggers = [f"DROP TRIGGER {table}_append_only ON {table}" for table in GUARDED]
    return [*triggers, "DROP FUNCTION refuse_audit_change()"]


for _dialect in ("sqlite", "postgresql"):
    for _statement in guard_statements(_dialect):
        guard: ExecutableDDLElement = DDL(_statement)  # type: ignore[no-untyped-call]
        event.listen(Base.metadata, "after_create", guard.execute_if(dialect=_dialect))
