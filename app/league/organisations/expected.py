"""总数: how many people the branches of a subtree expect, by their rosters or, where there is none, by number."""

import time
from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Integer, and_, bindparam, case, func, select
from sqlalchemy.orm import Session

from app.kernel.db import reading
from app.kernel.db.types import PATH_STEP, path_end
from app.league.organisations.models import Kind, Organisation, OrganisationCounter, OrganisationStatus

MANY, MINUTE = 5000, 60.0
_KEPT: WeakKeyDictionary[Any, dict[tuple[str, int], tuple[float, dict[str, int]]]] = WeakKeyDictionary()
LISTS = (Kind.BRANCH, Kind.GENERAL_BRANCH)
"""What keeps a roster of names."""


def totals_below(session: Session, parent: Organisation, levels: int = 1) -> dict[str, int]:
    """Path of each organisation down to ``levels`` under ``parent`` → its subtree's 总数, and of ``parent`` what itself expects.

    A roster comes before an expected number; a committee's own number counts where its branches name none. Where more
    than ``MANY`` organisations are added up (the whole province), the sums are kept for a minute.
    """
    kept = _KEPT.setdefault(session.get_bind(), {})
    key, now = (parent.path, levels), time.monotonic()
    if key in kept and now - kept[key][0] < MINUTE:
        return kept[key][1]
    added, totals = _totals_below(session, parent, levels)
    if added > MANY:
        kept[key] = (now, totals)
    return totals


def _totals_below(session: Session, parent: Organisation, levels: int) -> tuple[int, dict[str, int]]:
    """How many organisations were added up, and ``totals_below``."""
    width = len(parent.path) + levels * PATH_STEP
    rows = reading.rows(session, _ADDED_UP, width=width, low=parent.path, high=path_end(parent.path))
    named: dict[str, int] = defaultdict(int)
    for path, number, _, _ in rows:
        for end in range(min(len(parent.path) + PATH_STEP, len(path)), len(path) + 1, PATH_STEP):
            named[path[:end]] += int(number)
    totals = {path: named[path] or int(number) for path, _, number, _ in rows}
    return sum(row[3] for row in rows), totals


_PLACE = func.substr(Organisation.path, 1, bindparam("width", type_=Integer))
_ROSTER = OrganisationCounter.value
_BY_NAMES = case((_ROSTER > 0, _ROSTER), else_=Organisation.expected_members)
_ADDED_UP = (
    select(
        _PLACE,
        func.sum(case((Organisation.kind.in_(LISTS), _BY_NAMES), else_=0)),
        func.sum(case((Organisation.path == _PLACE, Organisation.expected_members), else_=0)),
        func.count(),
    )
    .outerjoin(
        OrganisationCounter,
        and_(OrganisationCounter.organisation_id == Organisation.id, OrganisationCounter.measure == "roster"),
    )
    .where(Organisation.path >= bindparam("low"), Organisation.path < bindparam("high"))
    .where(Organisation.status == OrganisationStatus.OPEN)
    .group_by(_PLACE)
)


def whole(totals: Mapping[str, int], path: str) -> int:
    """The 总数 of the subtree at ``path``: what stands below by ``totals``, or its own where nothing does."""
    return sum(number for at, number in totals.items() if len(at) == len(path) + PATH_STEP) or totals.get(path, 0)
