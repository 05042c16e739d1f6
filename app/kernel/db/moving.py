"""An embedded database carried over to PostgreSQL: row by row, resumable, compared by digests at the end.

What was carried stands in a table of the target (``moving``), written in the same transaction as the rows, so that a
move that was killed goes on where it stopped. While rows come, the target has neither foreign keys nor indexes but
those of the primary keys: they are noted down (``moving_later``), and made again at the end, which checks every
reference. The name index is among them, being an index over a function of the row.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Engine,
    MetaData,
    Table,
    Text,
    cast,
    column,
    func,
    inspect,
    select,
    text,
)  # fmt: skip

from app.kernel.db.bulk import copy_rows
from app.kernel.errors import Refused

BESIDES = ("alembic_version", "sqlite_sequence", "sqlite_stat1", "sqlite_stat4", "people_names")
"""Tables of the embedded database that are not carried: the schema's own note and what an index is made of."""
NOTES = (
    "CREATE TABLE IF NOT EXISTS moving (name text PRIMARY KEY, last_row bigint NOT NULL, rows bigint NOT NULL)",
    "CREATE TABLE IF NOT EXISTS moving_later (number serial PRIMARY KEY, made boolean NOT NULL, sql text NOT NULL)",
)
FOREIGN_KEYS = (
    "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),"
    " format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))"
    " FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace ORDER BY conname"
)
INDEXES = (
    "SELECT format('DROP INDEX %I', c.relname), pg_get_indexdef(i.indexrelid) FROM pg_index i"
    " JOIN pg_class c ON c.oid = i.indexrelid"
    " WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'i'"
    " AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid) ORDER BY c.relname"
)


def occupied(target: Engine) -> bool:
    """Whether the target holds something that is not a move of ours broken off."""
    names = set(inspect(target).get_table_names())
    return bool(names) and "moving" not in names


def begin(target: Engine) -> None:
    """Note down and take away what hinders; nothing happens twice. The schema stands already."""
    with target.begin() as connection:
        for statement in NOTES:
            connection.execute(text(statement))
        if connection.scalar(text("SELECT count(*) FROM moving_later")):
            return
        for question in (INDEXES, FOREIGN_KEYS):  # made again in this order, taken away in the other
            for _drop, make in connection.execute(text(question)).all():
                note = text("INSERT INTO moving_later (made, sql) VALUES (false, :sql)")
                connection.execute(note, {"sql": make})
        for question in (FOREIGN_KEYS, INDEXES):
            for drop, _make in connection.execute(text(question)).all():
                connection.exec_driver_sql(drop)


def carry(source: Connection, target: Engine, table: Table, batch: int) -> Iterator[tuple[int, int]]:
    """Every row of ``table`` that is not yet in the target. After each batch: how many are there, of how many."""
    total = source.scalar(select(func.count()).select_from(table)) or 0
    with target.begin() as connection:
        at = connection.execute(text("SELECT last_row, rows FROM moving WHERE name = :n"), {"n": table.name}).first()
    last, done = at or (0, 0)
    while rows := _next(source, table, last, batch):
        with target.begin() as connection:
            _copy(connection, table, [row[1:] for row in rows])
            last, done = rows[-1][0], done + len(rows)
            connection.execute(
                text(
                    "INSERT INTO moving VALUES (:n, :last, :rows) ON CONFLICT (name)"
                    " DO UPDATE SET last_row = :last, rows = :rows"
                ),
                {"n": table.name, "last": last, "rows": done},
            )
        yield done, total


def complete(source: Connection, target: Engine, metadata: MetaData, tell: Callable[[str], None]) -> None:
    """Set the sequences, make indexes and references again (a second call makes what is missing)."""
    with target.begin() as connection:
        _set_sequences(source, connection, metadata)
        waiting = connection.execute(text("SELECT number, sql FROM moving_later WHERE NOT made ORDER BY number")).all()
    for number, statement in waiting:
        tell(statement)
        with target.begin() as connection:
            connection.exec_driver_sql(statement)
            connection.execute(text("UPDATE moving_later SET made = true WHERE number = :n"), {"n": number})
    with target.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("ANALYZE"))


