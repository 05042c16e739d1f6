"""The first tables: from nothing, and back to nothing although they hold rows."""

import sqlalchemy as sa
from sqlalchemy import Connection

SEALS = sa.table(
    "audit_seals", *map(sa.column, ("at", "first_id", "last_id", "entries", "previous_mac", "key_id", "mac"))
)


def before(connection: Connection) -> None:
    """There is nothing before the first revision."""


def after(connection: Connection) -> None:
    """The tables are there and take rows."""
    assert {"organisations", "people", "join_requests"} <= set(sa.inspect(connection).get_table_names())
    row = {"first_id": 1, "last_id": 9, "entries": 9, "previous_mac": "", "key_id": "k1", "mac": "m"}
    connection.execute(sa.insert(SEALS).values(at=sa.func.current_timestamp(), **row))


def back(connection: Connection) -> None:
    """Nothing is left but Alembic's own table."""
    assert set(sa.inspect(connection).get_table_names()) <= {"alembic_version"}
