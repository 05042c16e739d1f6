"""The index of names: files found by any fragment of the name, inside a part of the tree, without a scan.

One search with two bodies. Every file has tokens: each character of the name, each two in a row, each two initials of
its pinyin, and the path of every organisation above it. On SQLite they stand in a full-text table that triggers keep;
on PostgreSQL in a GIN index over a function of the row. Neither can be forgotten by whoever writes a file: the
database itself keeps it, also when a whole subtree moves.
"""

from collections.abc import Iterable, Sequence
from typing import TypeVarTuple

from sqlalchemy import DDL, ColumnElement, ExecutableDDLElement, Select, Text, column, event, func, or_, select, table
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from app.kernel.access.scope import Scope
from app.kernel.db.base import Base
from app.kernel.db.types import PATH_STEP
from app.league.people.models import Person

Ts = TypeVarTuple("Ts")
TABLE = "people_names"
INDEX = "ix_people_names"
FUNCTION = "people_name_tokens"
_NAMES = table(TABLE, column("rowid"), column(TABLE))
LONGEST = 50
"""Characters of a name."""
PLACE, SOUND = "0", "1"
"""First character of a token that is a path, or initials. Names hold letters alone, so they are never mixed up."""


def tokens_of(name_key: str) -> list[str]:
    """The tokens a file must have when its name holds the fragment ``name_key``."""
    return _pairs(name_key)


def sounds_of(initials: str) -> list[str]:
    """The tokens a file must have when the initials of its name hold ``initials``, two letters or more."""
    return [SOUND + pair for pair in _pairs(initials)]


def _pairs(text_: str) -> list[str]:
    return [text_[at : at + 2] for at in range(len(text_) - 1)] or [text_]


def narrow(query: Select[*Ts], dialect: str, either: list[list[str]], scope: Scope) -> Select[*Ts]:
    """``query`` over files, kept to ``scope`` and to files that have all tokens of one of the lists of ``either``.

    In the order of their ids. The index can tell a little less than the scope and the fragment say, so the caller
    asks for both besides.
    """
    places = [] if scope.everything else [part.path for part in scope.parts]
    if any(len(path) <= PATH_STEP for path in places):
        places = []  # the root is above everything, so no file has a token for it
    if dialect == "postgresql":
        return query.where(_on_postgresql(either, places)).order_by(Person.id)
    return query.join(_NAMES, _NAMES.c.rowid == Person.id).where(_on_sqlite(either, places)).order_by(_NAMES.c.rowid)


def _on_sqlite(either: list[list[str]], places: list[str]) -> ColumnElement[bool]:
    wanted = _any(" AND ".join(f'"{token}"' for token in tokens) for tokens in either)
    if places:
        wanted += " AND " + _any(f'"{PLACE}{path}"' for path in places)
    return _NAMES.c.people_names.op("MATCH")(wanted)


def _any(words: Iterable[str]) -> str:
    return "(" + " OR ".join(f"({word})" for word in words) + ")"


def _on_postgresql(either: list[list[str]], places: list[str]) -> ColumnElement[bool]:
    held = getattr(func, FUNCTION)(Person.name_key, Person.name_initials, Person.org_path, type_=ARRAY(Text))
    ends = [[PLACE + path] for path in places] or [[]]
    return or_(*(held.contains([*tokens, *end]) for tokens in either for end in ends))


def missing(session: Session) -> Sequence[str]:
    """Public ids of files that the index does not hold. On PostgreSQL the index cannot miss any."""
    if session.get_bind().dialect.name == "postgresql":
        return []
    held = table(f"{TABLE}_docsize", column("id"))
    return session.scalars(select(Person.public_id).where(Person.id.not_in(select(held.c.id)))).all()


def create_statements(dialect: str) -> list[str]:
    """What makes the index and fills it from the files that are there."""
    if dialect == "postgresql":
        return [
            f"CREATE FUNCTION {FUNCTION}(name text, initials text, path text) RETURNS text[] "
            f"LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ {_TOKENS_POSTGRESQL} $$",
            f"CREATE INDEX {INDEX} ON people USING gin "
            f"({FUNCTION}(name_key, name_initials, org_path)) WITH (fastupdate = off)",
        ]
    new, old = _tokens_sqlite("NEW"), _tokens_sqlite("OLD")
    add = f"INSERT INTO {TABLE} (rowid, tokens) VALUES (NEW.id, {new});"
    remove = f"INSERT INTO {TABLE} ({TABLE}, rowid, tokens) VALUES ('delete', OLD.id, {old});"
    return [
        f"CREATE VIRTUAL TABLE {TABLE} USING fts5(tokens, content='', detail='none', tokenize='ascii')",
        f"CREATE TRIGGER {TABLE}_insert AFTER INSERT ON people BEGIN {add} END",
        f"CREATE TRIGGER {TABLE}_delete AFTER DELETE ON people BEGIN {remove} END",
        f"CREATE TRIGGER {TABLE}_update AFTER UPDATE OF name_key, name_initials, org_path ON people "
        f"BEGIN {remove} {add} END",
        f"INSERT INTO {TABLE} (rowid, tokens) SELECT people.id, {_tokens_sqlite('people')} FROM people",
    ]


def _tokens_sqlite(row: str) -> str:
    numbers = "(VALUES " + ", ".join(f"({n})" for n in range(1, LONGEST + 1)) + ")"
    name, initials, path = f"{row}.name_key", f"{row}.name_initials", f"{row}.org_path"
    parts = (
        f"SELECT substr({name}, column1, 1) AS token FROM {numbers} WHERE column1 <= length({name})",
        f"SELECT substr({name}, column1, 2) FROM {numbers} WHERE column1 < length({name})",
        f"SELECT '{SOUND}' || substr({initials}, column1, 2) FROM {numbers} WHERE column1 < length({initials})",
        f"SELECT '{PLACE}' || substr({path}, 1, column1 * {PATH_STEP}) FROM {numbers} "
        f"WHERE column1 > 1 AND column1 * {PATH_STEP} <= length({path})",
    )
    return f"(SELECT group_concat(token, ' ') FROM ({' UNION ALL '.join(parts)}))"


_TOKENS_POSTGRESQL = (
    "SELECT array("
    "SELECT substr(name, n, 1) FROM generate_series(1, length(name)) n "
    "UNION SELECT substr(name, n, 2) FROM generate_series(1, length(name) - 1) n "
    f"UNION SELECT '{SOUND}' || substr(initials, n, 2) FROM generate_series(1, length(initials) - 1) n "
    f"UNION SELECT '{PLACE}' || substr(path, 1, n * {PATH_STEP}) "
    f"FROM generate_series(2, length(path) / {PATH_STEP}) n)"
)

for _dialect in ("sqlite", "postgresql"):
    for _statement in create_statements(_dialect):
        _ddl: ExecutableDDLElement = DDL(_statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
        event.listen(Base.metadata, "after_create", _ddl.execute_if(dialect=_dialect))
