"""Reading columns past the unit of work, for pages that many open.

`Session.execute` prepares for objects, loads and deferred columns at each call; a statement that asks for columns
alone needs none of that. Made once with `bindparam`, it is also compiled once.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session
from sqlalchemy.sql.base import Executable


def rows(session: Session, statement: Executable, /, **values: Any) -> Sequence[Any]:
    """The rows of ``statement``, which selects columns. What the session has not yet written is written first."""
    session.flush()
    return session.connection().execute(statement, values).all()
