"""What a change of the tree would touch, counted before it is made: the preview pages show it."""

from dataclasses import dataclass
from math import ceil

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from app.kernel.db.types import path_end
from app.kernel.work import Work
from app.league.appointments.models import Appointment
from app.league.joining.models import JoinRequest, RequestState, RosterEntry
from app.league.notices.models import Notice, NoticeState
from app.league.organisations import counters
from app.league.organisations.models import Organisation, OrganisationStatus
from app.league.people.models import CaseState, Correction, CorrectionState, IdentityCase

LONG = 200
"""More rows than this and the change leaves the request (design: nothing long in a request)."""
BIG = 2_000
"""More rows than this and the page says how long it takes."""
ROWS_PER_SECOND = 2_000
"""Measured low: files that change their organisation, each with its history and audit, on the embedded database."""


@dataclass(frozen=True)
class Consequences:
    """How much hangs on an organisation and all below it."""

    organisations: int
    files: int
    pending: int
    returned: int
    appointments: int
    roster: int
    corrections: int
    cases: int
    notices: int

    @property
    def open_requests(self) -> int:
        """Applications that nobody has finished."""
        return self.pending + self.returned

    @property
    def rows(self) -> int:
        """Roughly how many rows a change writes."""
        return self.organisations + self.files + self.open_requests + self.roster + self.corrections + self.cases

    @property
    def is_long(self) -> bool:
        """Whether the change is work for the worker."""
        return self.rows > LONG

    @property
    def seconds(self) -> int | None:
        """How long it takes, when it is worth saying."""
        return ceil(self.rows / ROWS_PER_SECOND) if self.rows > BIG else None


def of(work: Work, organisation: Organisation) -> Consequences:
    """Count what hangs on ``organisation``; the caller may already see it."""
    session, path = work.session, organisation.path

    def count(column: InstrumentedAttribute[str], *conditions: ColumnElement[bool]) -> int:
        within = (column >= path) & (column < path_end(path))
        return session.scalar(select(func.count()).where(within, *conditions)) or 0

    def hanging(model: type[Appointment] | type[RosterEntry], alive: ColumnElement[bool]) -> int:
        joined = select(func.count()).join_from(model, Organisation, Organisation.id == model.organisation_id)
        inside = (Organisation.path >= path) & (Organisation.path < path_end(path))
        return session.scalar(joined.where(inside, alive)) or 0

    return Consequences(
        organisations=count(Organisation.path, Organisation.status == OrganisationStatus.OPEN) - 1,
        files=counters.figures_of(session, [path])[path].get("people", 0),
        pending=count(JoinRequest.org_path, JoinRequest.state == RequestState.SUBMITTED),
        returned=count(JoinRequest.org_path, JoinRequest.state == RequestState.RETURNED),
        appointments=hanging(Appointment, Appointment.ended_at.is_(None)),
        roster=hanging(RosterEntry, RosterEntry.removed_at.is_(None)),
        corrections=count(Correction.org_path, Correction.state == CorrectionState.SUBMITTED),
        cases=count(IdentityCase.org_path, IdentityCase.state == CaseState.OPEN),
        notices=count(Notice.issuer_path, Notice.state.in_((NoticeState.DRAFT, NoticeState.SCHEDULED))),
    )
