"""Notices (通知) and receipts (已读回执)."""

import enum
from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db.base import Base
from app.kernel.db.types import UtcDateTime, Word, path_type
from app.kernel.ids import new_public_id
from app.league.notices.categories import ANNOUNCEMENTS

ON_PORTAL = text("state = 'published' AND audience = 'portal'")


class NoticeState(enum.StrEnum):
    """Where a notice stands."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Audience(enum.StrEnum):
    """Whom a notice is aimed at."""

    PORTAL = "portal"  # everyone, on the public portal
    STAFF = "staff"  # administrators, secretaries and delegates of the subtree
    EVERYONE = "everyone"  # staff and youths of the subtree


class Notice(Base):
    """A notice, from the draft to its withdrawal."""

    __tablename__ = "notices"
    __table_args__ = (
        Index("ix_notices_portal", "published_at", "id", sqlite_where=ON_PORTAL, postgresql_where=ON_PORTAL),
        Index(
            "ix_notices_column",
            "category",
            "pinned",
            "published_at",
            "id",
            sqlite_where=ON_PORTAL,
            postgresql_where=ON_PORTAL,
        ),
        Index("ix_notices_target", "target_path", "published_at"),
        Index("ix_notices_issuer", "issuer_path", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    title: Mapped[str] = mapped_column(String(120))
    summary: Mapped[str] = mapped_column(String(300), default="")
    body_html: Mapped[str] = mapped_column(Text)
    """Sanitised when written, and again when read."""
    body_text: Mapped[str] = mapped_column(Text, default="")
    """The same without markup, for search and summaries."""
    category: Mapped[str] = mapped_column(String(16), default=ANNOUNCEMENTS)
    """栏目: a key of ``categories.CATEGORIES``."""
    source: Mapped[str] = mapped_column(String(60), default="")
    """来源, when the text comes from elsewhere; empty: the issuer."""
    document_number: Mapped[str] = mapped_column(String(64), default="")
    """发文字号."""
    issuer_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    issuer_path: Mapped[str] = mapped_column(path_type())
    author_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    audience: Mapped[Audience] = mapped_column(Word(Audience))
    target_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    target_path: Mapped[str] = mapped_column(path_type())
    state: Mapped[NoticeState] = mapped_column(Word(NoticeState), default=NoticeState.DRAFT)
    pinned: Mapped[bool] = mapped_column(default=False)
    lead: Mapped[bool] = mapped_column(default=False)
    """头条: put first on the front page while it is fresh (``portal.LEAD_LASTS``)."""
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    publish_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_reason: Mapped[str] = mapped_column(String(200), default="")


class NoticeImage(Base):
    """A picture of a notice. Its renderings lie in the files store, one a width, under the name "<width>.webp"."""

    __tablename__ = "notice_images"
    __table_args__ = (
        Index("uq_notice_images_number", "notice_id", "number", unique=True),
        Index(
            "uq_notice_images_cover",
            "notice_id",
            unique=True,
            sqlite_where=text("cover"),
            postgresql_where=text("cover"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"))
    number: Mapped[int]
    """The text places it by writing [图1]."""
    alt: Mapped[str] = mapped_column(String(120))
    """What is to be seen, for those who do not see it."""
    caption: Mapped[str] = mapped_column(String(200), default="")
    cover: Mapped[bool] = mapped_column(default=False)
    """题图: stands in lists and above the text."""
    width: Mapped[int]
    height: Mapped[int]
    """Pixels of the widest rendering."""
    widths: Mapped[list[int]] = mapped_column(JSON)


class NoticeReceipt(Base):
    """已读回执: that an account opened a notice, and when first."""

    __tablename__ = "notice_receipts"

    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    read_at: Mapped[datetime] = mapped_column(UtcDateTime)
