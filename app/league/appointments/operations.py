"""Giving, handing over and ending appointments. Every rule of who may is in ``rules``."""

from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import quote

from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.kernel.access.rules import ROLE_NAMES, Role
from app.kernel.access.viewer import Viewer
from app.kernel.audit.record import record
from app.kernel.db.types import path_end
from app.kernel.errors import Conflict, Invalid, NotFound, Refused
from app.kernel.work import Work
from app.league.accounts.messages import tell
from app.league.accounts.models import Account, AccountStatus
from app.league.appointments import events as events
from app.league.appointments import queries, rules
from app.league.appointments.models import Appointment
from app.league.organisations.models import Organisation, OrganisationStatus
from app.league.organisations.operations import refresh_in_use

OBJECT = "appointment"
LINK = "/twt/appointments"
FIRST_STEPS = "第一次审核，可以先用编造的人练习三分钟，入口在“我的任职”。"


@dataclass(frozen=True)
class Ended:
    """What came of ending: ``orphaned`` when nobody leads the organisation now, and how many above were told."""

    orphaned: bool
    told_above: int


def appoint(
    work: Work,
    viewer: Viewer,
    account: Account,
    organisation: Organisation,
    role: Role,
    *,
    starts_on: date,
    ends_on: date | None,
) -> Appointment:
    """Give ``account`` the role at ``organisation``, tell both sides, write the audit.

    The viewer's posts are read again here, so that one who lost his own a moment ago gives nothing.
    Raises Invalid (``account``, ``role``, ``starts_on``, ``ends_on``), Refused when the rules forbid it, Conflict when
    the account holds the role there already.
    """
    viewer = as_of_now(work, viewer)
    work.session.refresh(organisation, with_for_update=True)
    place = rules.Place(organisation.path, organisation.kind)
    if organisation.status != OrganisationStatus.OPEN:
        raise Conflict(f"“{organisation.name}”已经撤销，不能任命")
    if reason := rules.refusal(viewer, account.id, role, place):
        raise Refused(reason)
    _check_person(work, account, role)
    if faults := rules.term_faults(starts_on, ends_on, work.today):
        raise Invalid(faults)
    _make_way(work, account, organisation, role)
    post = rules.post_to_grant(viewer, role, place)
    row = _begin(
        work, account, organisation, role, starts_on, ends_on, viewer.account_id, post.appointment_id if post else None
    )
    _tell_both(work, viewer, account, organisation, row)
    return row


def appoint_system_admin(work: Work, account: Account, province: Organisation) -> Appointment:
    """Make ``account`` a system administrator: from a command on the machine, never from a page.

    Raises Refused when a request asks for it.
    """
    if work.actor.source != "command":
        raise Refused("系统管理员只能在服务器上设立")
    _make_way(work, account, province, Role.SYSTEM_ADMIN)
    return _begin(work, account, province, Role.SYSTEM_ADMIN, work.today, None, None, None)


def end(work: Work, viewer: Viewer, appointment: Appointment, reason: str) -> Ended:
    """End an appointment: one's own (resigning), or one that the viewer could give. Rights stop at the next request.

    When an organisation loses its last administrator, those above are told, so that none stands empty unnoticed.
    Raises Invalid on ``reason``, Refused when the viewer may not, Conflict when it has ended already.
    """
    viewer = as_of_now(work, viewer)
    work.session.refresh(appointment, with_for_update=True)
    organisation = _place_of(work, appointment)
    own = appointment.account_id == viewer.account_id
    if not own and not may_end(viewer, appointment, organisation):
        raise Refused("您不能结束这项任职，请联系它的上级团组织")
    if appointment.ended_at is not None:
        raise Conflict("这项任职已经结束了")
    if own and appointment.role == Role.SYSTEM_ADMIN:
        raise Refused("系统管理员只能在服务器上更换")
    if not (reason := reason.strip()):
        raise Invalid({"reason": "请填写原因"})
    return finish(work, appointment, organisation, viewer.account_id, reason, resigned=own)


