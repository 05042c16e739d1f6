"""Who can help somebody who may not do or see something: an office of the organisation above, never a private person."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, or_, select

from app.kernel.access.rules import Role
from app.kernel.access.viewer import Post
from app.kernel.clock import local_date
from app.kernel.db.types import path_chain
from app.kernel.work import Work
from app.league.appointments.models import Appointment
from app.league.appointments.queries import HEADS
from app.league.organisations.models import Organisation, OrganisationStatus

LATELY = timedelta(days=90)


@dataclass(frozen=True)
class Helper:
    """The nearest organisation above a post that has somebody in office, and what the office is called."""

    organisation: str
    role: Role


@dataclass(frozen=True)
class Gone:
    """A post of one's own that ended lately."""

    organisation: str
    role: Role
    last_day: date
    reason: str


def helper_above(work: Work, post: Post) -> Helper | None:
    """Who stands above ``post``; None at the top."""
    above = path_chain(post.path)[:-1]
    query = (
        select(Organisation.full_name, Appointment.role)
        .join(Appointment, Appointment.organisation_id == Organisation.id)
        .where(Organisation.path.in_(above), Organisation.status == OrganisationStatus.OPEN)
        .where(Appointment.role.in_(HEADS), Appointment.account_id != work.actor.account_id, _live(work))
        .order_by(Organisation.depth.desc(), Appointment.id)
        .limit(1)
    )
    found = work.session.execute(query).one_or_none()
    return Helper(*found) if found else None


def gone_lately(work: Work, account_id: int) -> list[Gone]:
    """One's own posts that ended within ``LATELY``, the latest first."""
    since = work.today - LATELY
    query = (
        select(
            Organisation.full_name, Appointment.role, Appointment.ends_on, Appointment.ended_at, Appointment.end_reason
        )
        .join(Organisation, Organisation.id == Appointment.organisation_id)
        .where(Appointment.account_id == account_id)
        .where(
            or_(
                Appointment.ended_at >= work.now - LATELY,
                and_(Appointment.ended_at.is_(None), Appointment.ends_on < work.today, Appointment.ends_on >= since),
            )
        )
        .order_by(Appointment.id.desc())
        .limit(20)
    )
    return [
        Gone(name, role, local_date(ended) if ended else last or work.today, reason)
        for name, role, last, ended, reason in work.session.execute(query)
    ]


def _live(work: Work) -> ColumnElement[bool]:
    return and_(
        Appointment.ended_at.is_(None),
        Appointment.starts_on <= work.today,
        or_(Appointment.ends_on.is_(None), Appointment.ends_on >= work.today),
    )
