"""One transaction per change: begun as a writer, committed whole or not at all."""

import contextlib
import time
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Engine, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, OperationalError, PendingRollbackError
from sqlalchemy.orm import Session

from app.kernel.db import log
from app.kernel.db.engine import writer_line
from app.kernel.errors import Unavailable, Uncertain
from app.kernel.metrics import BUSY as GIVEN_UP
from app.kernel.metrics import WRITE_WAIT

BUSY = (
    "database is locked",
    "database or disk is full",
    "disk I/O error",
    "readonly database",
    "unable to open database",
    "deadlock detected",
    "lock timeout",
    "No space left on device",
)
STATES = ("08", "25006", "40001", "53", "57P", "58")
"""SQLSTATEs, or their beginnings: connection lost, a mere standby, overtaken, out of means, shutting down, its disk."""


def is_busy(error: DBAPIError) -> bool:
    """Whether the database cannot do it now: locked, full, a mere standby, or not there. A mistake of ours is not that."""
    gone = error.connection_invalidated or (error.statement is None and isinstance(error, OperationalError))
    state = getattr(error.orig, "sqlstate", None) or ""
    return gone or state.startswith(STATES) or any(word in str(error.orig) for word in BUSY)


@contextlib.contextmanager
def writing(session: Session) -> Iterator[Session]:
    """Run the block as one writing transaction on ``session`` and commit it.

    What was read before is forgotten first, so that the block decides on fresh rows.
    Raises Unavailable when the database is locked, full or away; any exception rolls everything back. Raises Uncertain
    when the connection broke while it was being committed: then nobody knows.
    """
    if session.info.get("writing"):
        raise RuntimeError("a writing transaction is already open")
    let_go(session)
    session.expire_all()  # a rollback forgets only what its own transaction read
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    came = time.perf_counter()
    with writer_line(engine):
        WRITE_WAIT.observe(time.perf_counter() - came)
        session.info["writing"] = True
        try:
            session.connection(execution_options={"writing": True})
            yield session
            _commit(session)
        except DBAPIError as error:
            session.rollback()
            if is_busy(error):
                GIVEN_UP.inc()
                raise Unavailable from error
            raise
        except PendingRollbackError as error:  # the connection broke inside a savepoint
            session.rollback()
            raise Unavailable from error
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info["writing"] = False
    log.carry_over(engine)


def let_go(session: Session) -> None:
    """End what ``session`` only read. A connection that broke meanwhile is thrown away: nothing is lost with it."""
    try:
        session.rollback()
    except DBAPIError:
        session.invalidate()


def _commit(session: Session) -> None:
    session.flush()  # what breaks here has not been committed
    try:
        session.commit()
    except DBAPIError as error:
        if error.connection_invalidated:
            raise Uncertain from error
        raise


def upsert(session: Session, table: Table) -> Any:
    """An INSERT for ``table`` that knows ``on_conflict_do_update`` on the database in use."""
    name = session.get_bind().dialect.name
    return postgresql.insert(table) if name == "postgresql" else sqlite.insert(table)
