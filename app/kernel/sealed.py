"""Where sealed values stand: columns say so themselves, so that rotation and verification miss none.

    phone_sealed: Mapped[str] = mapped_column(Text, info=seals("phone", index="phone_index"))

``purpose`` is the word given to ``vault.seal`` and ``vault.index`` for this column.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table

from app.kernel.db.base import Base


@dataclass(frozen=True)
class SealedColumn:
    """``mixed``: the purpose stands in another column of the row (``purpose`` names it), plain values stand between."""

    table: Table
    name: str
    purpose: str
    index: str | None = None
    index_purpose: str = ""
    mixed: bool = False


def seals(purpose: str, *, index: str | None = None, index_purpose: str | None = None) -> dict[str, Any]:
    """The ``info`` of a column with values sealed for ``purpose``.

    ``index``: the column with the blind index, made for ``index_purpose`` (usually the same purpose).
    """
    return {"seals": {"purpose": purpose, "index": index, "index_purpose": index_purpose or purpose}}


def seals_by(column: str) -> dict[str, Any]:
    """The ``info`` of a column whose values are sealed, some of them, for the purpose that ``column`` names."""
    return {"seals": {"purpose": column, "mixed": True}}


def columns() -> Iterator[SealedColumn]:
    """Every column that holds sealed values."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if "seals" in column.info:
                yield SealedColumn(table, column.name, **column.info["seals"])
