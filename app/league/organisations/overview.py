"""What stands on the desk of somebody acting under one post: today's jobs, the figures of his subtree, what is below."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select, text

from app.kernel.access.powers import Power
from app.kernel.access.scope import Scope
from app.kernel.access.viewer import Post, Viewer
from app.kernel.clock import local
from app.kernel.work import Work
from app.league.appointments import queries as appointments
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

    @property
    def none(self) -> bool:
        """Nothing to do."""
        counts = (self.pending, self.returned, self.cases, self.corrections, self.ending, self.unread)
        return not any(counts) and self.own_ends is None and not self.vacant


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
    waits = SUBMITTED, decides.within(JoinRequest.org_path)
    numbers = work.session.execute(
        select(
            select(func.min(JoinRequest.submitted_at)).where(*waits).scalar_subquery(),
            _counted(JoinRequest, *waits),
            _counted(JoinRequest, RETURNED, decides.within(JoinRequest.org_path)),
            _counted(IdentityCase, IdentityCase.state == CaseState.OPEN, cases.within(IdentityCase.org_path)),
            _counted(
                Correction, Correction.state == CorrectionState.SUBMITTED, corrections.within(Correction.org_path)
            ),
        )
    ).one()
    oldest, pending, returned, open_cases, asked = numbers
    own = next((p for p in viewer.posts if p.ends_on and p.ends_on <= work.today + timedelta(days=14)), None)
    return Jobs(
        pending=pending if decides else None,
        oldest=oldest,
        returned=returned if decides else None,
        cases=open_cases if cases else None,
        corrections=asked if corrections else None,
        ending=appointments.ending(
            viewer.scope(Power.APPOINTMENTS_READ), work.session, work.today, but=viewer.account_id, most=COUNTED_TO
        ),
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


def _counted(model: type[JoinRequest] | type[IdentityCase] | type[Correction], *where: Any) -> Any:
    """A number as part of a statement, counted as far as ``COUNTED_TO``."""
    some = select(model.id).where(*where).limit(COUNTED_TO).subquery()
    return select(func.count()).select_from(some).scalar_subquery()
