"""The guard of the audit: what was written before it is kept by it, and still there when it is gone."""

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from tests.migrations.rows import add_row

GUARDED = [sa.table(name, sa.column("mac")) for name in ("audit_entries", "audit_seals")]


def before(connection: Connection) -> None:
    """One entry and one seal, written while there was no guard."""
    for table in GUARDED:
        add_row(connection, table.name, mac="true")


def after(connection: Connection) -> None:
    """They can be neither changed nor removed."""
    for table in GUARDED:
        for attempt in (sa.update(table).values(mac="forged"), sa.delete(table)):
            with pytest.raises(DBAPIError, match="append-only"), connection.begin_nested():
                connection.execute(attempt)
        assert connection.scalars(sa.select(table.c.mac)).all() == ["true"]


def back(connection: Connection) -> None:
    """They are still there, and nothing guards them."""
    for table in GUARDED:
        assert connection.scalars(sa.select(table.c.mac)).all() == ["true"]
        connection.execute(sa.update(table).values(mac="true"))
