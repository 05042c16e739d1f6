"""How far a subtree has come (进度): files against 总数, who is ahead and who lags, and the province's targets."""

import math
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.kernel.access.scope import Scope
from app.kernel.db.types import PATH_STEP, path_end
from app.league import rules
from app.league.organisations import counters, queries
from app.league.organisations.expected import totals_below, whole
from app.league.organisations.history import Trend
from app.league.organisations.models import Kind, Organisation, OrganisationCounter, OrganisationStatus
from app.league.organisations.overview import Child, child_of

MOST = 1000
MOST_LEAVES = 500
SORTS: dict[str, Callable[[Child], Any]] = {
    "share": lambda child: (child.share is None, child.share or 0.0),
    "people": lambda child: child.people,
    "total": lambda child: child.total,
    "approved": lambda child: child.approved,
    "pending": lambda child: child.pending,
}
"""By what the table may be sorted; "-" before it turns the order round."""


class Leaf(NamedTuple):
    """An organisation two levels down, for the picture of the tree."""

    public_id: str
    name: str
    path: str
    people: int
    total: int


@dataclass(frozen=True)
class Progress:
    """An organisation with the figures of its subtree and of each subtree directly below."""

    organisation: Organisation
    figures: dict[str, int]
    total: int
    in_use: int
    children: list[Child]
    leaves: dict[str, list[Leaf]]
    """Path of a child → the largest organisations directly under it."""

    @property
    def share(self) -> float | None:
        """建档率: files of those expected, at most 1; None while nobody is expected."""
        return min(self.figures.get("people", 0) / self.total, 1.0) if self.total else None

    def sorted_by(self, sort: str) -> list[Child]:
        """The children by a key of ``SORTS``; what is equal stays in the order of making. Unknown keys: who lags first."""
        down, key = sort.startswith("-"), SORTS.get(sort.removeprefix("-"), SORTS["share"])
        if not down:
            return sorted(self.children, key=key)
        known = [child for child in self.children if sort != "-share" or child.share is not None]
        return sorted(known, key=key, reverse=True) + [child for child in self.children if child not in known]


def of(scope: Scope, session: Session, organisation: Organisation) -> Progress:
    """The progress of ``organisation``, in a constant number of statements. Raises NotFound outside the scope.

    Children that nothing has happened in are left out, except cities and counties, at most ``MOST`` are taken.
    """
    figures = counters.figures(scope, session, organisation.path)
    found = counters.figures_below(session, organisation.path)
    totals = totals_below(session, organisation, levels=2)
    rows = session.scalars(
        select(Organisation)
        .where(Organisation.parent_id == organisation.id, Organisation.status == OrganisationStatus.OPEN)
        .where(
            or_(Organisation.in_use, Organisation.kind.in_((Kind.CITY, Kind.COUNTY)), Organisation.expected_members > 0)
        )
        .where(scope.within(Organisation.path))
        .order_by(Organisation.id)
        .limit(MOST)
    )
    children = [child_of(row, found.get(row.path, {}), totals.get(row.path, 0)) for row in rows]
    in_use = queries.count_in_use(scope, session, organisation.path)
    total = whole(totals, organisation.path)
    return Progress(organisation, figures, total, in_use, children, _leaves(scope, session, organisation, totals))


def _leaves(
    scope: Scope, session: Session, organisation: Organisation, totals: dict[str, int]
) -> dict[str, list[Leaf]]:
    """The ``MOST_LEAVES`` organisations two levels down with the most files, by what they stand under.

    So far down a counter's row holds its whole subtree.
    """
    people = OrganisationCounter.value
    rows = session.execute(
        select(Organisation.public_id, Organisation.name, Organisation.path, people)
        .join(OrganisationCounter, OrganisationCounter.organisation_id == Organisation.id)
        .where(OrganisationCounter.measure == "people", people > 0, Organisation.depth == organisation.depth + 2)
        .where(Organisation.path > organisation.path, Organisation.path < path_end(organisation.path))
        .where(scope.within(Organisation.path), Organisation.status == OrganisationStatus.OPEN)
        .order_by(people.desc(), Organisation.path)
        .limit(MOST_LEAVES)
    )
    found: dict[str, list[Leaf]] = defaultdict(list)
    for public_id, name, path, number in rows:
        found[path[:-PATH_STEP]].append(Leaf(public_id, name, path, number, totals.get(path, 0)))
    return dict(found)


@dataclass(frozen=True)
class Aim:
    """A target and how near it is."""

    target: rules.Target
    done: int
    reached_on: date | None
    """When it will be reached at the pace of the last days; None when there is no pace, or it is reached."""

    @property
    def share(self) -> float:
        """How much of it is done, at most 1."""
        return min(self.done / self.target.value, 1.0)

    @property
    def left(self) -> int:
        """How many are wanting."""
        return max(self.target.value - self.done, 0)


def aims(people: int, trend: Trend | None, today: date) -> list[Aim]:
    """The province's targets against ``people``, the files there are."""
    pace = trend.change / (len(trend.days) - 1) if trend else 0.0
    return [Aim(target, people, _reached_on(target.value - people, pace, today)) for target in rules.TARGETS]


def _reached_on(left: int, pace: float, today: date) -> date | None:
    if left <= 0 or pace <= 0:
        return None
    days = math.ceil(left / pace)
    return today + timedelta(days=days) if days < 36_500 else None
