"""How the figures stood on the days behind us: written once a day, read for the small lines beside a figure.

A day's figures are worked back from the counters as they stand: what a kept date (a file made or closed, an application
sent or decided) puts after the end of that day is taken off again. So a night on which nothing ran is made up for by
the next run, and the line always ends in the figure the counters show. Files that changed their place, and
applications sent a second time, count where and when they stand now: the days before the last run are not redrawn.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Date, Select, bindparam, delete, func, select
from sqlalchemy.orm import Session, aliased

from app.kernel.access.scope import Scope
from app.kernel.clock import SHANGHAI, local_date
from app.kernel.db import bulk, reading
from app.kernel.db.base import table_of
from app.kernel.db.types import path_chain
from app.kernel.db.unit import writing
from app.kernel.jobs.periodic import periodic
from app.kernel.pruning import sweep
from app.kernel.work import Work
from app.league.joining.models import JoinRequest, RequestState
from app.league.organisations.counters import KEPT_FROM_DEPTH
from app.league.organisations.models import FigureDay, Organisation, OrganisationCounter
from app.league.people.models import Person

MEASURES = ("people", "pending", "filled", "approved")
KEPT_FOR = timedelta(days=400)
FIRST_SPAN = timedelta(days=45)
"""How far back the very first run works the history out."""
SHOWN = 30
TOGETHER = 1_000
"""Rows in one transaction."""

Key = tuple[str, str]
"""(path, measure)."""
Changes = dict[date, Counter[Key]]


class Trend(NamedTuple):
    """A figure at the end of each of several days; the last one is today's as it stands."""

    days: list[date]
    values: list[int]

    @property
    def change(self) -> int:
        """From the first day to the last."""
        return self.values[-1] - self.values[0]


@periodic("figures.days", every=timedelta(hours=1))
def keep_days(work: Work) -> int:
    """Write the days that ended since the last run, and drop what is too old. Returns how many rows were written.

    Comes round every hour and finds nothing to do after the first time past midnight.
    """
    last = work.session.scalar(select(func.max(FigureDay.day)).where(FigureDay.organisation_id.in_(_province())))
    yesterday = work.today - timedelta(days=1)
    first = last + timedelta(days=1) if last else work.today - FIRST_SPAN
    if first > yesterday:
        return 0
    first = max(first, work.today - KEPT_FOR)
    written = write(work, first)
    sweep(work, _too_old(work.today - KEPT_FOR))
    return written


def write(work: Work, first: date) -> int:
    """Write every day from ``first`` to yesterday. Returns how many rows that took."""
    session = work.session
    ids = {row.path: row.id for row in session.execute(select(Organisation.path, Organisation.id))}
    standing, changes, before = _standing(session), _changes(session, first), _before(session, first)
    always = {(path, measure) for path in ids if len(path_chain(path)) == 1 for measure in MEASURES}
    rows: list[dict[str, Any]] = []
    day = work.today
    while day >= first:
        moved = changes.get(day, Counter())
        if day < work.today:
            if day == first:
                keys = {key for key in standing.keys() | before.keys() if standing[key] != before[key]} | always
            else:
                keys = {key for key, number in moved.items() if number} | always
            rows += (
                {"organisation_id": ids[path], "measure": measure, "day": day, "value": max(standing[path, measure], 0)}
                for path, measure in sorted(keys)
                if path in ids
            )
        standing.subtract(moved)
        day -= timedelta(days=1)
    session.rollback()
    _write(work, first, rows, set(session.scalars(_province())))
    return len(rows)


def _write(work: Work, first: date, rows: list[dict[str, Any]], province: set[int]) -> None:
    """In many short transactions, those of the province last: they say that the days are written."""
    sweep(work, delete(FigureDay).where(FigureDay.day >= first))
    rows.sort(key=lambda row: row["organisation_id"] in province)
    for start in range(0, len(rows), TOGETHER):
        with writing(work.session):
            bulk.put_many(work.session, table_of(FigureDay), rows[start : start + TOGETHER])


_ANCHOR = aliased(FigureDay)
_START = (
    select(func.max(_ANCHOR.day))
    .where(_ANCHOR.organisation_id == FigureDay.organisation_id, _ANCHOR.measure == FigureDay.measure)
    .where(_ANCHOR.day <= bindparam("first", type_=Date))
    .correlate(FigureDay)
    .scalar_subquery()
)
_LATELY = (
    select(FigureDay.measure, FigureDay.day, FigureDay.value)
    .where(FigureDay.organisation_id == bindparam("organisation"), FigureDay.day < bindparam("today", type_=Date))
    .where(FigureDay.day >= func.coalesce(_START, bindparam("first", type_=Date)))
    .order_by(FigureDay.day)
)
"""The days since ``first``, and the one before them that still held then."""


