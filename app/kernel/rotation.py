"""Changing the keys while the system runs: a new generation first, then every value under it, then the old one retired.

It can stop anywhere and be started again: what is still under an old key is found by its key id. Running processes
notice the replaced key file by themselves and open both generations meanwhile.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Column, ColumnElement, RowMapping, and_, false, or_, select, update

from app.kernel.audit.events import declare
from app.kernel.db.unit import writing
from app.kernel.sealed import SealedColumn, columns
from app.kernel.vault import Vault, VaultError
from app.kernel.work import Work

BATCH = 500
declare({"machine:keys:rotate": "更换了加密密钥", "machine:keys:retire": "停用了旧的加密密钥"})


def begin(vault: Vault, key_file: Path) -> Vault:
    """A new generation, written to the key file: from now on everything is sealed under it."""
    fresh = vault.with_new_key()
    fresh.save(key_file)
    return fresh


def reseal(work: Work) -> Iterator[tuple[SealedColumn, int]]:
    """Bring every value under the current key, a small transaction at a time.

    Yields (column, how many were brought). A value that somebody changed in between is under the current key already.
    """
    for column in columns():
        brought, after = 0, None
        old = [_under(column, key_id) for key_id in work.vault.opening_ids[1:]]
        while rows := _batch(work, column, or_(false(), *old), after):
            with writing(work.session):
                brought += sum(_reseal_row(work, column, row) for row in rows)
            after = rows[-1][_key(column).name]
        yield column, brought


def still_used(work: Work, key_id: str) -> int:
    """How many values are still sealed under ``key_id``."""
    total = 0
    for column in columns():
        after = None
        while rows := _batch(work, column, _under(column, key_id), after):
            total += sum(_opened(work, column, row) is not None for row in rows)
            after = rows[-1][_key(column).name]
    return total


def _batch(work: Work, column: SealedColumn, condition: ColumnElement[bool], after: Any) -> list[RowMapping]:
    """The next rows in the order of their keys."""
    key, wanted = _key(column), [_key(column), column.table.c[column.name]]
    if column.mixed:
        wanted.append(column.table.c[column.purpose])
    query = select(*wanted).where(condition).order_by(key).limit(BATCH)
    rows = work.session.execute(query if after is None else query.where(key > after)).mappings().all()
    work.session.rollback()
    return list(rows)


def _reseal_row(work: Work, column: SealedColumn, row: RowMapping) -> bool:
    """One value, only when it is still the one that was read."""
    plain = _opened(work, column, row)
    if plain is None:
        return False
    purpose = row[column.purpose] if column.mixed else column.purpose
    values = {column.name: work.vault.seal(purpose, plain)}
    if column.index and plain:  # an emptied value has a mark of its own in the index
        values[column.index] = work.vault.index(column.index_purpose, plain)
    same = and_(_key(column) == row[_key(column).name], column.table.c[column.name] == row[column.name])
    done = work.session.execute(update(column.table).where(same).values(**values))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def _opened(work: Work, column: SealedColumn, row: RowMapping) -> str | None:
    """The plain value; None for a plain text between sealed ones that only looks sealed.

    Raises VaultError when a value that must be sealed cannot be opened.
    """
    try:
        return work.vault.open(row[column.purpose] if column.mixed else column.purpose, row[column.name])
    except VaultError:
        if column.mixed:
            return None
        raise


def _under(column: SealedColumn, key_id: str) -> ColumnElement[bool]:
    return column.table.c[column.name].like(f"v1.{key_id}.%")


def _key(column: SealedColumn) -> Column[Any]:
    (key,) = column.table.primary_key.columns
    return key
