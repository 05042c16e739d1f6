"""The first tables: from nothing, and back to nothing although they hold rows."""

import sqlalchemy as sa
from sqlalchemy import Connection

from tests.migrations.rows import add_row


def before(connection: Connection) -> None:
    """There is nothing before the first revision."""


def after(connection: Connection) -> None:
    """The tables are there and take rows."""
    assert {"organisations", "people", "join_requests"} <= set(sa.inspect(connection).get_table_names())
    add_row(connection, "audit_seals")
    add_row(connection, "audit_entries")


def back(connection: Connection) -> None:
    """Nothing is left but Alembic's own table."""
    assert set(sa.inspect(connection).get_table_names()) <= {"alembic_version"}
