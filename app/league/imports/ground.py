"""What the rows of one batch are measured against, and what is said of a row."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.db.types import path_end
from app.league.imports.models import Verdict
from app.league.imports.reading import Cell
from app.league.organisations.models import Kind, Organisation, OrganisationStatus
from app.league.organisations.names import fold

CLASSES = (Kind.BRANCH, Kind.GENERAL_BRANCH)
"""Where members stand."""
SLOTS = 1 << 21


_ENDINGS = re.compile(r"(?<=.)班?(团总支|总支|团支部|支部)?$")


def short(folded: str) -> str:
    """A folded name of a class as lists have it: schools write the class where the League writes its branch.

    >>> short("会计20184班团支部"), short("中文系"), short("班")
    ('会计20184', '中文系', '班')
    """
    return _ENDINGS.sub("", folded, count=1)


class Line(NamedTuple):
    """A row by the names of its fields. ``number``: as the spreadsheet program counts it; ``first``: its first words."""

    number: int
    typed: Mapping[str, Cell]
    first: Cell = ""


class Judged(NamedTuple):
    """``note``: in words, without values. ``plan``: what putting it in needs. ``truth``: what a check must not tell,
    ``odd``: and that is suspicious."""

    verdict: Verdict
    note: str = ""
    plan: Any = None
    truth: "Judged | None" = None
    odd: bool = False


class Put(NamedTuple):
    """A row that was put in. ``target``: public id of what it made or changed; ``version``: as it was left."""

    number: int
    target: str
    version: int = 1


@dataclass
class Ground:
    """Where the rows go: ``top``, or the class below it that each row names."""

    session: Session
    top: Organisation
    seen: dict[str, int] = field(default_factory=dict)
    """What told earlier rows apart → their numbers."""
    _crowds: tuple[bytearray, ...] = field(default_factory=lambda: (bytearray(SLOTS), bytearray(SLOTS)))
    _classes: dict[str, Organisation | None] | None = None
    _short: dict[str, Organisation | None] | None = None

    @property
    def alone(self) -> bool:
        """Whether ``top`` is itself a class, so that rows need not name one."""
        return self.top.kind in CLASSES

    def place(self, name: str) -> Organisation | str:
        """The class a row names, or what is wrong with the name."""
        if not name:
            return self.top if self.alone else "请写明团支部"
        known, key = self._named(), fold(name)
        if key not in known:
            known, key = self._shortened(), short(key)
        if key not in known:
            return f"这里没有团支部“{name[:40]}”"
        return known[key] or f"有几个团支部都叫“{name[:40]}”，请写全称"

    def holds(self, path: str) -> bool:
        """Whether what stands at ``path`` is one's own to change."""
        return self.top.path <= path < path_end(self.top.path)

    def fault(self, place: Organisation) -> str:
        """Why nothing goes into ``place`` as it is now: read before, it may have been closed or moved since. Or ""."""
        if place.status is not OrganisationStatus.OPEN:
            return f"{place.name}已经停用，不能导入"
        return "" if self.holds(place.path) else f"{place.name}已经转走，不能导入"

    def twice(self, key: str, number: int) -> int | None:
        """The number of an earlier row with the same ``key``; the row is noted when there is none."""
        first = self.seen.setdefault(key, number)
        return None if first == number else first

    def crowd(self, *alike: object) -> int:
        """How many rows so far are ``alike``, this one included.

        Counted where two hashes point to, in a few megabytes however many rows there are: two that are not alike would
        have to meet in both.
        """
        slots = [hash((number, alike)) % SLOTS for number in range(len(self._crowds))]
        for counts, slot in zip(self._crowds, slots, strict=True):
            counts[slot] = min(counts[slot] + 1, 255)
        return min(counts[slot] for counts, slot in zip(self._crowds, slots, strict=True))

    def _named(self) -> dict[str, Organisation | None]:
        """Folded name → class; None for a name that several have."""
        if self._classes is None:
            self._classes = {}
            for row in self._open_classes():
                own = {fold(name) for name in (row.name, *row.aliases.splitlines())}
                for key in own:
                    self._classes[key] = None if key in self._classes else row
            for row in self._open_classes():
                self._classes[fold(row.full_name)] = row
        return self._classes

    def _shortened(self) -> dict[str, Organisation | None]:
        """Short name → class; None for one that several share."""
        if self._short is None:
            self._short = {}
            for name, row in self._named().items():
                key = short(name)
                self._short[key] = row if self._short.get(key, row) is row else None
        return self._short

    def _open_classes(self) -> list[Organisation]:
        query = select(Organisation).where(
            Organisation.path >= self.top.path,
            Organisation.path < path_end(self.top.path),
            Organisation.kind.in_(CLASSES),
            Organisation.status == OrganisationStatus.OPEN,
        )
        return list(self.session.scalars(query))
