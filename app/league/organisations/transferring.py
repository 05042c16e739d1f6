"""Handing what stands at one organisation to another: files, applications, roster, appointments, notices."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select, update

from app.kernel.audit.record import entry, record_all
from app.kernel.db import bulk
from app.kernel.db.base import table_of
from app.kernel.work import Work
from app.league.accounts.messages import tell
from app.league.appointments import operations as appointments
from app.league.appointments.models import Appointment
from app.league.joining import cases
from app.league.joining.models import Decision, JoinRequest, RequestState, RosterEntry, Verdict
from app.league.joining.states import Event, after
from app.league.notices.models import Notice, NoticeState
from app.league.organisations import counters, paths
from app.league.organisations.models import Organisation
from app.league.people.models import Correction, FileState, Membership, Person, PersonChange

PROGRESS = "/jia/application"
OPEN = (RequestState.SUBMITTED, RequestState.RETURNED)


def hand_over_files(work: Work, source: Organisation, target: Organisation, reason: str) -> int:
    """Move the files that stand at ``source`` itself; memberships end there and begin at ``target`` today.

    Every file gets its line of history and its audit entry. Counters are the caller's. Returns how many.
    """
    session = work.session
    rows = session.execute(
        select(Person.id, Person.public_id, Person.state).where(Person.organisation_id == source.id).order_by(Person.id)
    ).all()
    living = [row for row in rows if row.state != FileState.CLOSED]
    session.execute(
        update(Person)
        .where(Person.organisation_id == source.id)
        .values(organisation_id=target.id, org_path=target.path, version=Person.version + 1)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Correction)
        .where(Correction.org_path == source.path)
        .values(org_path=target.path)
        .execution_options(synchronize_session=False)
    )
    _move_memberships(work, source, target, reason)
    if living:
        change = {
            "at": work.now, "field": "organisation_id", "old": str(source.id), "new": str(target.id), "cause": "move",
            "actor_account_id": work.actor.account_id, "actor_name": work.actor.name, "reason": reason,
        }  # fmt: skip
        bulk.put_many(session, table_of(PersonChange), [{"person_id": row.id, **change} for row in living])
        record_all(
            work,
            [
                entry(
                    work, "organisations:file:move", "person", row.public_id, org_path=target.path, person_id=row.id,
                    reason=reason, changes={"organisation": (source.full_name, target.full_name)},
                )
                for row in living
            ],
        )  # fmt: skip
    session.expire_all()
    return len(living)


def hand_over_requests(work: Work, source: Organisation, target: Organisation, *, only_open: bool) -> int:
    """Move the applications that stand at ``source`` itself to ``target``, and tell those whose are still open.

    ``only_open``: decided ones stay where they were decided. Counters are the caller's. Returns how many are open.
    """
    session = work.session
    mine = JoinRequest.organisation_id == source.id
    if only_open:
        mine = mine & JoinRequest.state.in_(OPEN)
    open_rows = session.execute(
        select(JoinRequest.public_id, JoinRequest.account_id, JoinRequest.version)
        .where(JoinRequest.organisation_id == source.id, JoinRequest.state.in_(OPEN))
        .order_by(JoinRequest.id)
    ).all()
    session.execute(
        update(JoinRequest)
        .where(mine)
        .values(
            organisation_id=target.id, org_path=target.path, attention_path=target.path, version=JoinRequest.version + 1
        )
        .execution_options(synchronize_session=False)
    )
    record_all(
        work,
        [
            entry(
                work, "organisations:request:move", "join_request", row.public_id, org_path=target.path,
                changes={"organisation": (source.full_name, target.full_name)},
            )
            for row in open_rows
        ],
    )  # fmt: skip
    for row in open_rows:
        if row.account_id is not None:
            text = f"您申请的{source.name}有调整，申请转由{target.name}审核，不用重新提交。"
            key = f"request:{row.public_id}:moved:{row.version}"
            tell(work, row.account_id, key, "申请换了审核的团组织", text, link=PROGRESS)
    session.expire_all()
    return len(open_rows)


def turn_away_requests(work: Work, organisation: Organisation, reason: str) -> int:
    """Give the open applications of ``organisation`` itself back to their senders, who choose another branch.

    A pending one is rejected with the reason, one that waits for its sender lapses. Counters move here.
    Returns how many.
    """
    session = work.session
    rows = session.scalars(
        select(JoinRequest)
        .where(JoinRequest.organisation_id == organisation.id, JoinRequest.state.in_(OPEN))
        .order_by(JoinRequest.id)
        .with_for_update()
    ).all()
    for row in rows:
        pending = row.state is RequestState.SUBMITTED
        row.state = after(row.state, Event.REJECT if pending else Event.LAPSE)
        row.version += 1
        if pending:
            _decide(work, row, reason)
        session.flush()
        counters.move(session, row.org_path, {"pending": -1 if pending else 0, "filled": -1})
        cases.cancel(work, row)
        record_all(
            work,
            [entry(work, "organisations:request:return", "join_request", row.public_id, org_path=row.org_path,
                   reason=reason)],
        )  # fmt: skip
        if row.account_id is not None:
            text = f"{reason}您填过的内容还在，请另选团支部重新申请。"
            tell(work, row.account_id, f"request:{row.public_id}:place_closed", "请另选团支部", text, link=PROGRESS)
    return len(rows)


def hand_over_roster(work: Work, source: Organisation, target: Organisation) -> None:
    """Move the names on the roster. Two equal names may be two people, so none is dropped."""
    work.session.execute(
        update(RosterEntry)
        .where(RosterEntry.organisation_id == source.id)
        .values(organisation_id=target.id)
        .execution_options(synchronize_session=False)
    )


def hand_over_notices(work: Work, source: Organisation, target: Organisation) -> None:
    """Drafts and coming notices go on under ``target``; published ones keep their issuer's name and can be withdrawn."""
    session = work.session
    unsent = Notice.state.in_((NoticeState.DRAFT, NoticeState.SCHEDULED))
    still = {"synchronize_session": False}
    mine = Notice.issuer_id == source.id
    session.execute(update(Notice).where(mine, unsent).values(issuer_id=target.id).execution_options(**still))
    session.execute(
        update(Notice)
        .where(Notice.issuer_path == source.path)
        .values(issuer_path=target.path)
        .execution_options(**still)
    )
    session.execute(
        update(Notice)
        .where(Notice.target_id == source.id)
        .values(target_id=target.id, target_path=target.path)
        .execution_options(**still)
    )
    session.expire_all()


