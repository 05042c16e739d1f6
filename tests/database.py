"""One database per test process, brought back to a known content before every test that uses it.

Code under test commits for real, and the audit refuses DELETE, so nothing is rolled back or deleted afterwards:
contents are kept as snapshots and put back whole. On SQLite a snapshot is a copy of the file; on PostgreSQL it is
the binary COPY of every table that has rows, put back with triggers asleep.
"""

import shutil
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

# Alembic's own note of which revision the schema has; it is never emptied.
KEPT = "alembic_version"


class Database(ABC):
    """The database of one test process.

    Attributes:
        url: SQLAlchemy's address.
    """

    url: URL

    @abstractmethod
    def save(self, name: str) -> None:
        """Remember the present content as `name`."""

    @abstractmethod
    def restore(self, name: str) -> None:
        """Put back the content remembered as `name`. Every connection of the app must be closed."""

    @abstractmethod
    def keeps(self, name: str) -> bool:
        """Whether there is a content remembered as `name`."""

    @abstractmethod
    def drop(self) -> None:
        """Remove the database."""


class SqliteDatabase(Database):
    """The embedded database, a file in `directory`."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.file = directory / "tuanwutong.sqlite3"
        self.url = make_url(f"sqlite:///{self.file}")

    def save(self, name: str) -> None:
        """Copy the file, with what still lies in its write-ahead log."""
        self._snapshot(name).unlink(missing_ok=True)
        with self._connection(self.file) as source, self._connection(self._snapshot(name)) as target:
            source.backup(target)

    def restore(self, name: str) -> None:
        """Replace the file. Unlinked first, so that a forgotten connection cannot damage the new one."""
        for suffix in ("", "-wal", "-shm"):
            self.file.with_name(self.file.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(self._snapshot(name), self.file)

    def keeps(self, name: str) -> bool:
        """Whether the copy is there."""
        return self._snapshot(name).exists()

    def drop(self) -> None:
        """Nothing to do: the directory goes with the run."""

    def _snapshot(self, name: str) -> Path:
        return self.directory / f"{name}.snapshot"

    @staticmethod
    @contextmanager
    def _connection(file: Path) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(file)
        try:
            yield connection
        finally:
            connection.close()


class PostgresDatabase(Database):
    """A database of its own on the server at `server`, whose user must be a superuser."""

    def __init__(self, server: URL, name: str) -> None:
        self.server = server
        self.url = server.set(database=name)
        self._saved: dict[str, _Content] = {}
        with _connect(server) as connection:
            connection.execute(_statement("DROP DATABASE IF EXISTS {} WITH (FORCE)", name))
            connection.execute(_statement("CREATE DATABASE {}", name))
        self._connection = _connect(self.url)

    def save(self, name: str) -> None:
        """Copy the rows of every table that has some, and where every sequence stands."""
        rows = {}
        for table in self._filled_tables():
            with self._connection.cursor().copy(_statement("COPY {} TO STDOUT (FORMAT binary)", table)) as copy:
                rows[table] = b"".join(bytes(part) for part in copy)
        self._saved[name] = _Content(rows, dict(self._used_sequences()))

    def restore(self, name: str) -> None:
        """Empty what is filled and copy the rows back, without waking a trigger or a foreign key."""
        content = self._saved[name]
        with self._connection.transaction():
            # A connection that a test forgot to close would make this wait for ever.
            self._connection.execute("SET LOCAL lock_timeout = '10s'")
            self._connection.execute("SET LOCAL session_replication_role = replica")
            for table in self._filled_tables():
                self._connection.execute(_statement("DELETE FROM {}", table))
            for table, rows in content.rows.items():
                with self._connection.cursor().copy(_statement("COPY {} FROM STDIN (FORMAT binary)", table)) as copy:
                    copy.write(rows)
            self._set_sequences(content.sequences)

    def keeps(self, name: str) -> bool:
        """Whether the rows are held."""
        return name in self._saved

    def drop(self) -> None:
        """Drop the database, whoever is still connected."""
        self._connection.close()
        with _connect(self.server) as connection:
            connection.execute(_statement("DROP DATABASE IF EXISTS {} WITH (FORCE)", str(self.url.database)))

    def _filled_tables(self) -> list[str]:
        names = self._connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        probes = [
            sql.SQL("SELECT {} WHERE EXISTS (SELECT 1 FROM {})").format(sql.Literal(name), sql.Identifier(name))
            for (name,) in names
            if name != KEPT
        ]
        if not probes:
            return []
        return [name for (name,) in self._connection.execute(sql.SQL(" UNION ALL ").join(probes)).fetchall()]

    def _used_sequences(self) -> list[tuple[str, int]]:
        return self._connection.execute(
            "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
        ).fetchall()

    def _set_sequences(self, saved: dict[str, int]) -> None:
        """Set each sequence back to where it stood; one that had not been used begins at 1 again."""
        for name in {name for name, _ in self._used_sequences()} | saved.keys():
            self._connection.execute(
                "SELECT setval(format('%%I', %s::text)::regclass, %s, %s)",
                (name, saved.get(name, 1), name in saved),
            )


class _Content:
    def __init__(self, rows: dict[str, bytes], sequences: dict[str, int]) -> None:
        self.rows = rows
        self.sequences = sequences


def _connect(url: URL) -> "psycopg.Connection[Any]":
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True)


def _statement(template: str, name: str) -> sql.Composed:
    return sql.SQL(template).format(sql.Identifier(name))
