"""Carrying the embedded database's write-ahead log over into it, beside the writers instead of in the turn of one.

SQLite by itself does it at the end of the commit that fills the log: in a large database, whose pages lie far apart, half
a second in which everybody who writes waits. Here the writer that fills it lets the others go on, carries over what
is there, and takes the turn again only for what has come meanwhile, so that the log can begin anew.
"""

import contextlib
import sqlite3
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from app.kernel.db.line import WriterLine

FULL = 4 * 1024 * 1024
"""Bytes of log that are worth carrying over; SQLite's own measure, a thousand pages."""
PRAGMAS = (
    "PRAGMA wal_autocheckpoint=16000",  # of its own accord only when nobody came to do it: 64 MB
    "PRAGMA journal_size_limit=0",  # a log that begins anew is cut off, so that its size tells what is in it
)
_PASSIVE = "PRAGMA wal_checkpoint(PASSIVE)"
_tried: dict[str, int] = {}
"""Database → the size of its log when it was last tried: a reader who stays long can keep it from beginning anew."""


def carry_over(engine: Engine) -> None:
    """Do it when the log of ``engine``'s database is full. Call outside of a turn. What fails is left to the next."""
    database = engine.url.database
    if engine.dialect.name != "sqlite" or not database or database == ":memory:":
        return
    size = _size(database)
    before = _tried.get(database, 0)
    if size < before:  # it began anew
        _tried[database] = before = 0
    if size - before < FULL:
        return
    _tried[database] = size
    with contextlib.suppress(DBAPIError, sqlite3.Error):
        _carry(engine)
        with WriterLine(Path(database + "-writer")).turn():
            _carry(engine)


def _size(database: str) -> int:
    try:
        return Path(database + "-wal").stat().st_size
    except OSError:
        return 0


def _carry(engine: Engine) -> None:
    connection = engine.raw_connection()
    try:
        connection.cursor().execute(_PASSIVE).fetchall()
    finally:
        connection.close()
