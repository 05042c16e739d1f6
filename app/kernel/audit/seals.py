"""Seals (封存): the worker signs what was written since the last time, as a block chained to the one before.

Writers never wait for each other's hash; what binds entries together comes a minute later. Each seal is also
appended to a file beside the database, so that cutting off the end of both tables shows.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from app.kernel.audit.models import AuditEntry, AuditSeal
from app.kernel.db.unit import writing
from app.kernel.jobs.periodic import periodic
from app.kernel.work import Work

PURPOSE = "audit seal"
BLOCK = 10_000
TAG = 12
SIGNED = ("first_id", "last_id", "entries", "ids", "tags", "digest", "previous_mac")


@dataclass(frozen=True)
class Anchor:
    """One line of the file: what a seal covered, and its MAC."""

    seal_id: int
    first_id: int
    last_id: int
    mac: str


@periodic("audit.seal", every=timedelta(minutes=1))
def seal_all(work: Work) -> int:
    """Seal everything written so far and anchor it. Returns how many seals were made.

    The file is there before the first seal is: whoever dies in between leaves no seal whose anchor seems taken away.
    """
    work.settings.seals_log.touch(mode=0o600)
    made = 0
    while seal_next(work):
        made += 1
    anchor(work)
    return made


def seal_next(work: Work) -> bool:
    """Seal the next block in a transaction of its own. Returns whether there was anything to seal."""
    try:
        with writing(work.session) as session:
            if session.get_bind().dialect.name == "postgresql":
                # Until we commit nobody adds an entry: no lower id can turn up behind the seal.
                session.execute(text("SET LOCAL lock_timeout = '3s'"))
                session.execute(text("LOCK TABLE audit_entries, audit_seals IN SHARE ROW EXCLUSIVE MODE"))
            last = session.scalars(select(AuditSeal).order_by(AuditSeal.id.desc()).limit(1)).one_or_none()
            after = last.last_id if last else 0
            fresh = select(AuditEntry.id, AuditEntry.mac).where(AuditEntry.id > after)
            rows = session.execute(fresh.order_by(AuditEntry.id).limit(BLOCK)).all()
            if not rows:
                return False
            session.add(_seal(work, rows, last.mac if last else ""))
            return True
    except OperationalError as error:
        if "lock timeout" in str(error.orig):
            return False  # a long change is under way; the next minute seals it too
        raise


def anchor(work: Work) -> None:
    """Append to the file what it does not have yet, forced to disk."""
    path = work.settings.seals_log
    known = max((a.seal_id for a in anchors(path)), default=0)
    columns = (AuditSeal.id, AuditSeal.first_id, AuditSeal.last_id, AuditSeal.mac)
    rows = work.session.execute(select(*columns).where(AuditSeal.id > known).order_by(AuditSeal.id)).all()
    work.session.rollback()
    if not rows:
        return
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.writelines(f"{' '.join(str(value) for value in row)}\n" for row in rows)
        file.flush()
        os.fsync(file.fileno())


def anchors(path: Path) -> Iterator[Anchor]:
    """The lines of the anchor file; a half-written last line is passed over."""
    if not path.exists():
        return
    for line in path.read_text(encoding="ascii").splitlines():
        parts = line.split()
        if len(parts) == 4 and len(parts[3]) == 64:
            yield Anchor(int(parts[0]), int(parts[1]), int(parts[2]), parts[3])


def last_sealed(work: Work) -> tuple[AuditSeal | None, int]:
    """The newest seal, and how many entries wait for the next."""
    last = work.session.scalars(select(AuditSeal).order_by(AuditSeal.id.desc()).limit(1)).one_or_none()
    waiting = select(func.count()).select_from(AuditEntry).where(AuditEntry.id > (last.last_id if last else 0))
    return last, work.session.scalar(waiting) or 0


def tag_of(entry_id: int, mac: str) -> str:
    """What stands in a seal for one entry."""
    return hashlib.sha256(f"{entry_id}:{mac}".encode()).hexdigest()[:TAG]


def digest_of(entries: Iterable[tuple[int, str]]) -> str:
    """One hash over ids and MACs."""
    total = hashlib.sha256()
    for entry_id, mac in entries:
        total.update(f"{entry_id}:{mac}\n".encode())
    return total.hexdigest()


def signed_bytes(seal: AuditSeal) -> bytes:
    """What a seal's MAC is taken over."""
    values = {name: getattr(seal, name) for name in SIGNED}
    values["at"] = seal.at.astimezone(UTC).isoformat()
    return json.dumps(values, sort_keys=True).encode()


def as_ranges(ids: list[int]) -> str:
    """Sorted ids as ranges.

    >>> as_ranges([1, 2, 3, 7])
    '1-3,7-7'
    """
    ranges: list[list[int]] = []
    for number in ids:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ",".join(f"{low}-{high}" for low, high in ranges)


def from_ranges(ranges: str) -> list[int]:
    """The ids again.

    >>> from_ranges("1-3,7-7")
    [1, 2, 3, 7]
    """
    pairs = (part.split("-") for part in ranges.split(","))
    return [number for low, high in pairs for number in range(int(low), int(high) + 1)]


def _seal(work: Work, rows: Sequence[Any], previous: str) -> AuditSeal:
    entries = [(entry_id, mac) for entry_id, mac in rows]
    seal = AuditSeal(
        at=work.now,
        first_id=entries[0][0],
        last_id=entries[-1][0],
        entries=len(entries),
        ids=as_ranges([entry_id for entry_id, _ in entries]),
        tags="".join(tag_of(*pair) for pair in entries),
        digest=digest_of(entries),
        previous_mac=previous,
        key_id=work.vault.current.id,
    )
    seal.mac = work.vault.sign(PURPOSE, signed_bytes(seal)).hex()
    return seal
