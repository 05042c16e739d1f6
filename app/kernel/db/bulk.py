"""Many rows at once, in the caller's transaction: COPY on PostgreSQL, one prepared statement on the embedded database."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Column, Connection, Insert, Select, Table, column, func, insert, literal_column, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.schema import CallableColumnDefault, ScalarElementColumnDefault

FEW = 20
"""Fewer rows than this are not worth the preparations of a COPY."""
Rows = Sequence[Mapping[str, Any]]


def put_many(session: Session, table: Table, rows: Rows) -> None:
    """Insert ``rows``, which all name the same columns; defaults of the others are filled in.

    What the session has not yet written is written first.
    """
    if not rows:
        return
    session.flush()
    connection = session.connection()
    if _copies(connection, rows):
        _copy(connection, table, rows)
    else:
        connection.execute(_insert(table), list(rows))


def put_numbered(session: Session, table: Table, rows: Rows) -> list[int]:
    """Insert ``rows`` as `put_many` does. Returns their new numbers, in order."""
    if not rows:
        return []
    session.flush()
    connection = session.connection()
    (key,) = table.primary_key.columns
    if len(rows) < FEW:
        returning = insert(table).returning(key, sort_by_parameter_order=True)
        return list(connection.scalars(returning, list(rows)))
    ids = _reserve(connection, table, key.name, len(rows))
    put_many(session, table, [{**row, key.name: number} for row, number in zip(rows, ids, strict=True)])
    return ids


def copy_rows(connection: Connection, table: Table, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY ``rows``, whose values are as the driver takes them, into the columns ``names`` of a PostgreSQL table.

    Raises what an INSERT of them would raise: IntegrityError and the other errors of SQLAlchemy.
    """
    quote = connection.dialect.identifier_preparer.quote
    statement = f"COPY {quote(table.name)} ({', '.join(map(quote, names))}) FROM STDIN"
    driver, problems = connection.connection.driver_connection, connection.dialect.loaded_dbapi.Error
    assert driver is not None
    try:
        with driver.cursor().copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except problems as error:
        lost = connection.dialect.is_disconnect(error, driver, None)
        told = DBAPIError.instance(statement, None, error, problems, connection_invalidated=lost)
        raise told from error


@cache
def _greatest(table: Table) -> Select[int]:
    (key,) = table.primary_key.columns
    if not table.dialect_kwargs.get("sqlite_autoincrement"):
        return select(func.max(key))
    given: Select[Any] = (
        select(literal_column("seq")).select_from(text("sqlite_sequence")).where(column("name") == table.name)
    )
    return select(func.max(func.coalesce(func.max(key), 0), func.coalesce(given.scalar_subquery(), 0)))


@cache
def _insert(table: Table) -> Insert:
    return insert(table)


def _copies(connection: Connection, rows: Rows) -> bool:
    return connection.dialect.name == "postgresql" and len(rows) >= FEW


def _reserve(connection: Connection, table: Table, key: str, number: int) -> list[int]:
    """Numbers that no row has, and none had where the table gives none twice."""
    if connection.dialect.name == "sqlite":  # its one writer: between this and the insert nobody else adds rows
        last = connection.scalar(_greatest(table)) or 0
        return list(range(last + 1, last + 1 + number))
    asked = text("SELECT nextval(pg_get_serial_sequence(:t, :k)) FROM generate_series(1, :n)")
    return list(connection.scalars(asked, {"t": f'"{table.name}"', "k": key, "n": number}))


def _copy(connection: Connection, table: Table, rows: Rows) -> None:
    named = [column for column in table.columns if column.name in rows[0]]
    filled = [column for column in table.columns if column.name not in rows[0] and column.default is not None]
    given = [(column.name, _bound(connection, column)) for column in named]
    more = [_filler(connection, column) for column in filled]
    copy_rows(
        connection,
        table,
        [column.name for column in (*named, *filled)],
        ([*(bind(row[name]) for name, bind in given), *(fill() for fill in more)] for row in rows),
    )


def _bound(connection: Connection, column: Column[Any]) -> Callable[[Any], Any]:
    """What the driver is to get for a value of ``column``."""
    process = column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    return process or (lambda value: value)


def _filler(connection: Connection, column: Column[Any]) -> Callable[[], Any]:
    """Makes the value of a column that the rows do not name."""
    bind, default = _bound(connection, column), column.default
    if isinstance(default, CallableColumnDefault):
        made: Callable[[Any], Any] = default.arg
        return lambda: bind(made(None))
    assert isinstance(default, ScalarElementColumnDefault), column
    fixed = bind(default.arg)
    return lambda: fixed