def finish(
    work: Work, appointment: Appointment, organisation: Organisation, by: int | None, reason: str, *, resigned: bool
) -> Ended:
    """Write the end of an appointment, tell both sides and, when nobody leads there now, those above.

    The caller has checked that it may: ``end``, and operations that close or merge an organisation.
    """
    appointment.ended_at = work.now
    appointment.ended_by_id = by
    appointment.end_reason = reason[:500]
    work.session.flush()
    verb = "resign" if resigned else "end"
    name = ROLE_NAMES[appointment.role]
    record(
        work, f"appointments:appointment:{verb}", OBJECT, appointment.public_id, org_path=organisation.path,
        person_id=_person_of(work, appointment.account_id), reason=reason,
        changes={"role": (appointment.role.value, None), "ends_on": (appointment.ends_on, work.today)},
    )  # fmt: skip
    key = f"appointment:{appointment.public_id}:end"
    if not resigned:
        text = f"您的{organisation.name}{name}任职已结束。原因：{reason}"
        tell(work, appointment.account_id, key, "任职已结束", text, link=f"{LINK}/mine")
    refresh_in_use(work, organisation.path)
    return _tell_above(work, appointment, organisation, resigned=resigned)


def prolong(work: Work, viewer: Viewer, appointment: Appointment, ends_on: date | None) -> None:
    """Give a running appointment a later or earlier last day.

    Raises Invalid on ``ends_on``, Refused when the viewer could not give it, Conflict when it is over.
    """
    viewer = as_of_now(work, viewer)
    work.session.refresh(appointment, with_for_update=True)
    organisation = _place_of(work, appointment)
    if appointment.account_id == viewer.account_id or not may_end(viewer, appointment, organisation):
        raise Refused("您不能延长这项任职，请联系它的上级团组织")
    if appointment.ended_at is not None or (appointment.ends_on and appointment.ends_on < work.today):
        raise Conflict("这项任职已经结束了，请重新任命")
    begins = max(appointment.starts_on, work.today)
    if fault := rules.term_faults(begins, ends_on, work.today).get("ends_on"):
        raise Invalid({"ends_on": fault})
    before, appointment.ends_on = appointment.ends_on, ends_on
    record(
        work, "appointments:appointment:prolong", OBJECT, appointment.public_id, org_path=organisation.path,
        person_id=_person_of(work, appointment.account_id), changes={"ends_on": (before, ends_on)},
    )  # fmt: skip
    text = f"您的{organisation.name}{ROLE_NAMES[appointment.role]}任期改到 {ends_on}。"
    key = f"appointment:{appointment.public_id}:until:{ends_on}"
    tell(work, appointment.account_id, key, "任期有变化", text, link=f"{LINK}/mine")


def hand_over(
    work: Work, viewer: Viewer, appointment: Appointment, successor: Account, *, ends_on: date | None
) -> Appointment:
    """The superior's act: the successor begins today with the same post and the predecessor's ends, in one transaction.

    Raises what ``appoint`` and ``end`` raise; Refused when predecessor and successor are one.
    """
    if successor.id == appointment.account_id:
        raise Refused("接任人和离任人不能是同一个人")
    organisation = _place_of(work, appointment)
    begun = appoint(work, viewer, successor, organisation, appointment.role, starts_on=work.today, ends_on=ends_on)
    end(work, viewer, appointment, f"由{successor.name}接任")
    record(
        work, "appointments:appointment:hand_over", OBJECT, begun.public_id, org_path=organisation.path,
        changes={"from": (appointment.public_id, begun.public_id)},
    )  # fmt: skip
    return begun


