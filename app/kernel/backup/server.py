"""PostgreSQL's own programs: pg_dump and pg_restore. Its driver is loaded where it is asked, not with the application."""

import os
import secrets
import shutil
import subprocess
from pathlib import Path

from sqlalchemy import URL

from app.kernel.backup.box import Damaged
from app.kernel.errors import Refused


def dump(url: URL, target: Path) -> None:
    """One instant of the database, in PostgreSQL's custom format. Raises Refused with what the program said."""
    _run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


def load(url: URL, source: Path, *, replace: bool) -> None:
    """Fill the database at ``url``. ``replace``: what stands in it is dropped first, all in one transaction."""
    if _has_tables(url):
        if not replace:
            raise Refused("这里已经有数据。确定要替换，请加 --replace")
        _run_restore(url, source, "--clean", "--if-exists")
    else:
        _run_restore(url, source)


def rehearse(url: URL, source: Path) -> bool:
    """Restore a dump into a database made for it on the same server, with every index and reference, and drop it.

    Returns False when the user may not make databases: then the dump is read to its end, and no more is known.
    """
    name = f"{url.database}_check_{secrets.token_hex(4)}"
    import psycopg
    from psycopg import sql

    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        try:
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        except psycopg.errors.InsufficientPrivilege:
            _read_through(source)
            return False
        try:
            _run_restore(url.set(database=name), source, "--exit-on-error")
        finally:
            connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))
    return True


def _read_through(source: Path) -> None:
    command = [find("pg_restore"), "--file=/dev/null", str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise Damaged(f"pg_restore 读不完这份备份：{done.stderr.strip()[:300]}")


def _run_restore(url: URL, source: Path, *options: str) -> None:
    _run("pg_restore", url, "--single-transaction", "--no-owner", "--no-privileges", *options, str(source))


def _run(program: str, url: URL, *arguments: str) -> None:
    """The password goes through the environment, where no list of processes shows it."""
    plain = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    environment = {**os.environ, **({"PGPASSWORD": str(url.password)} if url.password else {})}
    command = [find(program), f"--dbname={plain}", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise Refused(f"{program} 没有成功：{done.stderr.strip()[:500]}")


def find(program: str) -> str:
    """The program's path. Raises Refused when it is not installed."""
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda p: int(p.parents[1].name))
    if found := shutil.which(program) or (str(installed[-1]) if installed else None):
        return found
    raise Refused(f"没有找到 {program}，请先安装 PostgreSQL 的客户端程序")


def _has_tables(url: URL) -> bool:
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    import psycopg

    with psycopg.connect(plain) as connection:
        row = connection.execute("SELECT to_regclass('organisations') IS NOT NULL").fetchone()
    return bool(row and row[0])
