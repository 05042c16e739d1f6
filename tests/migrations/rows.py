"""Rows for testers: what the test cares for is named, the rest is filled in."""

from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

ANY_VALUE: tuple[tuple[type[sa.types.TypeEngine[Any]], Any], ...] = (
    (sa.Boolean, False),
    (sa.DateTime, datetime(2026, 4, 22, 2, 0, tzinfo=UTC)),
    (sa.Date, date(2026, 4, 22)),
    (sa.Integer, 1),
    (sa.Numeric, 1),
    (sa.JSON, {}),
    (sa.LargeBinary, b""),
    (sa.String, "x"),
)


def add_row(connection: Connection, table: str, **values: Any) -> None:
    """Insert a row into `table` as the database has it now; columns that must be filled and are not named get any value.

    Args:
        connection: in a transaction.
        table: its name.
        values: the columns the test looks at, and those that refer to other rows.
    """
    columns = sa.inspect(connection).get_columns(table)
    needed = [
        column
        for column in columns
        if not column["nullable"] and column["default"] is None and column["name"] not in {"id", *values}
    ]
    filled = {column["name"]: _any_value(column["type"]) for column in needed}
    names = sa.table(table, *(sa.column(column["name"], column["type"]) for column in columns))
    connection.execute(sa.insert(names).values(**filled, **values))


def _any_value(kind: sa.types.TypeEngine[Any]) -> Any:
    return next(value for known, value in ANY_VALUE if isinstance(kind, known))
