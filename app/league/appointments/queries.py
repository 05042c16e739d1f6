"""Reading appointments."""

from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.kernel.access.viewer import Post
from app.league.appointments.models import Appointment
from app.league.organisations.models import Organisation, OrganisationStatus

_LIVE_POSTS = (
    select(
        Appointment.id,
        Appointment.public_id,
        Appointment.role,
        Organisation.id,
        Organisation.public_id,
        Organisation.name,
        Organisation.kind,
        Organisation.path,
        Appointment.ends_on,
    )
    .join(Organisation, Organisation.id == Appointment.organisation_id)
    .where(Appointment.ended_at.is_(None), Organisation.status == OrganisationStatus.OPEN)
    .order_by(Organisation.path, Appointment.id)
)


def live_posts(session: Session, account_id: int, today: date) -> tuple[Post, ...]:
    """The posts of an account on ``today``: begun, not past their last day, not ended, organisation open."""
    rows = session.execute(
        _LIVE_POSTS.where(
            Appointment.account_id == account_id,
            Appointment.starts_on <= today,
            or_(Appointment.ends_on.is_(None), Appointment.ends_on >= today),
        )
    )
    return tuple(Post(*row) for row in rows)
