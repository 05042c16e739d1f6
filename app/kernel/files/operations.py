"""Storing uploads outside the database, under names nobody can guess, and finding them again."""

import hashlib
import secrets
from collections.abc import Iterator
from datetime import timedelta
from typing import BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.errors import Invalid
from app.kernel.files.models import StoredFile
from app.kernel.files.names import clean_name
from app.kernel.files.stores import store_of
from app.kernel.files.types import LARGEST, MEBIBYTE, examine
from app.kernel.jobs.periodic import periodic
from app.kernel.work import Work

ORPHAN_AFTER = timedelta(days=1)


def store(work: Work, owner_type: str, owner_id: int, upload_name: str, stream: BinaryIO) -> StoredFile:
    """Keep an upload for its owner, inside the caller's writing transaction.

    Raises Invalid (the key "" of the form) for what may not be uploaded, Unavailable when the disk is full.
    """
    content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Invalid(f"文件超过 {LARGEST // MEBIBYTE} MB，请压缩后再传")
    kind, kept = examine(content)
    return keep(work, owner_type, owner_id, clean_name(upload_name, kind.suffix), kind.media_type, kept)


def keep(work: Work, owner_type: str, owner_id: int, name: str, media_type: str, content: bytes) -> StoredFile:
    """Keep what this program itself has made. Raises Unavailable when the disk is full."""
    token = secrets.token_hex(24)
    row = StoredFile(
        owner_type=owner_type,
        owner_id=owner_id,
        name=name,
        media_type=media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        storage_key=f"{token[:2]}/{token[2:]}",
        account_id=work.actor.account_id,
        created_at=work.now,
    )
    store_of(work.settings).put(row.storage_key, content)
    work.session.add(row)
    work.session.flush()
    return row


def open_file(work: Work, stored: StoredFile) -> BinaryIO:
    """The content, for reading. Whether the viewer may have it is asked of the owner. Raises NotFound, Unavailable."""
    return store_of(work.settings).open(stored.storage_key)


def files_of(session: Session, owner_type: str, owner_id: int) -> list[StoredFile]:
    """What was stored for an owner, oldest first."""
    query = select(StoredFile).where(StoredFile.owner_type == owner_type, StoredFile.owner_id == owner_id)
    return list(session.scalars(query.order_by(StoredFile.id)))


def remove(work: Work, stored: StoredFile) -> None:
    """Forget a file in the caller's transaction; its content goes with the next sweep."""
    work.session.delete(stored)
    work.session.flush()


@periodic("files.sweep", every=timedelta(hours=6))
def sweep(work: Work) -> int:
    """Delete contents no row speaks of: transactions that were rolled back, files that were removed."""
    there, swept = store_of(work.settings), 0
    for key in orphans(work):
        there.delete(key)
        swept += 1
    return swept


def orphans(work: Work) -> Iterator[str]:
    """The keys of contents older than a day that no row speaks of."""
    known = set(work.session.scalars(select(StoredFile.storage_key)))
    oldest = (work.now - ORPHAN_AFTER).timestamp()
    for key, put in store_of(work.settings).keys():  # noqa: SIM118  a store is no dictionary
        if key not in known and put < oldest:
            yield key
