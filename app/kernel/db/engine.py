"""How a connection behaves, said once.

SQLite: WAL, synchronous FULL (an acknowledged decision survives a power cut), foreign keys on, deleted bytes
overwritten, and transactions that are begun explicitly, so that a writer takes its lock at the start
(BEGIN IMMEDIATE) instead of failing in the middle.
"""

import contextlib
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

from app.kernel.db import log
from app.kernel.db.line import WriterLine

PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=5000",
    "PRAGMA secure_delete=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-8192",
    "PRAGMA mmap_size=2147418112",
    *log.PRAGMAS,
)
PATIENCE = ("SET lock_timeout = '5s'", "SET idle_in_transaction_session_timeout = '60s'")
"""On PostgreSQL nobody waits longer for a row than a writer of the embedded database waits for its turn."""


def configure(engine: Engine, *, pooled: bool = False) -> None:
    """Teach ``engine`` the rules above. Call once, before its first connection.

    ``pooled``: a pooler stands between, which keeps the rules of its own connections itself (README, operation).
    """
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_sqlite_connect)
        event.listen(engine, "begin", _on_sqlite_begin)
    if engine.dialect.name == "postgresql" and not pooled:
        event.listen(engine, "connect", _on_postgresql_connect)


def options(address: str, *, pooled: bool = False) -> dict[str, Any]:
    """What an engine for ``address`` is made with.

    On a server a connection is tried before it is lent out, for the server may have changed since. Behind a pooler
    the next transaction may run on another connection, where no statement was prepared.
    """
    if not address.startswith("postgresql"):
        return {}
    return {"pool_pre_ping": True, **({"connect_args": {"prepare_threshold": None}} if pooled else {})}


def _on_postgresql_connect(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        for setting in PATIENCE:
            cursor.execute(setting)
    connection.commit()


def _on_sqlite_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _on_sqlite_begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def writer_line(engine: Engine) -> contextlib.AbstractContextManager[None]:
    """The turn to write for ``engine``'s database; nothing to wait for on a server that locks rows."""
    database = engine.url.database
    if engine.dialect.name != "sqlite" or not database or database == ":memory:":
        return contextlib.nullcontext()
    return WriterLine(Path(database + "-writer")).turn()
