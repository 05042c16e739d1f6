"""What the public may see of the tree: how far each committee has come. Structure and sums only (L1).

Numbers under five are not told, and none of them can be worked out of what is: as many larger ones beside them are
hidden as it takes for each to stay open from one to four, and nothing is told below what is hidden. What stands
directly at the committee above counts as one of them, since it is what the others leave of the sum.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from app.kernel.db.types import path_chain
from app.kernel.errors import NotFound
from app.league.organisations.counters import figures_below, figures_of
from app.league.organisations.models import IN_USE, Kind, Organisation, OrganisationStatus

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
    in_use = select(func.count()).select_from(Organisation).where(IN_USE)
    people = figures_of(session, [root], "people")[root].get("people", 0)
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

    All of them where even that leaves a small one to be worked out.

    >>> sorted(untold([4120, 3, 0, 12])), sorted(untold([4, 4, 0]))
    ([1, 3], [0, 1, 2])
    """
    small = {at for at, number in enumerate(numbers) if 0 < number < LEAST_TOLD}
    if not small:
        return small
    larger = sorted((number, at) for at, number in enumerate(numbers) if number >= LEAST_TOLD)
    for taken in range(len(larger) + 1):
        hidden = small | {at for _, at in larger[:taken]}
        most = larger[taken][0] if taken < len(larger) else math.inf
        if _stay_open(sum(numbers[at] for at in hidden), len(small), taken, most):
            return hidden
    return set(range(len(numbers)))


def _stay_open(hidden: int, small: int, larger: int, most: float) -> bool:
    """Whether each of so many small numbers can be anything from one to four, for all that their sum tells.

    ``hidden``: the sum of all that is hidden. ``most``: the next larger number, which is told.
    """
    least_of_one = hidden - (LEAST_TOLD - 1) * (small - 1) - (larger * most if larger else 0)
    most_of_one = hidden - (small - 1) - LEAST_TOLD * larger
    return least_of_one <= 1 and most_of_one >= LEAST_TOLD - 1


def _may_be_told(session: Session, path: str) -> bool:
    """Whether the number of every committee from the province down to ``path`` is told."""
    chain = path_chain(path)
    sums = figures_of(session, chain[:-1], "people")
    for above, here in pairwise(chain):
        numbers = {place: found.get("people", 0) for place, found in figures_below(session, above).items()}
        hidden = _untold_below(list(numbers.values()), sums[above].get("people", 0))
        if len(hidden) > len(numbers) or here in {list(numbers)[at] for at in hidden if at < len(numbers)}:
            return False
    return True


def _untold_below(numbers: list[int], above: int) -> set[int]:
    """``untold`` of the committees below one with ``above`` people; its own people come last."""
    return untold([*numbers, above - sum(numbers)])


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
    hidden = _untold_below(numbers, figures_of(session, [path], "people")[path].get("people", 0))
    nothing_told = hidden >= set(range(len(numbers)))
    return [
        Committee(
            public_id=public_id,
            name=name,
            code=code,
            people=None if at in hidden else number,
            few=0 < number < LEAST_TOLD and not nothing_told,
            has_children=below and at not in hidden,
        )
        for at, ((public_id, name, code, _, below), number) in enumerate(zip(rows, numbers, strict=True))
    ]
