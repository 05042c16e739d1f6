"""Backups: whole under load, closed to others, damaged by nothing unnoticed, and restored as they were."""

import io
import random
import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from app import create_app
from app.config import Settings
from app.extensions import db
from app.kernel.audit.seals import seal_all
from app.kernel.backup import box, content
from app.kernel.backup.box import Damaged, Reader, Writer, WrongPassphrase
from app.kernel.db.unit import writing
from app.kernel.errors import Refused
from app.kernel.files.operations import store
from app.kernel.limits import hit
from app.kernel.vault import Key, Vault
from app.league.accounts.models import Account
from tests import factories as make
from tests.postgres import find_programs

PASSPHRASE = "山西的春天来得不晚，花都开了"
PDF = b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """A cheap passphrase hash, blocks small enough to have several, and the server's own programs."""
    monkeypatch.setattr(box, "COST", {"n": 2**4, "r": 8, "p": 1})
    monkeypatch.setattr(box, "BLOCK", 4096)
    programs = find_programs()
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")


def is_sqlite(session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


@pytest.fixture
def backed_up(world, session, work, tmp_path) -> Path:
    with writing(session):
        store(work, "notice", 1, "通知.pdf", io.BytesIO(PDF))
    seal_all(work)
    file = tmp_path / "today.backup"
    content.make(work, file, PASSPHRASE)
    return file


def test_a_backup_restores_to_the_same_data(backed_up, work, session):
    def accounts() -> int | None:
        session.rollback()
        return session.scalar(select(func.count()).select_from(Account))

    before = accounts()
    with writing(session):
        make.account(session, work.vault, "后来的人")
    assert accounts() == before + 1
    stored = next(work.settings.files_dir.glob("??/*"))
    stored.write_bytes(b"spoiled")
    session.close()
    content.restore(work, backed_up, PASSPHRASE, replace=True)
    assert accounts() == before
    assert stored.read_bytes() == PDF


def test_data_that_is_here_is_not_replaced_unasked(backed_up, work, session):
    session.close()
    with pytest.raises(Refused, match="已经有数据"):
        content.restore(work, backed_up, PASSPHRASE, replace=False)


def test_a_file_in_use_is_not_pulled_away(backed_up, work, session):
    if not is_sqlite(session):
        pytest.skip("a server has its own locks")
    session.close()
    other = sqlite3.connect(session.get_bind().url.database, isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM accounts").fetchone()
    with pytest.raises(Refused, match="停止"):
        content.restore(work, backed_up, PASSPHRASE, replace=True)
    other.close()


def test_nothing_in_the_file_can_be_read_without_the_passphrase(backed_up):
    raw = backed_up.read_bytes()
    for word in ("CREATE TABLE", "SQLite format", "共青团", "PDF-1.7", "tuanwutong.sqlite3"):
        assert word.encode() not in raw
    with pytest.raises(WrongPassphrase, match="口令不对"):
        content.check(backed_up, PASSPHRASE + "?")
    assert backed_up.stat().st_mode & 0o077 == 0


def test_every_flipped_byte_is_detected(backed_up, tmp_path):
    whole = backed_up.read_bytes()
    chance = random.Random(490016)
    spoiled = tmp_path / "spoiled.backup"
    for _ in range(100):
        raw = bytearray(whole)
        raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
        spoiled.write_bytes(raw)
        with pytest.raises((Damaged, WrongPassphrase)):
            content.check(spoiled, PASSPHRASE)


def test_a_shortened_lengthened_or_shuffled_file_is_detected(backed_up, tmp_path):
    whole = backed_up.read_bytes()
    start = len(whole) % (4096 + 16)
    cases = [whole[:-1], whole[: -(4096 + 16)], whole + b"x", whole[:100], b"", b"PK\x03\x04" + whole]
    cases.append(whole[: start + 4112] + whole[start + 8224 : start + 12336] + whole[start + 4112 : start + 8224])
    for raw in cases:
        spoiled = tmp_path / "spoiled.backup"
        spoiled.write_bytes(raw)
        with pytest.raises((Damaged, WrongPassphrase)):
            content.check(spoiled, PASSPHRASE)


def test_a_backup_needs_the_keys_of_its_day(backed_up, work, session):
    session.close()
    work.vault = Vault([Key.new("k1")])
    with pytest.raises(Refused, match="k1"):
        content.restore(work, backed_up, PASSPHRASE, replace=True)


def test_a_backup_taken_under_load_holds_what_was_acknowledged_and_nothing_half(world, session, work, app, tmp_path):
    stop, ledger = threading.Event(), {1: 0, 2: 0}

    def write(writer: int) -> None:
        with app.app_context():
            while not stop.is_set():
                name = f"{writer}:{ledger[writer] + 1}"
                with writing(db.session()):
                    hit(db.session(), work.vault, "search", name)
                    hit(db.session(), work.vault, "reveal", name)
                ledger[writer] += 1  # acknowledged
            db.session.remove()

    writers = [threading.Thread(target=write, args=(number,)) for number in ledger]
    for thread in writers:
        thread.start()
    try:
        content.make(work, tmp_path / "first.backup", PASSPHRASE)
        before = dict(ledger)
        content.make(work, tmp_path / "second.backup", PASSPHRASE)
        after = dict(ledger)
    finally:
        stop.set()
        for thread in writers:
            thread.join()
    session.close()
    content.restore(work, tmp_path / "second.backup", PASSPHRASE, replace=True)
    asked = 'SELECT key FROM limit_counters WHERE name = :name AND "window" = 3600'
    found = [set(session.scalars(text(asked), {"name": name})) for name in ("search", "reveal")]
    for writer in ledger:
        cut = 0
        while work.vault.index("limit", f"{writer}:{cut + 1}") in found[0]:
            cut += 1
        assert before[writer] <= cut <= after[writer] + 1
    assert len(found[0]) == len(found[1])


def test_a_backup_that_cannot_be_finished_leaves_nothing(world, work, tmp_path, monkeypatch):
    monkeypatch.setattr(content, "check", lambda *_: (_ for _ in ()).throw(Damaged("x")))
    with pytest.raises(Damaged):
        content.make(work, tmp_path / "a.backup", PASSPHRASE)
    assert list(tmp_path.glob("a.backup*")) == []


@pytest.mark.parametrize("size", [0, 1, 4095, 4096, 4097, 8192, 20000])
def test_the_box_gives_back_what_was_put_in(size):
    content_bytes = random.Random(size).randbytes(size)
    held = io.BytesIO()
    with Writer(held, "p", {"a": 1}) as out:
        out.write(content_bytes)
    held.seek(0)
    with Reader(held, "p") as back:
        assert back.read() == content_bytes
        assert back.facts["a"] == 1


def test_the_commands_back_up_check_and_note_it(world, session, cli, tmp_path, monkeypatch, settings: Settings):
    monkeypatch.setenv("BACKUP_PASSPHRASE", PASSPHRASE)
    session.close()
    said = cli.invoke(args=["backup", str(tmp_path / "b")])
    assert said.exit_code == 0, said.output
    assert "keys.json" in said.output
    assert "备份完好" in cli.invoke(args=["restore", "--check", str(tmp_path / "b")]).output
    assert cli.invoke(args=["backup", str(tmp_path / "b")]).exit_code == 1
    monkeypatch.setenv("BACKUP_PASSPHRASE", "short")
    assert "至少" in cli.invoke(args=["backup", str(tmp_path / "c")]).output
    assert session.scalar(text("SELECT count(*) FROM periodic_runs WHERE name = 'backup'")) == 1
    session.close()
    monkeypatch.setenv("BACKUP_PASSPHRASE", PASSPHRASE)
    restored = cli.invoke(args=["restore", "--replace", str(tmp_path / "b")])
    assert restored.exit_code == 0, restored.output
    assert "已恢复到" in restored.output


@pytest.mark.embedded
def test_a_command_without_keys_ends_with_a_sentence(tmp_path):
    app = create_app(Settings(instance_dir=tmp_path, password_cost=64))
    ended = app.test_cli_runner().invoke(args=["restore", "--check", __file__], env={"BACKUP_PASSPHRASE": PASSPHRASE})
    assert (ended.exit_code, ended.output) == (1, "Error: 找不到密钥文件 keys.json，请先运行 flask --app wsgi init\n")
