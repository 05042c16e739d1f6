"""Back to any moment on PostgreSQL: a base backup now and then, every piece of its log as it fills, all encrypted.

Run through scripts/point-in-time by whoever runs the server of the database; it needs neither the application's keys
nor its settings, only POINT_IN_TIME_DIR and BACKUP_PASSPHRASE_FILE.
"""

import argparse
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, cast

from app.kernel.backup.box import Damaged, Reader, Writer
from app.kernel.backup.server import find
from app.kernel.errors import Problem, Refused

SEALED = ".sealed"
BASE = re.compile(r"base-([0-9A-F]{24})-(\d{8}T\d{6}Z)\.backup")
MADE = "%Y%m%dT%H%M%SZ"
BEGINS = re.compile(rb"START WAL LOCATION: \S+ \(file ([0-9A-F]{24})\)")
KEPT_BASES = 2
CHUNK = 1024 * 1024


def archive(piece: Path, folder: Path, passphrase: str) -> None:
    """PostgreSQL's archive_command: seal one piece of the log into ``folder``. Called again, it does no harm.

    Raises Refused when another piece of that name is there already.
    """
    target = folder / (piece.name + SEALED)
    content = piece.read_bytes()
    if target.exists():
        if opened(target, passphrase) != content:
            raise Refused(f"{target.name} 已经存在，内容不同：这个文件夹属于另一个数据库")
        return
    half = target.with_suffix(".half")
    with half.open("wb") as file:
        half.chmod(0o600)
        with Writer(cast(Any, file), passphrase, {"log": piece.name}) as box:
            box.write(content)
        _to_disk(file)
    half.replace(target)
    _to_disk_folder(folder)


