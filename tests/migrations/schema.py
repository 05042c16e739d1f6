"""Everything that can be told of a schema by looking at the database."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Inspector

from tests.database import KEPT

TRIGGERS = {
    "sqlite": "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
}


def describe(engine: Engine) -> list[str]:
    """Return the schema as sorted lines, so that two can be compared and a difference can be read."""
    inspector = sa.inspect(engine)
    lines = [line for name in inspector.get_table_names() if name != KEPT for line in _describe_table(inspector, name)]
    with engine.connect() as connection:
        triggers = connection.execute(sa.text(TRIGGERS[engine.dialect.name]))
        return sorted(lines + [f"trigger: {tuple(trigger)}" for trigger in triggers])


def foreign_keys_are_kept(connection: Connection) -> bool:
    """Whether a row that refers to nothing is refused on this connection."""
    return connection.dialect.name != "sqlite" or connection.scalar(sa.text("PRAGMA foreign_keys")) == 1


def _describe_table(inspector: Inspector, name: str) -> Iterator[str]:
    for column in inspector.get_columns(name):
        facts = [str(column["type"]), column["nullable"], column["default"], column.get("computed")]
        yield f"{name}.{column['name']}: {facts}"
    constraints: dict[str, Sequence[Any]] = {
        "primary key": [inspector.get_pk_constraint(name)],
        "foreign key": inspector.get_foreign_keys(name),
        "unique": inspector.get_unique_constraints(name),
        "check": inspector.get_check_constraints(name),
        "index": inspector.get_indexes(name),
    }
    for kind, found in constraints.items():
        for constraint in found:
            yield f"{name} {kind}: {_plain(constraint)}"


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(value[key]) for key in sorted(value)}
    return value if isinstance(value, list) else str(value)
