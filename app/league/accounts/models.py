"""Accounts (账号), their sessions, second factors, consents, SMS codes and messages."""

import enum
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db.base import Base
from app.kernel.db.types import UtcDateTime, Word
from app.kernel.ids import new_public_id
from app.kernel.sealed import seals


class AccountStatus(enum.StrEnum):
    """Whether one may sign in."""

    ACTIVE = "active"
    GUARDIAN_PENDING = "guardian_pending"  # under 14, the guardian has not agreed yet
    DISABLED = "disabled"


class Account(Base):
    """A login. At most one per person, and a person may have none yet."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    name: Mapped[str] = mapped_column(String(64))
    phone_sealed: Mapped[str] = mapped_column(Text, info=seals("phone", index="phone_index"))
    phone_index: Mapped[str] = mapped_column(String(48), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    birth_date: Mapped[date | None]
    """As declared at registration, to know whose guardian must agree."""
    status: Mapped[AccountStatus] = mapped_column(Word(AccountStatus), default=AccountStatus.ACTIVE)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), unique=True)
    totp_sealed: Mapped[str | None] = mapped_column(Text, info=seals("totp"))
    totp_last_step: Mapped[int] = mapped_column(default=0)
    totp_enabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_signed_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RecoveryCode(Base):
    """A single-use code for when the second factor is lost; kept as a blind index."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    code_index: Mapped[str] = mapped_column(String(48))
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SignInKind(enum.StrEnum):
    """What carries a session's token. One kind never opens the other's door."""

    BROWSER = "browser"  # a cookie
    APP = "app"  # Authorization: Bearer


class SignIn(Base):
    """A server-side session. A cookie or an app carries its random token; here stands only its hash."""

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_account", "account_id", "revoked_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    kind: Mapped[SignInKind] = mapped_column(Word(SignInKind), default=SignInKind.BROWSER)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    second_factor_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    acting_appointment_id: Mapped[int | None]
    device: Mapped[str] = mapped_column(String(100), default="")
    address: Mapped[str] = mapped_column(String(64), default="")


class ConsentState(enum.StrEnum):
    """Where a consent stands."""

    PENDING = "pending"
    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Consent(Base):
    """Who agreed to which version of which text, and when (个人信息保护法; 儿童个人信息网络保护规定)."""

    __tablename__ = "consents"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(32))
    """terms, sensitive or guardian."""
    text_version: Mapped[str] = mapped_column(String(16))
    text_hash: Mapped[str] = mapped_column(String(64))
    state: Mapped[ConsentState] = mapped_column(Word(ConsentState))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    guardian_name_sealed: Mapped[str | None] = mapped_column(Text, info=seals("guardian_name"))
    guardian_phone_sealed: Mapped[str | None] = mapped_column(
        Text, info=seals("guardian_phone", index="guardian_phone_index", index_purpose="phone")
    )
    guardian_phone_index: Mapped[str | None] = mapped_column(String(48))


class SmsCode(Base):
    """A one-time code sent to a phone, kept as a blind index together with its purpose."""

    __tablename__ = "sms_codes"
    __table_args__ = (Index("ix_sms_codes_phone", "phone_index", "purpose", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    phone_index: Mapped[str] = mapped_column(String(48))
    purpose: Mapped[str] = mapped_column(String(32))
    code_index: Mapped[str] = mapped_column(String(48))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Message(Base):
    """A message in one's own inbox. No ID number or phone ever stands in it."""

    __tablename__ = "messages"
    __table_args__ = (Index("ix_messages_account", "account_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    title: Mapped[str] = mapped_column(String(100))
    body: Mapped[str] = mapped_column(Text)
    link: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DemonstrationSms(Base):
    """What the demonstration SMS adapter 'sent': read on a page that exists in demonstration mode alone."""

    __tablename__ = "demonstration_sms"

    id: Mapped[int] = mapped_column(primary_key=True)
    phone_sealed: Mapped[str] = mapped_column(Text, info=seals("phone"))
    text_sealed: Mapped[str] = mapped_column(Text, info=seals("sms_text"))
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
