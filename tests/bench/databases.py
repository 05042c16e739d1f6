"""Generated provinces, made once for each size and kept; a throw-away copy of one for each run."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

from app import create_app
from app.commands.init import prepare
from app.commands.unit import command_work
from app.config import Settings
from app.extensions import db
from app.generation import run
from tests.postgres import PostgresServer

SEED = 2016
NAME = "tuanwutong.sqlite3"
DURABLE = {
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "512MB",
    "effective_cache_size": "2GB",
    "random_page_cost": "1.1",
    "max_wal_size": "4GB",
}
"""An acknowledged change is on the disk, as on the embedded database; the memory it has besides the page cache."""


class Store:
    """The folder of the kept provinces, and the server of those on PostgreSQL.

    ``server``: SQLAlchemy's address of a superuser's database; None when PostgreSQL is not asked for.
    """

    def __init__(self, folder: Path, server: URL | None = None) -> None:
        self.folder, self.server = folder, server

    def province(self, people: int, database: str) -> Settings:
        """The province of ``people`` files on ``database``; made now when there is none, or not all of it."""
        place = self.folder / f"{database}-{people}"
        place.mkdir(parents=True, exist_ok=True)
        settings = self._settings(place, database, f"bench_{people}")
        complete = place / "complete"
        if not complete.exists():
            if database == "postgresql":
                self._make(f"bench_{people}")
            _generate(settings, people)
            complete.touch()
        return settings

    @contextmanager
    def copy(self, settings: Settings, name: str) -> Iterator[Settings]:
        """A copy that may be changed at will; it is gone at the end."""
        place = self.folder / "now" / name
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        shutil.copyfile(settings.key_file, place / "keys.json")
        (place / "keys.json").chmod(0o600)
        database = "postgresql" if settings.database_url else "sqlite"
        copied = self._settings(place, database, f"bench_now_{name}")
        if database == "sqlite":
            _copy_file(settings.instance_dir / NAME, place / NAME)
        else:
            self._drop(f"bench_now_{name}")
            self._make(f"bench_now_{name}", template=make_url(settings.database_url).database)
        try:
            yield copied
        finally:
            if database == "postgresql":
                self._drop(f"bench_now_{name}")
            shutil.rmtree(place, ignore_errors=True)

    def size(self, settings: Settings) -> int:
        """Bytes on disk: tables, indexes, everything."""
        if not settings.database_url:
            return sum(file.stat().st_size for file in settings.instance_dir.glob(f"{NAME}*"))
        with self._administrator() as connection:
            row = connection.execute(
                "SELECT pg_database_size(%s)", (make_url(settings.database_url).database,)
            ).fetchone()
        assert row is not None
        return int(row[0])

    def _settings(self, place: Path, database: str, name: str) -> Settings:
        url = ""
        if database == "postgresql":
            assert self.server is not None
            url = self.server.set(database=name).render_as_string(hide_password=False)
        return replace(Settings(), instance_dir=place, database_url=url, session_idle_minutes=600, log_level="WARNING")

    def _administrator(self) -> psycopg.Connection[tuple[object, ...]]:
        assert self.server is not None
        plain = self.server.set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(plain, autocommit=True)

    def _make(self, name: str, template: str | None = None) -> None:
        with self._administrator() as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
                return  # a run that was broken off; it goes on
            from_ = sql.SQL(" TEMPLATE {}").format(sql.Identifier(template)) if template else sql.SQL("")
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)) + from_)

    def _drop(self, name: str) -> None:
        with self._administrator() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _generate(settings: Settings, people: int) -> None:
    app = create_app(settings)
    with app.app_context():
        prepare()
        with command_work() as work:
            run.generate(work, people, SEED)
            work.session.commit()
            if work.session.get_bind().dialect.name == "postgresql":
                work.session.connection(execution_options={"isolation_level": "AUTOCOMMIT"}).exec_driver_sql("ANALYZE")
        db.engine.dispose()  # a database that somebody is connected to is not copied


def _copy_file(source: Path, target: Path) -> None:
    """Copy a database nobody writes to, with what still lies in its write-ahead log."""
    connection = sqlite3.connect(source)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    shutil.copyfile(source, target)


@contextmanager
def own_server(folder: Path) -> Iterator[tuple[URL, int]]:
    """A PostgreSQL server of the bench's own, whose databases stay in ``folder``: its address and its process."""
    server = PostgresServer(data=folder / "postgresql", settings=DURABLE)
    try:
        yield make_url(server.start().url), server.process
    finally:
        server.stop()
