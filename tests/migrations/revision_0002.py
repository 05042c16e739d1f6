"""The guard of the audit: what was written before it is kept by it, and still there when it is gone."""

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from tests.migrations import revision_0001
from tests.migrations.revision_0001 import SEALS


def before(connection: Connection) -> None:
    """One seal, written while there was no guard."""
    revision_0001.after(connection)


def after(connection: Connection) -> None:
    """It can be neither changed nor removed."""
    for attempt in (sa.update(SEALS).values(mac="forged"), sa.delete(SEALS)):
        with pytest.raises(DBAPIError, match="append-only"), connection.begin_nested():
            connection.execute(attempt)
    assert connection.scalars(sa.select(SEALS.c.mac)).all() == ["m"]


def back(connection: Connection) -> None:
    """It is still there, and nothing guards it."""
    assert connection.scalars(sa.select(SEALS.c.mac)).all() == ["m"]
    connection.execute(sa.update(SEALS).values(mac="m"))
