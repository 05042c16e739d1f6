"""What stands on the desk of somebody acting under one post: today's jobs, the figures of his subtree, what is below."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, false, func, select, text

from app.kernel.access.powers import Power
from app.kernel.access.scope import Scope
from app.kernel.access.viewer import Post, Viewer
from app.kernel.clock import local
from app.kernel.db import reading
from app.kernel.db.types import path_end
from app.kernel.work import Work
from app.league.appointments import queries as appointments
from app.league.appointments.rules import ENDING_SOON
from app.league.exports import queries as exports
from app.league.exports.models import Export
from app.league.joining.models import JoinRequest
from app.league.notices import queries as notices
from app.league.organisations import counters, queries
from app.league.organisations.expected import totals_below
from app.league.organisations.models import Organisation
from app.league.people.models import CaseState, Correction, CorrectionState, IdentityCase

COUNTED_TO = 1000
# In words: SQLite takes a partial index only for words it can compare, not for a bound value.
SUBMITTED = text("join_requests.state = 'submitted'")
RETURNED = text("join_requests.state = 'returned'")
LATE_AFTER = timedelta(days=7)
"""Applications older than this are called late: the applicant may send a reminder from then on."""
MOST_CHILDREN = 60


@dataclass(frozen=True)
class Jobs:
    """What waits. None where the post has nothing to do with it."""

    pending: int | None
    oldest: datetime | None
    returned: int | None
    cases: int | None
    corrections: int | None
    exports: int
    ending: int
    own_ends: Post | None
    unread: int
    vacant: bool

    def oldest_days(self, now: datetime) -> int:
        """How many days the oldest application has waited."""
        return (local(now).date() - local(self.oldest).date()).days if self.oldest else 0

    def late(self, now: datetime) -> bool:
        """Whether something waits for too long."""
        return self.oldest is not None and now - self.oldest > LATE_AFTER


class Child(NamedTuple):
    """One line of the table of what stands directly below."""

    organisation: Organisation
    people: int
    approved: int
    filled: int
    total: int
    pending: int

    @property
    def share(self) -> float | None:
        """建档率: files of those expected, at most 1; None while nobody is expected."""
        return min(self.people / self.total, 1.0) if self.total else None

    @property
    def begun(self) -> bool:
        """Whether there is anything to tell of it."""
        return bool(self.people or self.filled or self.total)


def acting(viewer: Viewer) -> Viewer:
    """The viewer with the acting post alone: its subtree is what the desk shows."""
    posts = (viewer.acting,) if viewer.acting else ()
    return replace(viewer, posts=posts, _scopes={})


def jobs(work: Work, viewer: Viewer) -> Jobs:
    """What waits for ``viewer`` under his posts as they are in ``viewer``."""
    decides = viewer.scope(Power.JOINING_DECIDE)
    cases, corrections = viewer.scope(Power.PEOPLE_CASES), viewer.scope(Power.PEOPLE_CORRECT)
    ending = viewer.scope(Power.APPOINTMENTS_READ)
    values = {"account": viewer.account_id, "today": work.today, "soon": work.today + ENDING_SOON}
    whole, above = decides.subtree, {post.path for post in viewer.posts_with(Power.EXPORTS_DECIDE)}
    if whole and {whole} == {cases.subtree, corrections.subtree, ending.subtree} | above:
        apart = "" if exports.is_top(whole) else whole  # one's own committee, on whose exports somebody above decides
        values |= {"low": whole, "high": path_end(whole), "apart": apart}
        [numbers] = reading.rows(work.session, _OF_ONE_COMMITTEE if above else _OF_ONE_SUBTREE, **values)
    else:
        waits = exports.waits_for(viewer)
        statement = _numbers(decides.within, cases.within, corrections.within, ending.within, waits)
        [numbers] = reading.rows(work.session, statement, **values)
    oldest, pending, returned, open_cases, asked, ends, wanted = numbers
    own = next((p for p in viewer.posts if p.ends_on and p.ends_on <= work.today + timedelta(days=14)), None)
    return Jobs(
        pending=pending if decides else None,
        oldest=oldest,
        returned=returned if decides else None,
        cases=open_cases if cases else None,
        corrections=asked if corrections else None,
        exports=wanted,
        ending=ends,
        own_ends=own,
        unread=notices.unread_count(work),
        vacant=_province_is_vacant(work, viewer),
    )


def figures(work: Work, viewer: Viewer) -> dict[str, int] | None:
    """people, organisations (已启用, own included), pending and the rest for the acting subtree; None without right."""
    scope, post = viewer.scope(Power.FIGURES_READ), viewer.acting
    if post is None or not scope:
        return None
    found = counters.figures(scope, work.session, post.path)
    return {**found, "organisations": queries.count_in_use(scope, work.session, post.path)}


def children(work: Work, scope: Scope, parent: Organisation, *, in_use: bool = True, after: int = 0) -> list[Child]:
    """What stands directly under ``parent`` with its figures, in a constant number of statements."""
    rows = queries.children(scope, work.session, parent, in_use=in_use, after=after, size=MOST_CHILDREN)
    found = counters.figures_below(work.session, parent.path)
    totals = totals_below(work.session, parent)
    return [child_of(row, found.get(row.path, {}), totals.get(row.path, 0)) for row in rows]


def child_of(row: Organisation, found: dict[str, int], total: int) -> Child:
    """One line from the measures of its subtree and its 总数."""
    return Child(row, found.get("people", 0), *counters.stages(found), total, found.get("pending", 0))


def _province_is_vacant(work: Work, viewer: Viewer) -> bool:
    """For a system administrator: whether nobody leads the province yet."""
    scope = viewer.scope(Power.APPOINTMENTS_PROVINCE)
    return any(not appointments.heads_of(work.session, part.path, work.today) for part in scope.parts)


Inside = Callable[[Any], ColumnElement[bool]]
"""From a column of paths to the condition that keeps a statement inside."""


def _numbers(decides: Inside, cases: Inside, corrections: Inside, ending: Inside, waits: ColumnElement[bool]) -> Any:
    """The oldest application that waits; how many wait, were returned; cases, corrections, posts that end, exports."""
    requests = select(JoinRequest.id).where(decides(JoinRequest.org_path))
    open_cases = select(IdentityCase.id).where(IdentityCase.state == CaseState.OPEN, cases(IdentityCase.org_path))
    asked = select(Correction.id).where(Correction.state == CorrectionState.SUBMITTED, corrections(Correction.org_path))
    return select(
        select(func.min(JoinRequest.submitted_at)).where(SUBMITTED, decides(JoinRequest.org_path)).scalar_subquery(),
        _counted(requests.where(SUBMITTED)),
        _counted(requests.where(RETURNED)),
        _counted(open_cases),
        _counted(asked),
        _counted(appointments.ending(ending)),
        _counted(select(Export.id).where(waits)),
    )


def _counted(some: Select[int]) -> Any:
    """A number as part of a statement, counted as far as ``COUNTED_TO``."""
    return select(func.count()).select_from(some.limit(COUNTED_TO).subquery()).scalar_subquery()


def _one_subtree(column: Any) -> ColumnElement[bool]:
    return and_(column >= bindparam("low"), column < bindparam("high"))


_OF_ONE_SUBTREE = _numbers(_one_subtree, _one_subtree, _one_subtree, _one_subtree, false())
"""For the usual secretary, whose rights are all over the same subtree; made once."""
_OF_ONE_COMMITTEE = _numbers(
    _one_subtree,
    _one_subtree,
    _one_subtree,
    _one_subtree,
    and_(
        exports.ASKED,
        Export.account_id != bindparam("account"),
        _one_subtree(Export.asker_path),
        Export.asker_path != bindparam("apart"),
    ),
)
"""For an administrator, who decides on the exports of whoever stands below as well."""
