"""Reading applications: the review queue, its counts, single applications, decisions and progress.

Lists are Core rows over the partial index of what waits, ordered (org_path, id) and paged by key. The condition on
the state is written out in words, because SQLite takes a partial index only for words it can compare, not for a
bound value.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, literal, select, text, union_all
from sqlalchemy.orm import Session

from app.kernel.access.scope import Scope
from app.kernel.db import reading
from app.kernel.db.types import path_end
from app.kernel.errors import NotFound
from app.league.joining.models import Decision, JoinRequest, Lane, RequestState, Verdict
from app.league.organisations import counters
from app.league.organisations.expected import totals_below, whole
from app.league.organisations.models import Kind, Organisation, OrganisationCounter, OrganisationStatus
from app.league.people.facts import name_key
from app.league.people.models import Standing

WAITS = text("join_requests.state = 'submitted'")
COUNTED_TO = 1000
"""Lanes are counted from the partial index, at most so far; the total that waits comes from the counters."""
MOST_BRANCHES = 200


class Row(NamedTuple):
    """One line of the queue."""

    public_id: str
    version: int
    name: str
    standing: Standing
    lane: Lane
    flags: list[dict[str, Any]]
    roster_entry_id: int | None
    id_type: str
    id_number_sealed: str
    submitted_at: datetime
    escalated_at: datetime | None
    branch: str
    place: str


_ROWS = (
    select(
        JoinRequest.public_id,
        JoinRequest.version,
        JoinRequest.name,
        JoinRequest.standing,
        JoinRequest.lane,
        JoinRequest.flags,
        JoinRequest.roster_entry_id,
        JoinRequest.id_type,
        JoinRequest.id_number_sealed,
        JoinRequest.submitted_at,
        JoinRequest.escalated_at,
        Organisation.name,
        Organisation.full_name,
    )
    .join(Organisation, Organisation.id == JoinRequest.organisation_id)
    .where(WAITS)
    .order_by(JoinRequest.org_path, JoinRequest.id)
)
_LANE = (
    _ROWS.where(JoinRequest.org_path >= bindparam("low"), JoinRequest.org_path < bindparam("high"))
    .where(JoinRequest.lane == bindparam("lane"))
    .limit(bindparam("size"))
)
"""The beginning of a lane in one subtree, which every opening of the desk reads; made once."""
_PLACE = (JoinRequest.org_path, JoinRequest.id)
"""The order of the queue."""


def queue(
    scope: Scope,
    session: Session,
    *,
    lane: Lane | None = None,
    branch: str | None = None,
    after: str | None = None,
    without: Collection[str] = (),
    size: int = 20,
    but: int | None = None,
) -> list[Row]:
    """What waits for a decision inside ``scope``.

    ``branch``: the path of an organisation, to see its subtree alone. ``after``: the public id of the last line seen;
    it may have been decided meanwhile. ``without``: public ids left out.
    ``but``: without the application of this account. Raises NotFound when ``branch`` or ``after`` lies outside.
    """
    inside, query = _inside(scope, branch), _ROWS
    if inside.subtree and lane and not (after or without or but):
        low, high = inside.subtree, path_end(inside.subtree)
        return [Row._make(row) for row in reading.rows(session, _LANE, low=low, high=high, lane=lane, size=size)]
    if after:
        key = session.execute(
            select(JoinRequest.org_path, JoinRequest.id).where(JoinRequest.public_id == after)
        ).one_or_none()
        scope.require(key.org_path if key else None)
        assert key is not None
        query = query.where(inside.behind(*_PLACE, (key.org_path, key.id)))
    else:
        query = query.where(inside.within(JoinRequest.org_path))
    if lane is not None:
        query = query.where(JoinRequest.lane == lane)
    if without:
        query = query.where(JoinRequest.public_id.not_in(without))
    if but is not None:
        query = query.where(JoinRequest.account_id.is_distinct_from(but))
    return [Row._make(row) for row in reading.rows(session, query.limit(size))]


def search(scope: Scope, session: Session, fragment: str, *, branch: str | None = None, size: int = 20) -> list[Row]:
    """What waits inside ``scope`` with ``fragment`` in the name. Raises NotFound when ``branch`` lies outside."""
    query = _within(_ROWS, scope, None, branch)
    query = query.where(JoinRequest.name_key.contains(name_key(fragment), autoescape=True))
    return [Row(*row) for row in session.execute(query.limit(size))]


def queue_counts(scope: Scope, session: Session, *, branch: str | None = None) -> dict[Lane, int]:
    """How many wait in each lane, counted as far as ``COUNTED_TO``."""
    inside = _inside(scope, branch)
    if path := inside.subtree:
        rows = reading.rows(session, _COUNTS, low=path, high=path_end(path))
    else:
        rows = reading.rows(session, _counts(inside.within(JoinRequest.org_path)))
    return {Lane(lane): number for lane, number in rows}


def _counts(inside: ColumnElement[bool]) -> Any:
    parts = []
    for lane in Lane:
        waiting = select(JoinRequest.id).where(WAITS, inside, JoinRequest.lane == lane).limit(COUNTED_TO).subquery()
        parts.append(select(literal(lane.value).label("lane"), func.count().label("number")).select_from(waiting))
    return union_all(*parts)


_COUNTS = _counts(and_(JoinRequest.org_path >= bindparam("low"), JoinRequest.org_path < bindparam("high")))
"""For a scope of one subtree, as nearly all are; made once."""


def _within(query: Select[Any], scope: Scope, lane: Lane | None, branch: str | None) -> Select[Any]:
    query = query.where(_inside(scope, branch).within(JoinRequest.org_path))
    return query if lane is None else query.where(JoinRequest.lane == lane)


def _inside(scope: Scope, branch: str | None) -> Scope:
    return scope.narrowed(branch) if branch else scope


_BY_PUBLIC_ID = select(JoinRequest).where(JoinRequest.public_id == bindparam("public_id"))


def request_by_public_id(scope: Scope, session: Session, public_id: str) -> JoinRequest:
    """One application. Raises NotFound for an absent and for a foreign one alike."""
    row = session.scalars(_BY_PUBLIC_ID, {"public_id": public_id}).one_or_none()
    scope.require(row.org_path if row else None)
    assert row is not None
    return row


def neighbours(
    scope: Scope,
    session: Session,
    row: JoinRequest,
    *,
    lane: Lane | None = None,
    branch: str | None = None,
    without: Collection[str] = (),
) -> tuple[str | None, str | None]:
    """Public ids of what waits before and after ``row`` in the queue, those in ``without`` left out."""
    here, inside = (row.org_path, row.id), _inside(scope, branch)
    waiting = select(JoinRequest.public_id).where(WAITS).limit(1)
    if lane is not None:
        waiting = waiting.where(JoinRequest.lane == lane)
    if without:
        waiting = waiting.where(JoinRequest.public_id.not_in(without))
    backwards = waiting.where(inside.before(*_PLACE, here)).order_by(*(column.desc() for column in _PLACE))
    forwards = waiting.where(inside.behind(*_PLACE, here)).order_by(*_PLACE)
    before, behind = session.execute(select(backwards.scalar_subquery(), forwards.scalar_subquery())).one()
    return before, behind


_BRANCHES_WAITING = (
    select(Organisation.public_id, Organisation.full_name, OrganisationCounter.value)
    .join(OrganisationCounter, OrganisationCounter.organisation_id == Organisation.id)
    .where(OrganisationCounter.measure == "pending", OrganisationCounter.value > 0)
    .where(Organisation.status == OrganisationStatus.OPEN)
    .order_by(Organisation.path)
    .limit(MOST_BRANCHES)
)
_ONE_SUBTREE_WAITS = _BRANCHES_WAITING.where(
    Organisation.path >= bindparam("low"), Organisation.path < bindparam("high")
)


class Waiting(NamedTuple):
    """A branch with applications that wait."""

    public_id: str
    name: str
    pending: int


def branches_waiting(scope: Scope, session: Session) -> list[Waiting]:
    """Where something waits, for the filter: from the counters, the first ``MOST_BRANCHES`` by place."""
    if scope.subtree:
        found = reading.rows(session, _ONE_SUBTREE_WAITS, low=scope.subtree, high=path_end(scope.subtree))
    else:
        found = reading.rows(session, _BRANCHES_WAITING.where(scope.within(Organisation.path)))
    return [Waiting._make(row) for row in found]


def branches_below(scope: Scope, session: Session) -> list[tuple[str, str]]:
    """(public id, full name) of the open branches inside ``scope``, the first ``MOST_BRANCHES`` by place."""
    query = (
        select(Organisation.public_id, Organisation.full_name)
        .where(scope.within(Organisation.path), Organisation.kind == Kind.BRANCH)
        .where(Organisation.status == OrganisationStatus.OPEN)
        .order_by(Organisation.path)
        .limit(MOST_BRANCHES)
    )
    return [(public_id, name) for public_id, name in session.execute(query)]


class Progress(NamedTuple):
    """已审 / 已填 / 总数 (0: nobody said) and what waits."""

    approved: int
    filled: int
    total: int
    pending: int


def progress(scope: Scope, session: Session, organisation: Organisation) -> Progress:
    """How far the subtree of ``organisation`` has come. Raises NotFound outside the scope."""
    found = counters.figures(scope, session, organisation.path)
    return _progress(found, whole(totals_below(session, organisation), organisation.path))


def progress_and_below(
    scope: Scope, session: Session, organisation: Organisation
) -> tuple[Progress, list[tuple[Organisation, Progress]]]:
    """The same, and for each open organisation directly under ``organisation``. Raises NotFound outside the scope."""
    own = counters.figures(scope, session, organisation.path)
    children = session.scalars(
        select(Organisation)
        .where(Organisation.parent_id == organisation.id, Organisation.status == OrganisationStatus.OPEN)
        .order_by(Organisation.id)
        .limit(MOST_BRANCHES)
    ).all()
    found = counters.figures_below(session, organisation.path) if children else {}
    totals = totals_below(session, organisation)
    below = [(child, _progress(found.get(child.path, {}), totals.get(child.path, 0))) for child in children]
    return _progress(own, whole(totals, organisation.path)), below


def progress_of(scope: Scope, session: Session) -> Progress:
    """The same over a whole scope, every part of it once, without a 总数: that would read every branch there is."""
    paths = {part.path for part in scope.parts}
    tops = [path for path in paths if not any(path != other and path.startswith(other) for other in paths)]
    sums: dict[str, int] = {}
    for figures in counters.figures_of(session, tops).values():
        for measure, value in figures.items():
            sums[measure] = sums.get(measure, 0) + value
    return _progress(sums, 0)


def _progress(found: dict[str, int], total: int) -> Progress:
    return Progress(*counters.stages(found), total, found.get("pending", 0))


class Past(NamedTuple):
    """One decision, as its maker and the history of an application show it."""

    public_id: str
    verdict: Verdict
    reason: str
    fields: list[str] | None
    account_name: str
    decided_at: datetime
    undo_until: datetime
    undone_at: datetime | None
    request_public_id: str
    name: str
    state: RequestState
    place: str
    latest: bool


_PAST = (
    select(
        Decision.public_id,
        Decision.verdict,
        Decision.reason,
        Decision.fields,
        Decision.account_name,
        Decision.decided_at,
        Decision.undo_until,
        Decision.undone_at,
        JoinRequest.public_id,
        JoinRequest.name,
        JoinRequest.state,
        Organisation.full_name,
        (Decision.round == JoinRequest.round).label("latest"),
    )
    .join(JoinRequest, JoinRequest.id == Decision.request_id)
    .join(Organisation, Organisation.id == JoinRequest.organisation_id)
)


def decisions_of(
    scope: Scope, session: Session, account_id: int, *, after: str | None = None, size: int = 50
) -> list[Past]:
    """What an account decided inside ``scope``, the latest first. ``after``: the public id of the last one seen."""
    query = _PAST.where(Decision.account_id == account_id, scope.within(JoinRequest.org_path))
    if after:
        last = session.scalar(select(Decision.id).where(Decision.public_id == after, Decision.account_id == account_id))
        if last is None:
            raise NotFound
        query = query.where(Decision.id < last)
    return [Past._make(row) for row in session.execute(query.order_by(Decision.id.desc()).limit(size))]


class Day(NamedTuple):
    """What one reviewer decided in a stretch of time."""

    number: int
    first: datetime | None
    last: datetime | None


def decided_since(session: Session, account_id: int, start: datetime) -> Day:
    """How much an account decided since ``start``, what was undone left out; the latest ``COUNTED_TO`` at most."""
    mine = (
        select(Decision.decided_at)
        .where(Decision.account_id == account_id, Decision.decided_at >= start, Decision.undone_at.is_(None))
        .order_by(Decision.id.desc())
        .limit(COUNTED_TO)
        .subquery()
    )
    query = select(func.count(), func.min(mine.c.decided_at), func.max(mine.c.decided_at)).select_from(mine)
    return Day(*session.execute(query).one())


def decisions_about(session: Session, request: JoinRequest) -> list[Past]:
    """Every decision about an application the caller may already see, the first one first."""
    query = _PAST.where(Decision.request_id == request.id).order_by(Decision.id)
    return [Past._make(row) for row in session.execute(query)]


def approval_of(session: Session, person_id: int) -> tuple[str, datetime] | None:
    """(who, when) of the decision that let a file in; None for one that nobody has approved."""
    found = reading.rows(session, _LET_IN, person=person_id)
    return (found[0].account_name, found[0].decided_at) if found else None


_LET_IN = (
    select(Decision.account_name, Decision.decided_at)
    .join(JoinRequest, JoinRequest.id == Decision.request_id)
    .where(JoinRequest.person_id == bindparam("person"))
    .where(Decision.verdict == Verdict.APPROVE, Decision.undone_at.is_(None))
    .order_by(Decision.decided_at.desc(), Decision.id.desc())
    .limit(1)
)
