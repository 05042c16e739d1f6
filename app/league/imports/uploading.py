"""The first step of a batch: a file comes in. A small one is read at once, a longer one is kept for the worker."""

import base64
import zlib
from typing import NamedTuple

from sqlalchemy import select

from app.kernel.audit.record import record
from app.kernel.db import bulk
from app.kernel.db.base import table_of
from app.kernel.errors import Invalid
from app.kernel.limits import hit
from app.kernel.vault import Vault
from app.kernel.work import Work
from app.league.imports import events as events
from app.league.imports import reading
from app.league.imports.ground import CLASSES
from app.league.imports.models import PURPOSE, ImportBatch, ImportPart, Sort
from app.league.imports.operations import READ, STAGED, keep_rows, leave, sealed_rows, settle
from app.league.organisations.models import Organisation

SMALL, LITTLE = 128 * 1024, 100_000
"""Bytes of a file that is read while its sender waits; a longer one is read by the worker."""
PART = 192 * 1024
"""Bytes of a longer one that are kept together."""


class Sent(NamedTuple):
    """A file as it came. ``size``: its bytes; ``table``: what a small one holds; ``parts``: a longer one, sealed."""

    name: str
    size: int
    table: reading.Table | None
    parts: list[str]


def received(vault: Vault, name: str, content: bytes) -> Sent:
    """Look at a file, and read or seal it, before the writer's turn. Raises Invalid on ``file``."""
    reading.look(content)
    if len(content) <= SMALL and reading.cells(content) <= LITTLE:
        table = reading.read(content)
        if len(table.rows) <= STAGED:
            return Sent(name, len(content), table, [])
    packed = zlib.compress(content, 1)
    pieces = (packed[at : at + PART] for at in range(0, len(packed), PART))
    parts = [vault.seal(PURPOSE, base64.b64encode(piece).decode()) for piece in pieces]
    return Sent(name, len(content), None, parts)


def upload(work: Work, organisation: Organisation, sort: Sort, sent: Sent) -> ImportBatch:
    """Take in a file for ``organisation``; a small one goes on at once. Raises Invalid on ``file``, TooMany."""
    _mayhold(sort, organisation)
    hit(work.session, work.vault, "upload.account", str(work.actor.account_id))
    assert work.actor.account_id is not None
    batch = ImportBatch(
        sort=sort,
        organisation_id=organisation.id,
        org_path=organisation.path,
        account_id=work.actor.account_id,
        by_name=work.actor.name,
        file_name=sent.name[-120:],
        created_at=work.now,
    )
    work.session.add(batch)
    work.session.flush()
    record(
        work, "imports:batch:upload", "import", batch.public_id,
        org_path=batch.org_path, changes={"sort": (None, sort.value), "bytes": (None, sent.size)},
    )  # fmt: skip
    if sent.table:
        keep_rows(work, sealed_rows(work, batch.id, sent.table.rows))
        settle(work, batch, sent.table)
        return batch
    rows = [{"batch_id": batch.id, "number": at, "content_sealed": part} for at, part in enumerate(sent.parts)]
    bulk.put_many(work.session, table_of(ImportPart), rows)
    leave(work, batch, READ)
    return batch


def _mayhold(sort: Sort, organisation: Organisation) -> None:
    if sort is Sort.ORGANISATIONS and organisation.kind in CLASSES:
        raise Invalid({"file": f"{organisation.name}下面不能再建团组织"})


def content_of(work: Work, batch: ImportBatch) -> bytes:
    """The uploaded file, put together again."""
    parts = work.session.scalars(
        select(ImportPart.content_sealed).where(ImportPart.batch_id == batch.id).order_by(ImportPart.number)
    )
    return zlib.decompress(b"".join(base64.b64decode(work.vault.open(PURPOSE, part)) for part in parts))
