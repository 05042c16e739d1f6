"""Finding the first broken entry: every entry's own MAC, every seal, the chain, and the anchor beside the database."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, func, select, text

from app.kernel.audit.models import AuditEntry, AuditSeal
from app.kernel.audit.record import canonical
from app.kernel.audit.seals import PURPOSE, TAG, anchors, digest_of, from_ranges, signed_bytes, tag_of
from app.kernel.vault import VaultError
from app.kernel.work import Work

PAGE = 5_000
ENTRY = AuditEntry.__table__
Entry = RowMapping | Mapping[str, Any]


@dataclass(frozen=True, order=True)
class Broken:
    """``entry_id``: the entry that is not what it was, or the first of a stretch that is missing."""

    entry_id: int
    text: str


def find_broken(work: Work, tell: Callable[[int], bool] = lambda done: True) -> list[Broken]:
    """Everything wrong with the audit, the lowest entry first; empty when all is well.

    ``tell`` hears after each seal how many were checked, and says whether to go on.
    """
    return sorted({*_sealed(work, tell), *_tail(work), *_anchored(work)})


def _sealed(work: Work, tell: Callable[[int], bool]) -> Iterator[Broken]:
    previous_mac, previous_last, previous_id = "", -(2**62), 0
    seals = work.session.scalars(select(AuditSeal).order_by(AuditSeal.id).execution_options(yield_per=20))
    for number, seal in enumerate(seals, 1):
        if seal.id != previous_id + 1 and work.session.get_bind().dialect.name == "sqlite":
            yield Broken(seal.first_id, f"第 {previous_id + 1} 次封存不见了")
        if not _signed(work, PURPOSE, signed_bytes(seal), seal.key_id, seal.mac):
            yield Broken(seal.first_id, f"第 {seal.id} 次封存的签名不对")
        elif seal.previous_mac != previous_mac:
            yield Broken(seal.first_id, f"第 {seal.id} 次封存接不上前一次")
        yield from _block(work, seal, previous_last)
        previous_mac, previous_last, previous_id = seal.mac, seal.last_id, seal.id
        if not tell(number):
            return


def _block(work: Work, seal: AuditSeal, after: int) -> Iterator[Broken]:
    found: dict[int, str] = {}
    for row in _entries(work, after, seal.last_id):
        found[row["id"]] = row["mac"]
        if not _genuine(work, row):
            yield Broken(row["id"], "内容与校验码不符")
    misplaced = sorted(_misplaced(seal, found))
    yield from misplaced
    if not misplaced and digest_of(sorted(found.items())) != seal.digest:
        yield Broken(seal.first_id, f"第 {seal.id} 次封存的内容不对")


def _misplaced(seal: AuditSeal, found: Mapping[int, str]) -> Iterator[Broken]:
    ids = from_ranges(seal.ids)
    wanted = {entry_id: seal.tags[i * TAG : (i + 1) * TAG] for i, entry_id in enumerate(ids)}
    for entry_id, tag in wanted.items():
        if entry_id not in found:
            yield Broken(entry_id, "记录不见了")
        elif tag_of(entry_id, found[entry_id]) != tag:
            yield Broken(entry_id, "不是封存时的记录")
    for entry_id in found.keys() - wanted.keys():
        yield Broken(entry_id, "封存之后才出现的记录")


def _tail(work: Work) -> Iterator[Broken]:
    """What is not sealed yet. SQLite counts without gaps, so a missing number is a missing entry."""
    counted = work.session.get_bind().dialect.name == "sqlite"
    last = work.session.scalar(select(func.max(AuditSeal.last_id))) or 0
    for row in _entries(work, last, None):
        if counted and row["id"] != last + 1:
            yield Broken(last + 1, "记录不见了")
        last = row["id"]
        if not _genuine(work, row):
            yield Broken(row["id"], "内容与校验码不符")
    if counted:
        query = text("SELECT seq FROM sqlite_sequence WHERE name = 'audit_entries'")
        if (work.session.scalar(query) or 0) > last:
            yield Broken(last + 1, "末尾的记录不见了")


def _anchored(work: Work) -> Iterator[Broken]:
    """The file must not know more than the table, nor anything else."""
    seals = {seal_id: mac for seal_id, mac in work.session.execute(select(AuditSeal.id, AuditSeal.mac))}  # noqa: C416
    path = work.settings.seals_log
    if seals and not path.exists():
        yield Broken(1, f"封存的锚点文件 {path.name} 不见了")
    for line in anchors(path):
        if line.seal_id not in seals:
            there = work.session.scalar(select(func.max(ENTRY.c.id)).where(ENTRY.c.id <= line.last_id)) or 0
            first = line.first_id if there == line.last_id else max(line.first_id, there + 1)
            yield Broken(first, f"第 {line.seal_id} 次封存不见了")
        elif seals[line.seal_id] != line.mac:
            yield Broken(line.first_id, f"第 {line.seal_id} 次封存与锚点文件不同")


def _entries(work: Work, after: int, last: int | None) -> Iterator[Entry]:
    while True:
        inside = ENTRY.c.id > after if last is None else ENTRY.c.id.between(after + 1, last)
        rows = _read(work, inside)
        yield from rows
        if len(rows) < PAGE:
            return
        after = rows[-1]["id"]


def _read(work: Work, inside: ColumnElement[bool]) -> Sequence[Entry]:
    """A page of entries; one that cannot even be read comes with its id and MAC alone."""
    try:
        return work.session.execute(select(ENTRY).where(inside).order_by(ENTRY.c.id).limit(PAGE)).mappings().all()
    except (ValueError, TypeError):
        names = select(ENTRY.c.id, ENTRY.c.mac).where(inside).order_by(ENTRY.c.id).limit(PAGE)
        return [_read_one(work, row) for row in work.session.execute(names).mappings().all()]


def _read_one(work: Work, name: Entry) -> Entry:
    try:
        return work.session.execute(select(ENTRY).where(ENTRY.c.id == name["id"])).mappings().one()
    except (ValueError, TypeError):
        return name


def _genuine(work: Work, row: Entry) -> bool:
    try:
        values = canonical(row)  # type: ignore[arg-type]
    except (AttributeError, KeyError, TypeError):  # a time or a document that is none any more
        return False
    return _signed(work, "audit", values, row["key_id"], row["mac"])


def _signed(work: Work, purpose: str, data: bytes, key_id: str, mac: str) -> bool:
    try:
        return work.vault.sign(purpose, data, key_id).hex() == mac
    except VaultError:
        return False
