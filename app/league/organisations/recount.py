"""The counters as they must be, counted from the rows: what ``verify`` compares and a repair would write."""

from collections import Counter

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kernel.access.rules import Role
from app.kernel.clock import local_date
from app.kernel.db.types import path_chain
from app.kernel.work import Work
from app.league.appointments.models import Appointment
from app.league.joining.models import JoinRequest, RequestState, RosterEntry
from app.league.organisations.counters import KEPT_FROM_DEPTH
from app.league.organisations.models import Organisation, OrganisationCounter
from app.league.people.models import FileState, Person

NOT_FILLED = (RequestState.WITHDRAWN, RequestState.REJECTED, RequestState.LAPSED)
Totals = Counter[tuple[str, str]]
"""(path, measure) → number."""


def counted(session: Session) -> Totals:
    """Every counter's true value, at every level that keeps a row."""
    totals: Totals = Counter()
    for (path, measure), number in _direct(session).items():
        for kept in path_chain(path)[KEPT_FROM_DEPTH:] or [path]:
            totals[kept, measure] += number
    return +totals


def kept(session: Session) -> Totals:
    """Every counter as it stands in the table."""
    rows = select(Organisation.path, OrganisationCounter.measure, OrganisationCounter.value).join(
        Organisation, Organisation.id == OrganisationCounter.organisation_id
    )
    return Counter({(path, measure): value for path, measure, value in session.execute(rows) if value})


def in_use(work: Work) -> set[str]:
    """Paths of the organisations that must be marked 已启用: files in the subtree, or an officer of their own."""
    files = select(Person.org_path).where(Person.state != FileState.CLOSED).distinct()
    found = {above for path in work.session.scalars(files) for above in path_chain(path)}
    today = local_date(work.now)
    posts = (
        select(Organisation.path)
        .join(Appointment, Appointment.organisation_id == Organisation.id)
        .where(Appointment.role != Role.SYSTEM_ADMIN, Appointment.ended_at.is_(None), Appointment.starts_on <= today)
        .where(Appointment.ends_on.is_(None) | (Appointment.ends_on >= today))
    )
    return found | set(work.session.scalars(posts))


def _direct(session: Session) -> Totals:
    totals: Totals = Counter()
    people = select(Person.org_path, Person.standing, func.count()).where(Person.state != FileState.CLOSED)
    for path, standing, number in session.execute(people.group_by(Person.org_path, Person.standing)):
        totals[path, "people"] += number
        totals[path, standing.value] += number
    requests = select(JoinRequest.org_path, JoinRequest.state, func.count())
    for path, state, number in session.execute(requests.group_by(JoinRequest.org_path, JoinRequest.state)):
        totals[path, "pending"] += number * (state is RequestState.SUBMITTED)
        totals[path, "filled"] += number * (state not in NOT_FILLED)
        totals[path, "approved"] += number * (state is RequestState.APPROVED)
    roster = select(Organisation.path, func.count()).join(RosterEntry, RosterEntry.organisation_id == Organisation.id)
    for path, number in session.execute(roster.where(RosterEntry.removed_at.is_(None)).group_by(Organisation.path)):
        totals[path, "roster"] += number
    return totals