def trends(
    scope: Scope, session: Session, organisation: Organisation, now: Mapping[str, int], today: date
) -> dict[str, Trend]:
    """The last ``SHOWN`` days of every measure of a subtree; ``now``: its figures as the counters have them.

    Empty while nothing is written yet. Raises NotFound outside the scope.
    """
    scope.require(organisation.path)
    first = today - timedelta(days=SHOWN)
    rows = reading.rows(session, _LATELY, organisation=organisation.id, first=first, today=today)
    if not rows:
        return {}
    kept: dict[str, dict[date, int]] = defaultdict(dict)
    for measure, day, value in rows:
        kept[measure][day] = value
    days = [first + timedelta(days=number) for number in range(SHOWN + 1)]
    return {name: Trend(days, _line(kept[name], days, now.get(name, 0))) for name in MEASURES}


def _line(kept: dict[date, int], days: list[date], now: int) -> list[int]:
    """A value for every day: where there is no row the one before it holds."""
    value = next((number for day, number in kept.items() if day <= days[0]), 0)
    line = []
    for day in days[:-1]:
        value = kept.get(day, value)
        line.append(value)
    return [*line, now]


def _province() -> Select[int]:
    return select(Organisation.id).where(Organisation.parent_id.is_(None))


def _too_old(cutoff: date) -> Any:
    """What lies before ``cutoff``, except the last row before it, which still holds."""
    later = aliased(FigureDay)
    follows = select(later.day).where(
        later.organisation_id == FigureDay.organisation_id,
        later.measure == FigureDay.measure,
        later.day > FigureDay.day,
        later.day <= cutoff,
    )
    return delete(FigureDay).where(FigureDay.day < cutoff, follows.exists())


def _standing(session: Session) -> Counter[Key]:
    """Every subtree's figures now, above ``KEPT_FROM_DEPTH`` too."""
    rows = session.execute(
        select(Organisation.path, Organisation.depth, OrganisationCounter.measure, OrganisationCounter.value)
        .join(Organisation, Organisation.id == OrganisationCounter.organisation_id)
        .where(OrganisationCounter.measure.in_(MEASURES), OrganisationCounter.value != 0)
    )
    sums: Counter[Key] = Counter()
    for path, depth, measure, value in rows:
        sums[path, measure] += value
        if depth <= KEPT_FROM_DEPTH:
            for above in path_chain(path)[:-1]:
                sums[above, measure] += value
    return sums


def _before(session: Session, first: date) -> Counter[Key]:
    """What was last written before ``first``."""
    last = (
        select(FigureDay.organisation_id, FigureDay.measure, func.max(FigureDay.day).label("day"))
        .where(FigureDay.day < first)
        .group_by(FigureDay.organisation_id, FigureDay.measure)
        .subquery()
    )
    same = (
        (FigureDay.organisation_id == last.c.organisation_id)
        & (FigureDay.measure == last.c.measure)
        & (FigureDay.day == last.c.day)
    )
    rows = session.execute(
        select(Organisation.path, FigureDay.measure, FigureDay.value)
        .join(last, same)
        .join(Organisation, Organisation.id == FigureDay.organisation_id)
    )
    return Counter({(path, measure): value for path, measure, value in rows})


def _changes(session: Session, first: date) -> Changes:
    """Day → (path, measure) → by how much the dated rows moved it that day, at every level."""
    since = datetime.combine(first, time(), SHANGHAI).astimezone(UTC)
    changes: Changes = defaultdict(Counter)
    for path, moment, measures in _events(session, since):
        counter = changes[local_date(moment)]
        for at in path_chain(path):
            for measure, number in measures.items():
                counter[at, measure] += number
    return changes


def _events(session: Session, since: datetime) -> Iterator[tuple[str, datetime, dict[str, int]]]:
    def dated(path: Any, moment: Any, *where: ColumnElement[bool]) -> Iterable[Any]:
        return session.execute(select(path, moment).where(moment >= since, *where).execution_options(yield_per=5000))

    sent, state = JoinRequest.submitted_at, JoinRequest.state
    ended = state.in_((RequestState.REJECTED, RequestState.WITHDRAWN, RequestState.LAPSED))
    kinds: tuple[tuple[Any, Any, dict[str, int], tuple[ColumnElement[bool], ...]], ...] = (
        (Person.org_path, Person.created_at, {"people": 1}, ()),
        (Person.org_path, Person.closed_at, {"people": -1}, ()),
        (JoinRequest.org_path, sent, {"pending": 1, "filled": 1}, ()),
        (
            JoinRequest.org_path,
            JoinRequest.decided_at,
            {"pending": -1, "approved": 1},
            (state == RequestState.APPROVED,),
        ),
        (JoinRequest.org_path, JoinRequest.decided_at, {"pending": -1}, (state == RequestState.RETURNED,)),
        (JoinRequest.org_path, func.coalesce(JoinRequest.decided_at, sent), {"pending": -1, "filled": -1}, (ended,)),
    )
    for path, moment, measures, where in kinds:
        for at, when in dated(path, moment, *where):
            yield at, when, measures