def live_appointments(work: Work, organisation: Organisation) -> Sequence[Appointment]:
    """The appointments not yet ended at ``organisation`` itself."""
    return work.session.scalars(
        select(Appointment)
        .where(Appointment.organisation_id == organisation.id, Appointment.ended_at.is_(None))
        .order_by(Appointment.id)
    ).all()


def end_appointments(work: Work, organisation: Organisation, reason: str) -> int:
    """End every appointment at ``organisation`` itself. Returns how many."""
    rows = live_appointments(work, organisation)
    for appointment in rows:
        appointments.finish(work, appointment, organisation, work.actor.account_id, reason, resigned=False)
    return len(rows)


def settle_cases(work: Work, organisation: Organisation) -> None:
    """Identity cases of what has just come to ``organisation``."""
    paths.settle_cases(work.session, organisation.path)


def _move_memberships(work: Work, source: Organisation, target: Organisation, reason: str) -> None:
    session = work.session
    people = list(
        session.scalars(
            select(Membership.person_id).where(Membership.organisation_id == source.id, Membership.until_on.is_(None))
        )
    )
    if not people:
        return
    session.execute(
        update(Membership)
        .where(Membership.organisation_id == source.id, Membership.until_on.is_(None))
        .values(until_on=work.today, end_reason=reason[:50])
        .execution_options(synchronize_session=False)
    )
    here = {"organisation_id": target.id, "from_on": work.today}
    bulk.put_many(session, table_of(Membership), [{"person_id": person, **here} for person in people])


def _decide(work: Work, request: JoinRequest, reason: str) -> None:
    assert work.actor.account_id is not None
    request.decided_at, request.decided_by_id = work.now, work.actor.account_id
    request.decided_by_name, request.reason = work.actor.name, reason
    work.session.add(
        Decision(
            request_id=request.id,
            round=request.round,
            verdict=Verdict.REJECT,
            reason=reason,
            account_id=work.actor.account_id,
            account_name=work.actor.name,
            appointment_id=work.actor.appointment_id,
            decided_at=work.now,
            undo_until=work.now + timedelta(0),
        )
    )
