"""What the public may see of the tree: how far each committee has come. Structure and sums only (L1).

Numbers under five are not told, and none of them can be worked out of what is: beside a hidden one another is hidden
too, and nothing is told below what is hidden.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from app.kernel.db.types import path_chain
from app.kernel.errors import NotFound
from app.league.organisations.counters import figures_below, figures_of
from app.league.organisations.models import Kind, Organisation, OrganisationStatus

LEAST_TOLD = 5
"""Fewer people than this could be told apart."""

Child = aliased(Organisation)


@dataclass(frozen=True)
class Committee:
    """One committee as the public sees it. ``people``: None when it is not told; ``few``: because they are few."""

    public_id: str
    name: str
    code: str | None
    people: int | None
    few: bool
    has_children: bool
    """Whether there is anything to see below."""

    @property
    def words(self) -> str:
        """The number in words."""
        if self.people is None:
            return f"少于 {LEAST_TOLD}" if self.few else "不公开"
        return str(self.people)


def public_figures(session: Session) -> dict[str, int]:
    """The whole province: ``people`` and ``organisations`` in use; zeros before anything is planted."""
    root = session.scalar(select(Organisation.path).where(Organisation.parent_id.is_(None)))
    if root is None:
        return {"people": 0, "organisations": 0}
    in_use = select(func.count()).where(Organisation.in_use, Organisation.status == OrganisationStatus.OPEN)
    people = figures_of(session, [root])[root].get("people", 0)
    return {"people": people, "organisations": session.execute(in_use).scalar_one()}


def public_coverage(session: Session, public_id: str | None) -> list[Committee]:
    """The committees below one (None: below the province), the empty ones left out except cities and counties.

    Empty where nothing may be told. Raises NotFound for an unknown or closed parent.
    """
    query = select(Organisation.path).where(Organisation.status == OrganisationStatus.OPEN)
    query = query.where(Organisation.public_id == public_id if public_id else Organisation.parent_id.is_(None))
    path = session.execute(query).scalar_one_or_none()
    if path is None:
        if public_id is None:
            return []
        raise NotFound
    if not _may_be_told(session, path):
        return []
    return _level(session, path)


def untold(numbers: Sequence[int]) -> set[int]:
    """Which of ``numbers``, whose sum is known, are not told: the small ones, and the next larger beside them.

    >>> sorted(untold([4120, 3, 0, 12]))
    [1, 3]
    """
    small = {at for at, number in enumerate(numbers) if 0 < number < LEAST_TOLD}
    others = [(number, at) for at, number in enumerate(numbers) if number >= LEAST_TOLD]
    return small | {min(others)[1]} if small and others else small


def _may_be_told(session: Session, path: str) -> bool:
    """Whether the number of every committee from the province down to ``path`` is told."""
    chain = path_chain(path)
    for above, here in pairwise(chain):
        numbers = {place: figures.get("people", 0) for place, figures in figures_below(session, above).items()}
        if here in {list(numbers)[at] for at in untold(list(numbers.values()))}:
            return False
    return True


def _level(session: Session, path: str) -> list[Committee]:
    has_children = select(Child.id).where(Child.parent_id == Organisation.id, Child.in_use).exists()
    rows = session.execute(
        select(Organisation.public_id, Organisation.name, Organisation.code, Organisation.path, has_children)
        .where(Organisation.parent_id == select(Child.id).where(Child.path == path).scalar_subquery())
        .where(Organisation.status == OrganisationStatus.OPEN)
        .where(or_(Organisation.in_use, Organisation.kind.in_((Kind.CITY, Kind.COUNTY))))
        .order_by(Organisation.path)
    ).all()
    figures = figures_below(session, path)
    numbers = [figures.get(row.path, {}).get("people", 0) for row in rows]
    hidden = untold(numbers)
    return [
        Committee(
            public_id=public_id,
            name=name,
            code=code,
            people=None if at in hidden else number,
            few=0 < number < LEAST_TOLD,
            has_children=below and at not in hidden,
        )
        for at, ((public_id, name, code, _, below), number) in enumerate(zip(rows, numbers, strict=True))
    ]
