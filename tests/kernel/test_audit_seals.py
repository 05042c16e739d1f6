"""Tampering with the audit is found, and the first entry that is not what it was is named."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.kernel.audit import events, seals
from app.kernel.audit.models import AuditEntry, AuditSeal, drop_guard_statements
from app.kernel.audit.record import record
from app.kernel.audit.seals import anchors, seal_all
from app.kernel.audit.verification import Broken, find_broken
from app.kernel.db.unit import writing
from app.kernel.work import Work

ENTRIES, SEALED = 40, 30


@pytest.fixture(autouse=True)
def declared(monkeypatch):
    monkeypatch.setattr(events, "_SENTENCES", {"test:thing:change": "改了一样东西"})


def write(work: Work, count: int) -> None:
    there = work.session.scalar(select(func.count()).select_from(AuditEntry)) or 0
    for number in range(there, there + count):
        with writing(work.session):
            record(
                work, "test:thing:change", "thing", f"t{number}", changes={"name": ("旧", f"新{number}")}, person_id=7
            )


@pytest.fixture
def sealed(work) -> Work:
    """Forty entries: three sealed blocks of ten, and ten that wait."""
    for _ in range(SEALED // 10):
        write(work, 10)
        seal_all(work)
    write(work, ENTRIES - SEALED)
    return work


@contextmanager
def tampering(work: Work) -> Iterator[Session]:
    """What somebody can do who has the database itself in hand: the triggers are gone. All of it is rolled back."""
    session = work.session
    session.rollback()
    for statement in drop_guard_statements(session.get_bind().dialect.name):
        session.execute(text(statement))
    yield session
    session.rollback()


def counts_without_gaps(work: Work) -> bool:
    """SQLite's numbers are contiguous, a server's are not: what is missing before the next seal shows on SQLite."""
    return work.session.get_bind().dialect.name == "sqlite"


def first_broken(work: Work) -> int | None:
    work.session.flush()
    work.session.expire_all()
    found = find_broken(work)
    return found[0].entry_id if found else None


def test_an_untouched_audit_is_whole(sealed):
    assert find_broken(sealed) == []


def test_sealing_twice_seals_nothing_twice(sealed):
    assert seal_all(sealed) == 1
    assert seal_all(sealed) == 0
    assert [line.last_id - line.first_id for line in anchors(sealed.settings.seals_log)] == [9, 9, 9, 9]


def test_a_lost_line_of_the_anchor_is_written_again(sealed):
    path: Path = sealed.settings.seals_log
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:-1]))
    seal_all(sealed)
    assert path.read_text().startswith("".join(lines))
    assert find_broken(sealed) == []


@pytest.mark.parametrize("table", [AuditEntry, AuditSeal])
@pytest.mark.parametrize("change", [update, delete])
def test_the_database_refuses_to_change_the_audit(sealed, table, change):
    statement = change(table).where(table.id == 1)
    if change is update:
        statement = statement.values(key_id="k9")
    with pytest.raises(DBAPIError, match="append-only"), writing(sealed.session):
        sealed.session.execute(statement)
    assert find_broken(sealed) == []


def test_a_changed_entry_is_named(sealed):
    chance = random.Random(490016)
    for _ in range(150):
        with tampering(sealed) as session:
            entry = session.get_one(AuditEntry, chance.randint(1, ENTRIES))
            changes = {
                "actor_name": "别人",
                "reason": "x",
                "action": "test:thing:other",
                "changes": {"name": ["旧", "假"]},
                "subject_person_id": 8,
                "at": entry.at + timedelta(microseconds=1),
                "org_path": "00001",
                "mac": "0" * 64,
                "key_id": "k7",
            }
            field = chance.choice(sorted(changes))
            setattr(entry, field, changes[field])
            victim = entry.id
            assert first_broken(sealed) == victim, field


def test_an_entry_that_cannot_even_be_read_is_named(sealed):
    if not counts_without_gaps(sealed):
        pytest.skip("a server checks its types")
    for column in ("at", "changes"):
        with tampering(sealed) as session:
            session.execute(text(f"UPDATE audit_entries SET {column} = 'no such thing' WHERE id = 17"))
            assert first_broken(sealed) == 17


def test_a_deleted_entry_is_named(sealed):
    for victim in range(1, (ENTRIES if counts_without_gaps(sealed) else SEALED) + 1):
        with tampering(sealed) as session:
            session.execute(delete(AuditEntry).where(AuditEntry.id == victim))
            assert first_broken(sealed) == victim


def test_two_swapped_entries_are_named(sealed):
    chance = random.Random(490016)
    for _ in range(60):
        low, high = sorted(chance.sample(range(1, SEALED + 1), 2))
        with tampering(sealed) as session:
            for old, new in ((low, -1), (high, low), (-1, high)):
                session.execute(text(f"UPDATE audit_entries SET id = {new} WHERE id = {old}"))
            assert first_broken(sealed) == low


@pytest.mark.parametrize("turned_back", [False, True])
def test_a_cut_tail_is_named_even_when_its_seals_and_the_counter_go_with_it(sealed, turned_back):
    counted = counts_without_gaps(sealed)
    for cut in range(1, (ENTRIES if counted and not turned_back else SEALED) + 1):
        with tampering(sealed) as session:
            session.execute(delete(AuditEntry).where(AuditEntry.id >= cut))
            session.execute(delete(AuditSeal).where(AuditSeal.last_id >= cut))
            if turned_back and counted:
                session.execute(text(f"UPDATE sqlite_sequence SET seq = {cut - 1} WHERE name = 'audit_entries'"))
            assert first_broken(sealed) == cut


@pytest.mark.parametrize("where", [-5, 0, ENTRIES + 1, ENTRIES + 9])
def test_an_inserted_entry_is_named(sealed, where):
    with tampering(sealed) as session:
        row = session.execute(select(AuditEntry.__table__).where(AuditEntry.id == 5)).mappings().one()
        session.execute(AuditEntry.__table__.insert().values({**row, "id": where, "reason": "invented"}))
        gap_shows = counts_without_gaps(sealed)
        assert first_broken(sealed) == (min(where, ENTRIES + 1) if gap_shows else where)


@pytest.mark.parametrize("seal_id", [1, 2, 3])
def test_a_missing_seal_is_found(sealed, seal_id):
    with tampering(sealed) as session:
        session.execute(delete(AuditSeal).where(AuditSeal.id == seal_id))
        assert first_broken(sealed) == seal_id * 10 - 9


@pytest.mark.parametrize("field", ["digest", "tags", "ids", "previous_mac", "mac", "first_id", "entries", "at"])
def test_a_changed_seal_is_found(sealed, field):
    with tampering(sealed) as session:
        seal = session.get_one(AuditSeal, 2)
        new = {"first_id": 12, "entries": 9, "at": seal.at + timedelta(seconds=1), "ids": "11-19,20-20"}
        setattr(seal, field, new.get(field, "0" * len(str(getattr(seal, field)))))
        session.flush()
        session.expire_all()
        assert any("第 2 次封存" in broken.text for broken in find_broken(sealed))


def test_who_dies_between_the_first_seal_and_its_anchor_is_no_forger(work, monkeypatch):
    write(work, 3)

    def dies(_work):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(seals, "anchor", dies)
        with pytest.raises(KeyboardInterrupt):
            seal_all(work)
    work.session.rollback()
    assert find_broken(work) == []
    seal_all(work)
    assert len(list(anchors(work.settings.seals_log))) == 1


def test_a_missing_anchor_file_is_said(sealed):
    sealed.settings.seals_log.unlink()
    assert [type(broken) for broken in find_broken(sealed)] == [Broken]