def carry_on(
    work: Work, viewer: Viewer, account: Account, organisation: Organisation, former: Appointment
) -> Appointment:
    """The same post at the organisation that took up the former one. The caller has checked and ended the former.

    Its term stays as it was. Used by a merger.
    """
    starts_on = max(former.starts_on, work.today)
    post = rules.post_to_grant(viewer, former.role, rules.Place(organisation.path, organisation.kind))
    under = post.appointment_id if post else None
    row = _begin(work, account, organisation, former.role, starts_on, former.ends_on, viewer.account_id, under)
    text = f"您现在担任{organisation.name}{ROLE_NAMES[former.role]}，任期不变。"
    tell(work, account.id, f"appointment:{row.public_id}:begin", "您的任职随团组织合并转移", text, link=f"{LINK}/mine")
    return row


def confirm_below(work: Work, viewer: Viewer, organisation: Organisation) -> int:
    """After a move: posts given by somebody who no longer stands above are given anew by whoever moved the place.

    He may, since he holds the right over it and over its new parent; so no right stands on a ground that is gone.
    Returns how many.
    """
    giver, ground = aliased(Appointment), aliased(Organisation)
    rows = work.session.execute(
        select(Appointment, Organisation.path, Organisation.kind, ground.path)
        .join(Organisation, Organisation.id == Appointment.organisation_id)
        .join(giver, giver.id == Appointment.granted_under_id)
        .join(ground, ground.id == giver.organisation_id)
        .where(Organisation.path >= organisation.path, Organisation.path < path_end(organisation.path))
        .where(Appointment.ended_at.is_(None))
    ).all()
    lost = [(row, rules.Place(path, kind)) for row, path, kind, above in rows if not path.startswith(above)]
    for row, place in lost:
        post = rules.post_to_grant(viewer, row.role, place)
        own = row.account_id == viewer.account_id
        row.granted_by_id = None if own else viewer.account_id
        row.granted_under_id = None if own or post is None else post.appointment_id
    work.session.flush()
    return len(lost)


def nominate(work: Work, viewer: Viewer, appointment: Appointment, successor: Account) -> int:
    """Whoever leaves names a successor: those above are told and appoint, or do not. Returns how many were told.

    It gives no right by itself. Raises NotFound for another's appointment, Invalid on ``account``.
    """
    if appointment.account_id != viewer.account_id or appointment.ended_at is not None:
        raise NotFound
    organisation = _place_of(work, appointment)
    if successor.id == viewer.account_id:
        raise Invalid({"phone": "接任人不能是自己"})
    _check_person(work, successor, appointment.role)
    above = queries.heads_above(work.session, organisation.path, work.today)
    if not above:
        raise Refused("上级团组织还没有管理员，请联系省级团委")
    record(
        work, "appointments:appointment:nominate", OBJECT, appointment.public_id, org_path=organisation.path,
        changes={"successor": (None, successor.public_id)},
    )  # fmt: skip
    token = work.vault.seal("nominee", f"{appointment.public_id} {successor.public_id}")
    text = (
        f"{viewer.name}准备卸任{organisation.name}{ROLE_NAMES[appointment.role]}，提名{successor.name}接任，请您确认。"
    )
    for account_id in above:
        key = f"nomination:{appointment.public_id}:{successor.public_id}:{account_id}"
        tell(
            work,
            account_id,
            key,
            "请确认接任人",
            text,
            link=f"{LINK}/{appointment.public_id}/successor?who={quote(token, safe='')}",
        )
    return len(above)


def may_end(viewer: Viewer, appointment: Appointment, organisation: Organisation) -> bool:
    """Whether the viewer could give this role there, and so may take it."""
    place = rules.Place(organisation.path, organisation.kind)
    return rules.post_to_grant(viewer, appointment.role, place) is not None


def as_of_now(work: Work, viewer: Viewer) -> Viewer:
    """The viewer with the posts that are live inside this transaction."""
    posts = queries.live_posts(work.session, viewer.account_id, work.today)
    return replace(viewer, posts=posts, _scopes={})


