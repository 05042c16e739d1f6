"""What a backup holds: a tar of the database's copy, the uploads and the anchors, with a list of hashes in front."""

import hashlib
import io
import json
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, Any, cast

from sqlalchemy import URL

from app.kernel.backup.box import Damaged, Reader, Writer
from app.kernel.backup.server import dump, load, rehearse
from app.kernel.errors import NotFound, Refused
from app.kernel.files.stores import store_of
from app.kernel.vault import Vault, VaultError
from app.kernel.verification import file_hash
from app.kernel.work import Work

MANIFEST = "manifest.json"
DATABASE = "database"
ANCHORS = "seals.log"
FILES = "files"


def make(work: Work, target: Path, passphrase: str) -> dict[str, Any]:
    """Write a backup to ``target`` and open it again to be sure. Returns the facts in its header.

    The system may go on working: the database's copy is of one instant. Raises Refused, Damaged.
    """
    if target.exists():
        raise Refused(f"{target.name} 已经存在，请换一个文件名")
    url = work.session.get_bind().engine.url
    facts = {"at": work.now.isoformat(), "database": url.get_backend_name(), "keys": fingerprints(work.vault)}
    work.session.rollback()
    half = target.with_name(target.name + ".half")
    with tempfile.TemporaryDirectory(dir=work.settings.instance_dir, prefix="backup-") as folder:
        copy = Path(folder) / DATABASE
        if work.settings.seals_log.exists():  # before the database: it must not know more than that
            shutil.copyfile(work.settings.seals_log, copy.with_name(ANCHORS))
        (copy_sqlite if facts["database"] == "sqlite" else dump)(url, copy)
        try:
            with half.open("xb") as file, Writer(cast(Any, file), passphrase, facts) as box:
                half.chmod(0o600)
                _pack(work, copy, box)
            facts["rehearsed"] = check(half, passphrase, target.parent, url)["rehearsed"]
        except BaseException:
            half.unlink(missing_ok=True)
            raise
    half.replace(target)
    return facts


def check(source: Path, passphrase: str, scratch: Path | None = None, url: URL | None = None) -> dict[str, Any]:
    """Open a backup whole, compare every hash, and restore it into a scratch place. Returns its facts. Raises Damaged.

    ``scratch``: a folder with room for all of it; None is the system's. ``url``: the server on which one of
    PostgreSQL is restored into a database of its own. "rehearsed" in the facts tells whether that was possible.
    """
    with tempfile.TemporaryDirectory(dir=scratch, prefix="backup-check-") as name:
        folder = Path(name)
        facts = unpack(source, passphrase, folder)
        embedded = facts["database"] == "sqlite"
        return facts | {"rehearsed": embedded or (url is not None and rehearse(url, folder / DATABASE))}


def unpack(source: Path, passphrase: str, folder: Path) -> dict[str, Any]:
    """Everything in the backup into ``folder``, checked. Raises Damaged, WrongPassphrase."""
    try:
        with source.open("rb") as file, Reader(file, passphrase) as box:
            with tarfile.open(fileobj=cast(IO[bytes], box), mode="r|") as archive:
                archive.extractall(folder, filter="data")
            while box.read(1024 * 1024):  # what lies behind the archive's end is checked too
                pass
            facts = box.facts
    except (tarfile.TarError, EOFError):
        raise Damaged("备份文件已经损坏") from None
    listed = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    for name, wanted in listed.items():
        if not (folder / name).is_file() or file_hash(folder / name) != wanted:
            raise Damaged(f"备份里的 {name} 与清单不符")
    if facts["database"] == "sqlite":
        with closing(sqlite3.connect(folder / DATABASE)) as connection:
            if connection.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise Damaged("备份里的数据库文件不完整")
    return facts


def restore(work: Work, source: Path, passphrase: str, *, replace: bool) -> dict[str, Any]:
    """Put a backup in place of what is here. Web and worker must be stopped. Raises Refused, Damaged.

    ``replace``: what is here is moved aside (SQLite) or overwritten; without it only an empty place is filled.
    """
    url = work.session.get_bind().engine.url
    work.session.rollback()
    instance = work.settings.instance_dir
    with tempfile.TemporaryDirectory(dir=instance, prefix="restore-") as name:
        folder = Path(name)
        facts = unpack(source, passphrase, folder)
        _fits(facts, url, work.vault)
        work.session.get_bind().engine.dispose()
        if facts["database"] == "sqlite":
            _place_sqlite(folder / DATABASE, Path(url.database or ""), replace=replace)
        else:
            load(url, folder / DATABASE, replace=replace)
        for part in (ANCHORS,) if work.settings.s3_endpoint else (ANCHORS, FILES):
            _set_aside(instance / part)
            if (folder / part).exists():
                shutil.move(folder / part, instance / part)
        if work.settings.s3_endpoint:
            for path in (folder / FILES).glob("??/*"):
                store_of(work.settings).put(path.relative_to(folder / FILES).as_posix(), path.read_bytes())
    return facts