def base(folder: Path, passphrase: str, address: str) -> Path:
    """A base backup of the running server at ``address``, opened again to be sure; older ones and their log go."""
    half = folder / "base.half"
    command = [find("pg_basebackup"), "--pgdata=-", "--format=tar", "--wal-method=fetch", "--checkpoint=fast"]
    running = subprocess.Popen([*command, f"--dbname={address}"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # noqa: S603
    assert running.stdout is not None
    with half.open("wb") as file:
        half.chmod(0o600)
        with Writer(cast(Any, file), passphrase, {"base": True}) as box:
            shutil.copyfileobj(running.stdout, cast(Any, box), CHUNK)
        _to_disk(file)
    said = running.communicate()[1].decode()
    if running.returncode:
        half.unlink()
        raise Refused(f"pg_basebackup 没有成功：{said.strip()[:300]}")
    target = folder / f"base-{_first_piece(half, passphrase)}-{datetime.now(UTC).strftime(MADE)}.backup"
    half.replace(target)
    _to_disk_folder(folder)
    _thin(folder)
    return target


def restore(folder: Path, passphrase: str, moment: datetime, data: Path) -> Path:
    """Lay out a data folder from which a server comes up as the database was at ``moment``. Returns the base used.

    ``moment`` is aware; ``data`` must be empty or absent. The opened log lies beside it, in ``data`` + ".log".
    Raises Refused when no base backup is that old, Damaged, WrongPassphrase.
    """
    if data.exists() and any(data.iterdir()):
        raise Refused(f"{data} 不是空的，没有改动")
    older = [(made, first, path) for made, first, path in bases(folder) if made <= moment]
    if not older:
        raise Refused("没有这个时刻以前的基础备份")
    _made, first, chosen = older[-1]
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    data.chmod(0o700)
    with chosen.open("rb") as file, Reader(file, passphrase) as box:
        with tarfile.open(fileobj=cast(IO[bytes], box), mode="r|") as tar:
            tar.extractall(data, filter="tar")
        while box.read(CHUNK):
            pass
    log = data.with_name(data.name + ".log")
    log.mkdir(mode=0o700)
    for sealed in sorted(folder.glob("*" + SEALED)):
        if sealed.name >= first or sealed.name.endswith(".history" + SEALED):
            (log / sealed.name.removesuffix(SEALED)).write_bytes(opened(sealed, passphrase))
    with (data / "postgresql.auto.conf").open("a", encoding="utf-8") as settings:
        settings.write(f'restore_command = \'cp "{log}/%f" "%p"\'\n')
        settings.write(f"recovery_target_time = '{moment.isoformat()}'\nrecovery_target_action = 'promote'\n")
        settings.write("archive_mode = off\n")
    (data / "recovery.signal").touch(mode=0o600)
    return chosen


def bases(folder: Path) -> list[tuple[datetime, str, Path]]:
    """When each base backup was finished, with which piece of the log it begins, and where it is; oldest first."""
    told = [(name, path) for path in folder.iterdir() if (name := BASE.fullmatch(path.name))]
    return sorted((datetime.strptime(name[2], MADE).replace(tzinfo=UTC), name[1], path) for name, path in told)


def opened(sealed: Path, passphrase: str) -> bytes:
    """What was sealed. Raises Damaged, WrongPassphrase."""
    with sealed.open("rb") as file, Reader(file, passphrase) as box:
        try:
            return io.BufferedReader(box).read()
        except Damaged:
            raise Damaged(f"{sealed.name} 已经损坏") from None


def _first_piece(half: Path, passphrase: str) -> str:
    """Read a base backup to its end; the piece of the log its own label names. Raises Damaged."""
    first = ""
    with half.open("rb") as file, Reader(file, passphrase) as box:
        with tarfile.open(fileobj=cast(IO[bytes], box), mode="r|") as tar:
            for member in tar:
                if member.name == "backup_label" and (label := tar.extractfile(member)):
                    told = BEGINS.search(label.read())
                    first = told[1].decode() if told else ""
        while box.read(CHUNK):
            pass
    if not first:
        raise Damaged("基础备份里没有 backup_label")
    return first


def _thin(folder: Path) -> None:
    """The newest bases stay, with the log from the older one's beginning."""
    known = bases(folder)
    for _made, _first, path in known[:-KEPT_BASES]:
        path.unlink()
    oldest = known[-KEPT_BASES:][0][1]
    for sealed in folder.glob("*" + SEALED):
        if sealed.name < oldest and not sealed.name.endswith(".history" + SEALED):
            sealed.unlink()


def _to_disk(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _to_disk_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/point-in-time", description=__doc__)
    ways = parser.add_subparsers(dest="way", required=True)
    ways.add_parser("archive", help="seal one piece of the log (archive_command)").add_argument("piece", type=Path)
    ways.add_parser("base", help="make a base backup").add_argument("address", help="postgresql://user@host/database")
    back = ways.add_parser("restore", help="lay out a data folder as of a moment")
    back.add_argument("moment", type=datetime.fromisoformat, help="2016-04-08T12:00:00+08:00")
    back.add_argument("data", type=Path)
    return parser.parse_args()


def _lines(asked: argparse.Namespace) -> Iterator[str]:
    folder = Path(os.environ.get("POINT_IN_TIME_DIR") or "/var/backups/tuanwutong-log")
    passphrase = Path(os.environ.get("BACKUP_PASSPHRASE_FILE") or "/etc/tuanwutong/backup-passphrase")
    words = passphrase.read_text(encoding="utf-8").strip()
    if asked.way == "archive":
        archive(asked.piece, folder, words)
    elif asked.way == "base":
        yield f"基础备份已写入 {base(folder, words, asked.address)}，并已打开核对。"
    else:
        moment = asked.moment if asked.moment.tzinfo else asked.moment.astimezone()
        used = restore(folder, words, moment, asked.data.absolute())
        yield f"已用 {used.name} 铺好 {asked.data}。用它启动 PostgreSQL，就回到 {moment.isoformat()}。"


def main() -> None:
    """The program."""
    try:
        for line in _lines(_arguments()):
            sys.stdout.write(line + "\n")
    except (Problem, OSError) as error:
        sys.exit(error.text if isinstance(error, Problem) else f"没有成功：{error}")


if __name__ == "__main__":
    main()