def _tell_both(work: Work, viewer: Viewer, account: Account, organisation: Organisation, row: Appointment) -> None:
    """Tell whoever was appointed, and whoever appointed."""
    tell(
        work,
        account.id,
        f"appointment:{row.public_id}:begin",
        "您有新的任职",
        f"{viewer.name}任命您为{organisation.name}{ROLE_NAMES[row.role]}，从 {row.starts_on} 到 {row.ends_on}。"
        f"{FIRST_STEPS if row.role in queries.DECIDING else ''}不愿担任的，可以在“任职”里辞去。",
        link=f"{LINK}/mine",
    )
    tell(
        work,
        viewer.account_id,
        f"appointment:{row.public_id}:given",
        "任命已生效" if row.starts_on <= work.today else "任命已登记",
        f"您任命{account.name}为{organisation.name}{ROLE_NAMES[row.role]}，从 {row.starts_on} 到 {row.ends_on}。",
        link=LINK,
    )


def _begin(
    work: Work, account: Account, organisation: Organisation, role: Role, starts_on: date, ends_on: date | None,
    by: int | None, under: int | None,
) -> Appointment:  # fmt: skip
    row = Appointment(
        account_id=account.id,
        organisation_id=organisation.id,
        role=role,
        starts_on=starts_on,
        ends_on=ends_on,
        granted_by_id=by,
        granted_under_id=under,
        created_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    record(
        work, "appointments:appointment:begin", OBJECT, row.public_id, org_path=organisation.path,
        person_id=account.person_id,
        changes={"role": (None, role.value), "starts_on": (None, starts_on), "ends_on": (None, ends_on)},
    )  # fmt: skip
    refresh_in_use(work, organisation.path)
    return row


def _check_person(work: Work, account: Account, role: Role) -> None:
    if account.status != AccountStatus.ACTIVE:
        raise Invalid({"phone": "这个账号现在不能使用，不能任命"})
    if fault := rules.age_fault(role, account.birth_date, work.today):
        raise Invalid({"phone": fault})


def _make_way(work: Work, account: Account, organisation: Organisation, role: Role) -> None:
    """Raises Conflict when the role is held; one that ran out by its date is marked as ended."""
    held = work.session.scalars(
        select(Appointment).where(
            Appointment.account_id == account.id,
            Appointment.organisation_id == organisation.id,
            Appointment.role == role,
            Appointment.ended_at.is_(None),
        )
    ).one_or_none()
    if held is None:
        return
    if held.ends_on is None or held.ends_on >= work.today:
        raise Conflict(f"{account.name}已经是{organisation.name}的{ROLE_NAMES[role]}")
    held.ended_at, held.end_reason = work.now, "任期届满"
    work.session.flush()


def _tell_above(work: Work, appointment: Appointment, organisation: Organisation, *, resigned: bool) -> Ended:
    gone = appointment.role in queries.HEADS and not queries.heads_of(work.session, organisation.path, work.today)
    if not gone or organisation.status != OrganisationStatus.OPEN:
        return Ended(orphaned=False, told_above=0)
    above = queries.heads_above(work.session, organisation.path, work.today)
    name = ROLE_NAMES[appointment.role]
    text = f"{organisation.name}的最后一位{name}{'辞去了任职' if resigned else '的任职已结束'}，请尽快任命接任人。"
    for account_id in above:
        key = f"appointment:{appointment.public_id}:vacant:{account_id}"
        tell(work, account_id, key, "有团组织没有管理员了", text, link=LINK)
    return Ended(orphaned=True, told_above=len(above))


def _place_of(work: Work, appointment: Appointment) -> Organisation:
    return work.session.get_one(Organisation, appointment.organisation_id)


def _person_of(work: Work, account_id: int) -> int | None:
    return work.session.scalars(select(Account.person_id).where(Account.id == account_id)).one_or_none()
