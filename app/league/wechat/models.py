"""Bindings, followers, messages that were heard already, the access token."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db.base import Base
from app.kernel.db.types import UtcDateTime
from app.kernel.ids import new_public_id
from app.kernel.sealed import seals

BOUND = text("unbound_at IS NULL")


class WechatBinding(Base):
    """Whose WeChat this is. An openid is personal data: sealed, and named together with the official account's appid."""

    __tablename__ = "wechat_bindings"
    __table_args__ = (
        Index("uq_wechat_bindings_openid", "openid_index", unique=True, sqlite_where=BOUND, postgresql_where=BOUND),
        Index("uq_wechat_bindings_account", "account_id", unique=True, sqlite_where=BOUND, postgresql_where=BOUND),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    openid_sealed: Mapped[str] = mapped_column(Text, info=seals("openid", index="openid_index"))
    openid_index: Mapped[str] = mapped_column(String(48))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    bound_at: Mapped[datetime] = mapped_column(UtcDateTime)
    unbound_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class WechatFollower(Base):
    """Whether somebody follows the account, by the latest of what WeChat told, in whatever order it arrived."""

    __tablename__ = "wechat_followers"

    openid_index: Mapped[str] = mapped_column(String(48), primary_key=True)
    following: Mapped[bool]
    as_of: Mapped[int] = mapped_column(BigInteger)
    """WeChat's CreateTime, in seconds."""


class WechatMessage(Base):
    """A message that was heard, so that its repetition has no effect and its nonce serves no other message."""

    __tablename__ = "wechat_messages"

    key: Mapped[str] = mapped_column(String(48), primary_key=True)
    nonce: Mapped[str] = mapped_column(String(48), unique=True)
    heard_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class WechatToken(Base):
    """The official account's access token, shared by all processes."""

    __tablename__ = "wechat_tokens"

    app_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    token_sealed: Mapped[str] = mapped_column(Text, info=seals("wechat_token"))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DemonstrationChat(Base):
    """One line of the chat that the demonstration plays. ``mine``: typed by the visitor, else sent by the account."""

    __tablename__ = "demonstration_chat"
    __table_args__ = (Index("ix_demonstration_chat_who", "who", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    who: Mapped[str] = mapped_column(String(32))
    mine: Mapped[bool]
    text_sealed: Mapped[str] = mapped_column(Text, info=seals("wechat_text"))
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
