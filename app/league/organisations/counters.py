"""Numbers per organisation, moved in the transaction that changes them.

Measures: people (all files), member, eligible_youth, over_age_youth, pending, roster, filled, approved.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Integer, bindparam, delete, func, select
from sqlalchemy.orm import Session

from app.kernel.access.scope import Scope
from app.kernel.db import bulk, reading
from app.kernel.db.base import table_of
from app.kernel.db.types import PATH_STEP, path_chain, path_end
from app.kernel.db.unit import upsert
from app.kernel.errors import Conflict
from app.league.organisations.models import Organisation, OrganisationCounter

KEPT_FROM_DEPTH = 2
"""From this depth down a row holds its whole subtree; above it only what stands there directly."""


def move(session: Session, path: str, deltas: Mapping[str, int]) -> None:
    """Add ``deltas`` (measure → change) for something that stands at ``path``, at every level that keeps a row.

    Rows are taken from the root down, so that two writers meet in the same order. The organisations are held against
    being moved until the caller commits (shared among writers; moving takes them whole), so that nobody writes a path
    that a move is just rewriting. Raises Conflict when nothing stands at ``path`` any more.
    """
    move_all(session, {path: deltas})


def move_all(session: Session, changes: Mapping[str, Mapping[str, int]]) -> None:
    """``move`` for several paths (path → measure → change) at once, each row written once."""
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for path, deltas in changes.items():
        for kept in path_chain(path)[KEPT_FROM_DEPTH:] or [path]:
            sums[kept].update(deltas)
    rows = session.execute(
        select(Organisation.id, Organisation.path)
        .where(Organisation.path.in_(sums))
        .order_by(Organisation.path)
        .with_for_update(read=True, key_share=True)
    ).all()
    if changes.keys() - {row.path for row in rows}:
        raise Conflict("这个团组织刚刚调整过，请重新打开页面再试")
    _add(session, {row.id: sums[row.path] for row in rows})


def add(session: Session, paths: Sequence[str], deltas: Mapping[str, int]) -> None:
    """Add ``deltas`` to the rows of the organisations at ``paths`` themselves."""
    query = select(Organisation.id).where(Organisation.path.in_(paths)).order_by(Organisation.path)
    _add(session, dict.fromkeys(session.scalars(query), deltas))


def _add(session: Session, sums: Mapping[int, Mapping[str, int]]) -> None:
    """Write ``sums`` (organisation id → measure → change), in their order."""
    rows = [
        {"organisation_id": organisation_id, "measure": measure, "value": change}
        for organisation_id, deltas in sums.items()
        for measure, change in sorted(deltas.items())
        if change
    ]
    if rows:
        session.execute(_adding(session), rows)


_ADDING: dict[str, Any] = {}


def _adding(session: Session) -> Any:
    """The statement that adds to a row or makes it; one for each kind of database, so that it is compiled once."""
    dialect = session.get_bind().dialect.name
    if dialect not in _ADDING:
        table = table_of(OrganisationCounter)
        statement = upsert(session, table)
        _ADDING[dialect] = statement.on_conflict_do_update(
            index_elements=["organisation_id", "measure"], set_={"value": table.c.value + statement.excluded.value}
        )
    return _ADDING[dialect]


class Stages(NamedTuple):
    """已审 and 已填 of a subtree: people whose file stands, and those besides who have an application under way."""

    reviewed: int
    filled: int


def stages(figures: Mapping[str, int]) -> Stages:
    """How many are through and how many have done their part, by the ``figures`` of a subtree.

    A file that was loaded and checked is as good as one that came by an application, so files are counted.
    """
    files = figures.get("people", 0)
    return Stages(files, files + figures.get("filled", 0) - figures.get("approved", 0))


def figures(scope: Scope, session: Session, path: str) -> dict[str, int]:
    """Every measure for the subtree at ``path``. Raises NotFound outside the scope."""
    scope.require(path)
    return figures_of(session, [path]).get(path, {})


def figures_of(session: Session, paths: Iterable[str], *only: str) -> dict[str, dict[str, int]]:
    """path → measure → value for a few subtrees the caller may already see, a statement each; ``only`` some measures."""
    return {path: _figures_at(session, path, only) for path in paths}


def _figures_at(session: Session, path: str, only: tuple[str, ...]) -> dict[str, int]:
    """The row at the top of one subtree, or above ``KEPT_FROM_DEPTH`` the sum of every one down to there."""
    level, measures = len(path_chain(path)), {"measures": only} if only else {}
    if level > KEPT_FROM_DEPTH:
        found = reading.rows(session, _KEPT[bool(only)], path=path, **measures)
    else:
        levels = list(range(level - 1, KEPT_FROM_DEPTH + 1))
        found = reading.rows(session, _SUMMED[bool(only)], path=path, end=path_end(path), levels=levels, **measures)
    return {measure: int(value) for measure, value in found}


_WITH_PLACE = (Organisation, Organisation.id == OrganisationCounter.organisation_id)
_ONLY = OrganisationCounter.measure.in_(bindparam("measures", expanding=True))
_AT_TOP = (
    select(OrganisationCounter.measure, OrganisationCounter.value)
    .join(*_WITH_PLACE)
    .where(Organisation.path == bindparam("path"))
)
_DOWN = (
    select(OrganisationCounter.measure, func.sum(OrganisationCounter.value))
    .join(*_WITH_PLACE)
    .where(Organisation.path >= bindparam("path"), Organisation.path < bindparam("end"))
    .where(Organisation.depth.in_(bindparam("levels", expanding=True)))
    .group_by(OrganisationCounter.measure)
)
_KEPT, _SUMMED = (_AT_TOP, _AT_TOP.where(_ONLY)), (_DOWN, _DOWN.where(_ONLY))
"""Of every measure, and of some; made once."""


def figures_below(session: Session, parent_path: str) -> dict[str, dict[str, int]]:
    """path → measure → value for the subtree of every organisation directly under ``parent_path``, in one statement."""
    width, level = len(parent_path) + PATH_STEP, len(path_chain(parent_path))
    inside = {"path": parent_path, "end": path_end(parent_path)}
    found: dict[str, dict[str, int]] = defaultdict(dict)
    if level >= KEPT_FROM_DEPTH:  # the children's own rows hold all of it: nothing is added up
        rows = reading.rows(session, _CHILDREN, level=level, **inside)
    else:
        levels = list(range(level, KEPT_FROM_DEPTH + 1))
        rows = reading.rows(session, _ADDED_UP, width=width, levels=levels, **inside)
    for path, measure, value in rows:
        found[path][measure] = int(value)
    return dict(found)


_BELOW = Organisation.path > bindparam("path"), Organisation.path < bindparam("end")
_CHILDREN = (
    select(Organisation.path, OrganisationCounter.measure, OrganisationCounter.value)
    .join(*_WITH_PLACE)
    .where(*_BELOW, Organisation.depth == bindparam("level"))
)
_CHILD = func.substr(Organisation.path, 1, bindparam("width", type_=Integer))
_ADDED_UP = (
    select(_CHILD, OrganisationCounter.measure, func.sum(OrganisationCounter.value))
    .join(*_WITH_PLACE)
    .where(*_BELOW, Organisation.depth.in_(bindparam("levels", expanding=True)))
    .group_by(_CHILD, OrganisationCounter.measure)
)


Numbers = dict[int, dict[str, int]]
"""Organisation id → measure → what stands there directly."""


def own_numbers(session: Session, path: str) -> Numbers:
    """What stands directly at each organisation of the subtree, worked out of the kept rows."""
    places = session.execute(
        select(Organisation.id, Organisation.parent_id, Organisation.depth).where(
            Organisation.path >= path, Organisation.path < path_end(path)
        )
    ).all()
    rows = session.execute(
        select(OrganisationCounter.organisation_id, OrganisationCounter.measure, OrganisationCounter.value)
        .join(Organisation, Organisation.id == OrganisationCounter.organisation_id)
        .where(Organisation.path >= path, Organisation.path < path_end(path))
    ).all()
    parent_of = {place.id: place.parent_id for place in places if place.depth > KEPT_FROM_DEPTH}
    own: Numbers = {place.id: defaultdict(int) for place in places}
    for organisation_id, measure, value in rows:
        own[organisation_id][measure] += value
        if (parent := parent_of.get(organisation_id)) in own:
            own[parent][measure] -= value
    return own


def total(numbers: Numbers) -> dict[str, int]:
    """The sum over a subtree."""
    found: dict[str, int] = defaultdict(int)
    for measures in numbers.values():
        for measure, value in measures.items():
            found[measure] += value
    return dict(found)


def keep(session: Session, path: str, numbers: Numbers) -> None:
    """Write the rows of the subtree at ``path`` anew from what stands directly at each of its organisations."""
    places = session.execute(
        select(Organisation.id, Organisation.parent_id, Organisation.depth)
        .where(Organisation.path >= path, Organisation.path < path_end(path))
        .order_by(Organisation.path.desc())
    ).all()
    kept: Numbers = {place.id: defaultdict(int, numbers.get(place.id, {})) for place in places}
    for place in places:  # from the leaves up
        if place.depth > KEPT_FROM_DEPTH and place.parent_id in kept:
            for measure, value in kept[place.id].items():
                kept[place.parent_id][measure] += value
    session.execute(delete(OrganisationCounter).where(OrganisationCounter.organisation_id.in_(list(kept))))
    values = [
        {"organisation_id": organisation_id, "measure": measure, "value": value}
        for organisation_id, measures in sorted(kept.items())
        for measure, value in sorted(measures.items())
        if value
    ]
    bulk.put_many(session, table_of(OrganisationCounter), values)
