"""PostgreSQL is brought back to a moment between two commits, from files nobody reads without the passphrase."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from app.kernel.backup import point_in_time
from app.kernel.backup.box import Damaged, WrongPassphrase
from app.kernel.errors import Refused
from tests.conftest import DATABASE
from tests.faults.server import ROOT
from tests.postgres import SETTINGS, PostgresServer, find_programs

PASSPHRASE = "山西的春天来得不晚，花都开了"


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """A server that hands out the pieces of its log. (Its own user may not be let into where the project lies, so the
    test calls the script with each piece, as the server does in operation.)
    """
    made = PostgresServer()
    for name in ("archive", "handed"):
        (made.directory / name).mkdir(mode=0o700)
    (made.directory / "passphrase").write_text(PASSPHRASE, encoding="utf-8")
    if made.user:
        shutil.chown(made.directory / "handed", made.user)
    hand = f"cp %p {made.directory}/handed/%f"
    made.settings = {**SETTINGS, "wal_level": "replica", "archive_mode": "on", "archive_command": hand}
    with made:
        yield made


def script(server: PostgresServer, *arguments: object) -> None:
    """Call scripts/point-in-time as an operator would."""
    place = {
        "POINT_IN_TIME_DIR": server.directory / "archive",
        "BACKUP_PASSPHRASE_FILE": server.directory / "passphrase",
    }
    environment = {**os.environ, **{name: str(path) for name, path in place.items()}}
    subprocess.run([ROOT / "scripts" / "point-in-time", *map(str, arguments)], env=environment, check=True)


def asked(server: PostgresServer, statement: str) -> object:
    with psycopg.connect(host=str(server.directory), user="postgres", dbname="postgres", autocommit=True) as connection:
        row = (
            connection.execute(statement).fetchone()
            if statement.startswith("SELECT")
            else connection.execute(statement)
        )
    return row[0] if isinstance(row, tuple) else None


def archive_all(server: PostgresServer) -> None:
    """End the present piece of the log and seal every piece the server has handed out."""
    piece = asked(server, "SELECT pg_walfile_name(pg_switch_wal())")
    end = time.monotonic() + 30
    while asked(server, "SELECT last_archived_wal FROM pg_stat_archiver") != piece:
        assert time.monotonic() < end, (server.directory / "log").read_text()
        time.sleep(0.05)
    for handed in sorted((server.directory / "handed").iterdir()):
        if not handed.name.endswith(".backup"):
            script(server, "archive", handed)


@pytest.mark.slow
@pytest.mark.skipif(DATABASE != "postgresql", reason="PostgreSQL alone keeps such a log")
def test_a_server_comes_back_as_it_was_between_two_commits(server, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", f"{find_programs()}:{os.environ['PATH']}")
    archive, restored = server.directory / "archive", server.directory / "restored"
    asked(server, "CREATE TABLE told (word text)")
    script(server, "base", f"postgresql://postgres@/postgres?host={server.directory}")
    time.sleep(1.1)  # a base is named by the second
    asked(server, "INSERT INTO told VALUES ('刘胡兰在第一次提交里')")
    between = datetime.now(UTC)
    asked(server, "INSERT INTO told VALUES ('第二次提交')")
    archive_all(server)
    assert not any("刘胡兰".encode() in path.read_bytes() for path in archive.iterdir())
    with pytest.raises(WrongPassphrase):
        point_in_time.restore(archive, "another passphrase", between, tmp_path / "nothing")
    script(server, "restore", between.isoformat(), restored)
    if server.user:
        for path in (restored, restored.with_name("restored.log")):
            for found in (path, *path.rglob("*")):
                shutil.chown(found, server.user)
    with PostgresServer(data=restored) as back:
        end = time.monotonic() + 30
        while asked(back, "SELECT pg_is_in_recovery()"):
            assert time.monotonic() < end
            time.sleep(0.05)
        assert asked(back, "SELECT string_agg(word, ',') FROM told") == "刘胡兰在第一次提交里"
        asked(back, "INSERT INTO told VALUES ('and goes on')")


@pytest.fixture
def piece(tmp_path) -> tuple[Path, Path]:
    """A piece of a log and an empty archive."""
    (tmp_path / "archive").mkdir()
    log = tmp_path / "000000010000000000000007"
    log.write_bytes(bytes(range(256)) * 64)
    return log, tmp_path / "archive"


@pytest.mark.embedded
def test_a_piece_is_sealed_once_and_never_replaced_by_another(piece):
    log, archive = piece
    for _ in range(2):
        point_in_time.archive(log, archive, PASSPHRASE)
    (sealed,) = archive.iterdir()
    assert point_in_time.opened(sealed, PASSPHRASE) == log.read_bytes()
    assert sealed.stat().st_mode & 0o077 == 0
    log.write_bytes(b"of another server")
    with pytest.raises(Refused, match="另一个数据库"):
        point_in_time.archive(log, archive, PASSPHRASE)


@pytest.mark.embedded
def test_a_changed_piece_is_named_and_a_wrong_passphrase_said(piece):
    log, archive = piece
    point_in_time.archive(log, archive, PASSPHRASE)
    (sealed,) = archive.iterdir()
    with pytest.raises(WrongPassphrase, match="口令不对"):
        point_in_time.opened(sealed, "another passphrase")
    raw = bytearray(sealed.read_bytes())
    raw[-100] ^= 1
    sealed.write_bytes(raw)
    with pytest.raises(Damaged, match="000000010000000000000007"):
        point_in_time.opened(sealed, PASSPHRASE)


@pytest.mark.embedded
def test_a_moment_before_every_base_and_a_folder_with_something_in_it_are_refused(piece, tmp_path):
    log, archive = piece
    with pytest.raises(Refused, match="没有这个时刻"):
        point_in_time.restore(archive, PASSPHRASE, datetime.now(UTC), tmp_path / "new")
    with pytest.raises(Refused, match="不是空的"):
        point_in_time.restore(archive, PASSPHRASE, datetime.now(UTC), log.parent)
