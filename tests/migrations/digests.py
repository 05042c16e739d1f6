"""What a database holds, as one number for each table, over the columns it had when one began to look."""

import hashlib

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from tests.database import KEPT

Columns = dict[str, list[str]]
MADE_BY_INDEXES = "people_names"


def columns(engine: Engine) -> Columns:
    """Every table that people's data is in, with its columns."""
    inspector = sa.inspect(engine)
    names = [name for name in inspector.get_table_names() if name != KEPT and not name.startswith(MADE_BY_INDEXES)]
    return {name: [str(column["name"]) for column in inspector.get_columns(name)] for name in names}


def digests(engine: Engine, of: Columns) -> dict[str, tuple[int, int]]:
    """For each table how many rows it has, and a sum over all of them in which their order makes no difference."""
    look = _on_server if engine.dialect.name == "postgresql" else _embedded
    with engine.connect() as connection:
        return {table: look(connection, table, names) for table, names in of.items()}


def _on_server(connection: Connection, table: str, names: list[str]) -> tuple[int, int]:
    row = f"ROW({', '.join(_quoted(names))})::text"
    count, total = connection.exec_driver_sql(
        f'SELECT count(*), coalesce(sum(hashtextextended({row}, 0)), 0) FROM "{table}"'
    ).one()
    return int(count), int(total)


def _embedded(connection: Connection, table: str, names: list[str]) -> tuple[int, int]:
    count = total = 0
    driver = connection.connection.driver_connection
    assert driver is not None
    for row in driver.execute(f'SELECT {", ".join(_quoted(names))} FROM "{table}"'):
        total += int.from_bytes(hashlib.blake2b(repr(row).encode(), digest_size=16).digest(), "big")
        count += 1
    return count, total % 2**128


def _quoted(names: list[str]) -> list[str]:
    return [f'"{name}"' for name in names]
