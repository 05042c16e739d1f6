"""One row per stored file."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db.base import Base
from app.kernel.db.types import UtcDateTime
from app.kernel.ids import new_public_id


class StoredFile(Base):
    """A file and the thing it belongs to; whoever may read the owner may read the file."""

    __tablename__ = "files"
    __table_args__ = (Index("ix_files_owner", "owner_type", "owner_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    owner_type: Mapped[str] = mapped_column(String(32))
    owner_id: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    storage_key: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
