"""The League's invariants: what no sequence of operations may ever leave behind.

Each is a SELECT that returns nothing while all is well, or a recount compared with what is kept.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, String, func, literal, or_, select, type_coerce
from sqlalchemy.orm import aliased

from app.kernel.access.rules import Role
from app.kernel.audit.models import AuditEntry
from app.kernel.clock import years_before
from app.kernel.db.types import path_step
from app.kernel.verification import check, invariant
from app.kernel.work import Work
from app.league.accounts.models import Account, AccountStatus, Consent, ConsentState, SignIn
from app.league.appointments.models import Appointment
from app.league.joining.models import OPEN_STATES, Decision, JoinRequest, RequestState
from app.league.organisations import recount
from app.league.organisations.models import FigureDay, Kind, Organisation, OrganisationStatus
from app.league.people import name_index
from app.league.people.models import Correction, FileState, IdentityCase, Membership, Person, Standing
from app.league.rules import rule


@check("figures.counters", "各级数字与逐条清点一致")
def _counters(work: Work) -> Iterator[str]:
    kept, counted = recount.kept(work.session), recount.counted(work.session)
    for path, measure in sorted(kept.keys() | counted.keys()):
        if kept[path, measure] != counted[path, measure]:
            name = work.session.scalar(select(Organisation.name).where(Organisation.path == path))
            yield f"{name} {measure} 记为 {kept[path, measure]}，实为 {counted[path, measure]}"


@check("figures.in_use", "“已启用”与档案、任职相符")
def _in_use(work: Work) -> Iterator[str]:
    marked = set(work.session.scalars(select(Organisation.path).where(Organisation.in_use)))
    for path in sorted(marked ^ recount.in_use(work)):
        name = work.session.scalar(select(Organisation.name).where(Organisation.path == path))
        yield f"{name} {'不该' if path in marked else '应当'}标为已启用"


@check("figures.days", "每日数字到昨天为止，一天不缺")
def _days(work: Work) -> Iterator[str]:
    province = select(Organisation.id).where(Organisation.parent_id.is_(None)).scalar_subquery()
    days = set(work.session.scalars(select(FigureDay.day).where(FigureDay.organisation_id == province)))
    for number in range((max(days) - min(days)).days if days else 0):
        if (day := min(days) + timedelta(days=number)) not in days:
            yield f"{day} 没有记下"
    for day in work.session.scalars(select(FigureDay.day).where(FigureDay.day >= work.today).distinct()):
        yield f"{day} 还没有过完，却已记下"


@check("organisations.tree", "组织树的路径与上级一致，没有环和孤儿")
def _tree(work: Work) -> Iterator[str]:
    columns = (Organisation.id, Organisation.parent_id, Organisation.path, Organisation.depth, Organisation.name)
    rows = {row.id: row for row in work.session.execute(select(*columns))}
    for row in rows.values():
        above = rows.get(row.parent_id) if row.parent_id else None
        path, depth = (above.path, above.depth + 1) if above else ("", 0)
        if row.path != path + path_step(row.id) or row.depth != depth:
            yield f"{row.name} 的路径与上级不符"


@check("people.names", "每份档案都能按姓名找到")
def _names(work: Work) -> Iterator[str]:
    yield from name_index.missing(work.session)


def _misplaced(table: Any) -> Select[Any]:
    """Rows whose copy of the path is not that of their organisation."""
    return (
        select(table.public_id)
        .join(Organisation, Organisation.id == table.organisation_id)
        .where(table.org_path != Organisation.path)
    )


invariant("people.place", "档案的位置与所在组织一致", _misplaced(Person))
invariant("joining.place", "申请的位置与所选组织一致", _misplaced(JoinRequest))
invariant(
    "people.corrections",
    "更正申请跟着档案走",
    select(Correction.public_id)
    .join(Person, Person.id == Correction.person_id)
    .where(Correction.state == "submitted", Correction.org_path != Person.org_path),
)
invariant(
    "people.members",
    "团员都在自己的支部有一条团籍",
    select(Person.public_id)
    .outerjoin(Membership, (Membership.person_id == Person.id) & Membership.until_on.is_(None))
    .where(Person.standing == Standing.MEMBER, Person.state != FileState.CLOSED)
    .where(or_(Membership.id.is_(None), Membership.organisation_id != Person.organisation_id)),
)
invariant(
    "people.memberships",
    "不是团员或已注销的档案没有团籍，谁也没有两份",
    select(Person.public_id)
    .join(Membership, (Membership.person_id == Person.id) & Membership.until_on.is_(None))
    .group_by(Person.public_id, Person.standing, Person.state)
    .having(or_(func.count() > 1, Person.standing != Standing.MEMBER, Person.state == FileState.CLOSED)),
)
invariant(
    "joining.approved",
    "通过的申请都有档案",
    select(JoinRequest.public_id)
    .outerjoin(Person, Person.id == JoinRequest.person_id)
    .where(JoinRequest.state == RequestState.APPROVED, Person.id.is_(None)),
)
invariant(
    "joining.decided",
    "审批结论与申请的状态一致",
    select(JoinRequest.public_id)
    .outerjoin(
        Decision,
        (Decision.request_id == JoinRequest.id) & (Decision.round == JoinRequest.round) & Decision.undone_at.is_(None),
    )
    .where(JoinRequest.state.in_((RequestState.APPROVED, RequestState.REJECTED, RequestState.RETURNED)))
    .where(Decision.id.is_(None)),
)
invariant(
    "joining.audited",
    "每次审批都有审计记录",
    select(Decision.public_id)
    .join(JoinRequest, JoinRequest.id == Decision.request_id)
    .outerjoin(
        AuditEntry,
        (AuditEntry.object_type == "join_request")
        & (AuditEntry.object_id == JoinRequest.public_id)
        & (AuditEntry.actor_account_id == Decision.account_id)
        & (AuditEntry.action == literal("joining:request:").concat(type_coerce(Decision.verdict, String))),
    )
    .where(AuditEntry.id.is_(None)),
)
invariant(
    "joining.closed",
    "撤销的组织里没有未了的申请",
    select(JoinRequest.public_id)
    .join(Organisation, Organisation.id == JoinRequest.organisation_id)
    .where(JoinRequest.state.in_(OPEN_STATES), Organisation.status != OrganisationStatus.OPEN),
)
invariant(
    "joining.cases",
    "身份核实的案件随申请了结",
    select(IdentityCase.public_id)
    .join(JoinRequest, JoinRequest.id == IdentityCase.request_id)
    .where(IdentityCase.state == "open", JoinRequest.state.not_in(OPEN_STATES)),
)


def _appointments(work: Work) -> Select[Any]:
    """Live posts that the rules do not allow."""
    live = Appointment.ended_at.is_(None) & or_(Appointment.ends_on.is_(None), Appointment.ends_on >= work.today)
    return (
        select(Appointment.public_id)
        .join(Organisation, Organisation.id == Appointment.organisation_id)
        .join(Account, Account.id == Appointment.account_id)
        .where(live)
        .where(
            or_(
                Organisation.status != OrganisationStatus.OPEN,
                Account.status == AccountStatus.DISABLED,
                (Appointment.role == Role.SYSTEM_ADMIN) & Organisation.parent_id.is_not(None),
                (Appointment.role == Role.BRANCH_SECRETARY)
                & Organisation.kind.not_in((Kind.BRANCH, Kind.GENERAL_BRANCH)),
            )
        )
    )


def _ungiven(work: Work) -> Select[Any]:
    """Live posts given by somebody whose own post did not reach there: beside, above, or by a mere delegate."""
    giver, place = aliased(Appointment), aliased(Organisation)
    return (
        select(Appointment.public_id)
        .join(Organisation, Organisation.id == Appointment.organisation_id)
        .join(giver, giver.id == Appointment.granted_under_id)
        .join(place, place.id == giver.organisation_id)
        .where(Appointment.ended_at.is_(None))
        .where(or_(Appointment.ends_on.is_(None), Appointment.ends_on >= work.today))
        .where(
            or_(
                giver.account_id == Appointment.account_id,
                func.substr(Organisation.path, 1, func.length(place.path)) != place.path,
                giver.role.not_in((Role.SYSTEM_ADMIN, Role.COMMITTEE_ADMIN)),
            )
        )
    )


def _without_guardian(work: Work) -> Select[Any]:
    """Children who may sign in although no guardian agreed."""
    given = select(Consent.id).where(
        Consent.account_id == Account.id, Consent.purpose == "guardian", Consent.state == ConsentState.GIVEN
    )
    young = Account.birth_date > years_before(work.today, rule("guardian.age_under", work.today))
    return select(Account.public_id).where(Account.status == AccountStatus.ACTIVE, young, ~given.exists())


invariant("appointments.rules", "在任的职务都合规", _appointments)
invariant("appointments.given", "职务都由管得着的上级授予", _ungiven)
invariant("accounts.guardians", "不满十四周岁的账号都有监护人同意", _without_guardian)
invariant(
    "accounts.sessions",
    "停用的账号没有登录着的会话",
    lambda work: (
        select(Account.public_id)
        .join(SignIn, SignIn.account_id == Account.id)
        .where(Account.status == AccountStatus.DISABLED, SignIn.revoked_at.is_(None), SignIn.expires_at > work.now)
        .distinct()
    ),
)
invariant(
    "accounts.people",
    "账号连着的档案都已认领",
    select(Account.public_id).join(Person, Person.id == Account.person_id).where(Person.state == FileState.WAITING),
)
