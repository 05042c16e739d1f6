"""What time does to appointments: they begin, are announced before they end, and end by their last day."""

from datetime import timedelta

from sqlalchemy import select

from app.kernel.access.rules import ROLE_NAMES
from app.kernel.db.unit import writing
from app.kernel.jobs.periodic import periodic
from app.kernel.work import Work
from app.league.accounts.messages import tell
from app.league.appointments import queries
from app.league.appointments.models import Appointment
from app.league.appointments.operations import LINK, finish
from app.league.appointments.rules import ENDING_SOON
from app.league.organisations.models import Organisation
from app.league.organisations.operations import refresh_in_use

MOST = 500
LATELY = timedelta(days=3)
"""How far back to look for what began: longer than a worker ever stands still unnoticed."""


@periodic("appointments.terms", every=timedelta(hours=1))
def keep_terms(work: Work) -> int:
    """End what ran out, say what will within fourteen days, mark what began. Returns how many ended.

    Rights never wait for this: they follow the dates at every request. Opens its own transaction.
    """
    with writing(work.session):
        ended = _end_what_ran_out(work)
        _announce(work)
        _mark_what_began(work)
    return ended


def _end_what_ran_out(work: Work) -> int:
    rows = work.session.execute(
        select(Appointment, Organisation)
        .join(Organisation, Organisation.id == Appointment.organisation_id)
        .where(Appointment.ended_at.is_(None), Appointment.ends_on < work.today)
        .order_by(Appointment.id)
        .limit(MOST)
    ).all()
    for appointment, organisation in rows:
        finish(work, appointment, organisation, None, "任期届满", resigned=False)
    return len(rows)


def _announce(work: Work) -> None:
    """Tell the holder and those who could prolong it, once per last day."""
    rows = work.session.execute(
        select(Appointment, Organisation)
        .join(Organisation, Organisation.id == Appointment.organisation_id)
        .where(Appointment.ended_at.is_(None), Appointment.starts_on <= work.today)
        .where(Appointment.ends_on >= work.today, Appointment.ends_on <= work.today + ENDING_SOON)
        .order_by(Appointment.id)
    ).all()
    for appointment, organisation in rows:
        name = f"{organisation.name}{ROLE_NAMES[appointment.role]}"
        key = f"appointment:{appointment.public_id}:soon:{appointment.ends_on}"
        text = f"您的{name}任期到 {appointment.ends_on}。继续担任的请联系上级延长，不再担任的请办交接。"
        tell(work, appointment.account_id, key, "任期快到了", text, link=f"{LINK}/mine")
        for account_id in queries.heads_above(work.session, organisation.path, work.today):
            text = f"{name}的任期到 {appointment.ends_on}，请延长或任命接任人。"
            tell(work, account_id, f"{key}:{account_id}", "下级有任期快到了", text, link=f"{LINK}?soon=1")


def _mark_what_began(work: Work) -> None:
    paths = work.session.scalars(
        select(Organisation.path)
        .join(Appointment, Appointment.organisation_id == Organisation.id)
        .where(Appointment.ended_at.is_(None), Organisation.in_use.is_(False))
        .where(Appointment.starts_on <= work.today, Appointment.starts_on >= work.today - LATELY)
    ).all()
    for path in paths:
        refresh_in_use(work, path)