def fingerprints(vault: Vault) -> dict[str, str]:
    """Key id → a mark of the key itself: two installations both call their first key k1."""
    return {key_id: vault.sign("fingerprint", b"", key_id).hex()[:16] for key_id in vault.key_ids}


def copy_sqlite(url: URL, target: Path) -> None:
    """One instant of the embedded database, while others go on writing."""
    with closing(sqlite3.connect(url.database or "")) as here, closing(sqlite3.connect(target)) as there:
        here.execute("PRAGMA busy_timeout=30000")
        here.backup(there)
        there.execute("PRAGMA journal_mode=DELETE")


def _pack(work: Work, copy: Path, box: Writer) -> None:
    parts = {DATABASE: copy}
    if (anchors := copy.with_name(ANCHORS)).exists():
        parts[ANCHORS] = anchors
    with tarfile.open(fileobj=cast(IO[bytes], box), mode="w|") as archive:
        listed = {}
        for name, path in parts.items():
            archive.add(path, arcname=name, recursive=False)
            listed[name] = file_hash(path)
        for name, content in _uploads(work, archive):
            listed[name] = hashlib.sha256(content).hexdigest()
        manifest = copy.with_name(MANIFEST)
        manifest.write_text(json.dumps(listed), encoding="utf-8")
        archive.add(manifest, arcname=MANIFEST)


def _uploads(work: Work, archive: tarfile.TarFile) -> Iterator[tuple[str, bytes]]:
    """Each upload added to ``archive``: its name there and its content. One that is removed meanwhile is left out."""
    there = store_of(work.settings)
    for key, put in there.keys():  # noqa: SIM118  a store is no dictionary
        try:
            with there.open(key) as file:
                content = file.read()
        except NotFound:
            continue
        entry = tarfile.TarInfo(f"{FILES}/{key}")
        entry.size, entry.mtime, entry.mode = len(content), put, 0o600
        archive.addfile(entry, io.BytesIO(content))
        yield entry.name, content


def _fits(facts: dict[str, Any], url: URL, vault: Vault) -> None:
    if facts["database"] != url.get_backend_name():
        raise Refused("备份来自另一种数据库，不能恢复到这里")
    for key_id, mark in facts["keys"].items():
        try:
            here = vault.sign("fingerprint", b"", key_id).hex()[:16]
        except VaultError:
            here = ""
        if here != mark:
            raise Refused(f"这份备份要用密钥 {key_id}，本机的密钥文件里没有它。请先放回当时的 keys.json")


def _place_sqlite(copy: Path, target: Path, *, replace: bool) -> None:
    if target.exists() and not replace and _has_rows(target):
        raise Refused("这里已经有数据。确定要替换，请加 --replace；原来的数据库会改名保留")
    if target.exists():
        _close(target)
    _set_aside(target)
    shutil.move(copy, target)
    target.chmod(0o600)


def _close(database: Path) -> None:
    """Bring what lies in the write-ahead log home. Raises Refused when somebody else has the file open."""
    with closing(sqlite3.connect(database, timeout=2)) as connection:
        try:
            mode = connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
        except sqlite3.OperationalError:
            mode = "wal"
    if mode != "delete":
        raise Refused("数据库正在使用，请先停止网站和后台进程")


def _has_rows(database: Path) -> bool:
    with closing(sqlite3.connect(database)) as connection:
        try:
            return bool(connection.execute("SELECT 1 FROM organisations LIMIT 1").fetchone())
        except sqlite3.OperationalError:
            return False


def _set_aside(path: Path) -> None:
    """What was here before a restore stays beside it under another name; what was set aside earlier goes."""
    if not path.exists():
        return
    aside = path.with_name(path.name + ".before-restore")
    shutil.rmtree(aside) if aside.is_dir() else aside.unlink(missing_ok=True)
    path.rename(aside)