def finish(target: Engine) -> None:
    """Forget the notes: the move is done."""
    with target.begin() as connection:
        connection.execute(text("DROP TABLE moving"))
        connection.execute(text("DROP TABLE moving_later"))


def digest(connection: Connection, table: Table) -> tuple[int, str]:
    """How many rows, and one hash over all of them that is the same on both databases, whatever their order."""
    count, total = 0, 0
    query = select(*map(_plain, table.columns)).execution_options(stream_results=True, yield_per=5000)
    for row in connection.execute(query):
        told = json.dumps([_canonical(v, c) for v, c in zip(row, table.columns, strict=True)], ensure_ascii=False)
        total += int.from_bytes(hashlib.sha256(told.encode()).digest(), "big")
        count += 1
    return count, f"{total % 2**256:064x}"


def unknown_tables(source: Connection, metadata: MetaData) -> list[str]:
    """Tables of the embedded database that nobody would carry."""
    names = inspect(source).get_table_names()
    return sorted(n for n in names if n not in metadata.tables and not n.startswith(BESIDES))


def _next(source: Connection, table: Table, last: int, batch: int) -> list[tuple[Any, ...]]:
    """About ``batch`` rows behind ``last``; each begins with where it stands in its table."""
    row: ColumnElement[int] = column("rowid", BigInteger, _selectable=table)
    if table.dialect_options["sqlite"]["with_rowid"]:
        query = select(row, *map(_plain, table.columns)).where(row > last).order_by(row).limit(batch)
    else:  # it lies in the order of its key, whose first number several rows may share: those go together
        row = next(iter(table.primary_key.columns))
        end = source.scalar(select(row).where(row > last).order_by(row).offset(batch - 1).limit(1))
        query = select(row, *map(_plain, table.columns)).where(row > last).order_by(row)
        query = query if end is None else query.where(row <= end)
    return [tuple(found) for found in source.execute(query)]


def _plain(one: Column[Any]) -> Any:
    """JSON travels as its text, so that nothing and the word null stay two things."""
    return cast(one, Text).label(one.name) if isinstance(one.type, JSON) else one


def _copy(connection: Connection, table: Table, rows: list[tuple[Any, ...]]) -> None:
    dialect = connection.dialect
    makers = [
        None if isinstance(one.type, JSON) else one.type.dialect_impl(dialect).bind_processor(dialect)
        for one in table.columns
    ]
    plain = ([make(v) if make and v is not None else v for make, v in zip(makers, row, strict=True)] for row in rows)
    copy_rows(connection, table, [one.name for one in table.columns], plain)


def _set_sequences(source: Connection, target: Connection, metadata: MetaData) -> None:
    """Behind the greatest number ever given, be it of a row that has gone."""
    for table in metadata.sorted_tables:
        numbered = table.autoincrement_column
        if numbered is None:
            continue
        of = {"t": f'"{table.name}"', "c": numbered.name}
        sequence = target.scalar(text("SELECT pg_get_serial_sequence(:t, :c)"), of)
        if sequence:
            greatest = source.scalar(select(func.max(numbered)))
            if table.dialect_kwargs.get("sqlite_autoincrement"):
                given = text("SELECT seq FROM sqlite_sequence WHERE name = :n")
                greatest = source.scalar(given, {"n": table.name}) or greatest
            set_to = {"s": sequence, "v": greatest or 1, "used": greatest is not None}
            target.execute(text("SELECT setval(cast(:s AS regclass), :v, :used)"), set_to)


def _canonical(value: Any, one: Column[Any]) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(one.type, JSON):
        return {"json": json.loads(value)}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat() if value.tzinfo else value.isoformat()
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return str(value)


def compare(source: Connection, target: Engine, metadata: MetaData) -> Iterator[tuple[str, int]]:
    """Each table with how many rows it has, the same on both sides. Raises Refused naming the first that differs."""
    with target.connect() as there:
        for table in metadata.sorted_tables:
            here, carried = digest(source, table), digest(there, table)
            if here != carried:
                raise Refused(
                    f"{table.name} 两边不一样（{here[0]} 行，搬过去 {carried[0]} 行）。请清空目标数据库，重新搬"
                )
            yield table.name, here[0]
