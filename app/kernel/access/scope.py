"""A scope (管辖范围): the parts of the tree over which a viewer holds one power."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, true, tuple_

from app.kernel.access.powers import Power
from app.kernel.access.rules import Reach
from app.kernel.db.types import path_end
from app.kernel.errors import NotFound


@dataclass(frozen=True)
class Part:
    """From the organisation at ``path``, as far as ``reach``."""

    path: str
    reach: Reach

    def covers(self, path: str) -> bool:
        """Whether an object at ``path`` lies in this part."""
        if self.reach is Reach.OWN:
            return path == self.path
        return path.startswith(self.path) and not (self.reach is Reach.BELOW and path == self.path)

    def within(self, column: Any) -> ColumnElement[bool]:
        """The same as SQL over a path column."""
        if self.reach is Reach.OWN:
            return column == self.path  # type: ignore[no-any-return]
        low = column > self.path if self.reach is Reach.BELOW else column >= self.path
        return and_(low, column < path_end(self.path))


@dataclass(frozen=True)
class Scope:
    """What every list query takes first. Only a viewer makes one, or ``whole`` for the system's own work."""

    power: Power
    parts: tuple[Part, ...]
    everything: bool = False

    @classmethod
    def whole(cls, power: Power) -> "Scope":
        """The whole tree: for commands and the worker, never for a request."""
        return cls(power, (), everything=True)

    def __bool__(self) -> bool:
        return self.everything or bool(self.parts)

    def covers(self, path: str) -> bool:
        """Whether an object that stands at ``path`` is inside."""
        return self.everything or any(part.covers(path) for part in self.parts)

    def within(self, column: Any) -> ColumnElement[bool]:
        """The condition that keeps a SELECT inside, over a column with materialised paths."""
        if self.everything:
            return true()
        return or_(*(part.within(column) for part in self.parts)) if self.parts else false()

    def behind(self, column: Any, key: Any, last: tuple[str, int]) -> ColumnElement[bool]:
        """``within``, and behind the row ``last`` (path, key) in the order (``column``, ``key``).

        Where the scope is one part with ``last`` in it, that is the only lower bound which is said: of two, a database
        may choose the farther one and read everything between.
        """
        further = tuple_(column, key) > last
        part = self._only_part_with(last[0])
        return and_(further, column < path_end(part.path)) if part else and_(self.within(column), further)

    def before(self, column: Any, key: Any, first: tuple[str, int]) -> ColumnElement[bool]:
        """``within``, and before the row ``first``: the same the other way round."""
        nearer = tuple_(column, key) < first
        part = self._only_part_with(first[0])
        if part is None:
            return and_(self.within(column), nearer)
        return and_(nearer, column > part.path if part.reach is Reach.BELOW else column >= part.path)

    @property
    def subtree(self) -> str | None:
        """The path of the one subtree that this scope is, as nearly all are; None for any other."""
        part = self.parts[0] if len(self.parts) == 1 and not self.everything else None
        return part.path if part and part.reach is Reach.SUBTREE else None

    def _only_part_with(self, path: str) -> Part | None:
        part = self.parts[0] if len(self.parts) == 1 else None
        return part if part and part.reach is not Reach.OWN and part.covers(path) else None

    def require(self, path: str | None) -> None:
        """Raises NotFound when ``path`` is absent or outside: both are the same answer."""
        if path is None or not self.covers(path):
            raise NotFound

    def narrowed(self, path: str) -> "Scope":
        """This scope inside the subtree of ``path`` alone. Raises NotFound when they do not meet."""
        if self.covers(path):
            own_only = not any(p.covers(path) and p.reach is not Reach.OWN for p in self.parts)
            reach = Reach.OWN if own_only and not self.everything else Reach.SUBTREE
            return Scope(self.power, (Part(path, reach),))
        inside = tuple(part for part in self.parts if part.path.startswith(path))
        if not inside:
            raise NotFound
        return Scope(self.power, inside)
