"""Reading codes. What a code finds is public; the lists of those who hand codes out take a scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kernel.access.scope import Scope
from app.kernel.errors import NotFound
from app.kernel.masking import mask_name
from app.league.accounts.models import Account
from app.league.appointments import queries as appointments
from app.league.codes.models import CadreCode, ClassCode
from app.league.joining.models import JoinRequest, RequestState
from app.league.organisations import counters
from app.league.organisations.expected import totals_below, whole
from app.league.organisations.models import Kind, Organisation, OrganisationStatus

PAGE = 50
SLIPS = 200


class Room(NamedTuple):
    """已审, 已填 and 总数 of one branch."""

    reviewed: int
    filled: int
    total: int

    @property
    def full(self) -> bool:
        """Whether nobody else is expected."""
        return self.filled >= self.total


class Form(NamedTuple):
    """One application of a branch as its secretary's list has it."""

    public_id: str
    name: str
    state: RequestState
    submitted_at: datetime


@dataclass(frozen=True)
class Invited:
    """A cadre code with the branch it is for."""

    code: CadreCode
    branch: Organisation

    def state(self, now: datetime) -> str:
        """used, revoked, expired or open."""
        if self.code.used_at:
            return "used"
        if self.code.revoked_at:
            return "revoked"
        return "open" if self.code.expires_at > now else "expired"


def running(session: Session, organisation_id: int) -> ClassCode | None:
    """The code of a branch that was not ended; its window may be over."""
    query = select(ClassCode).where(ClassCode.organisation_id == organisation_id, ClassCode.ended_at.is_(None))
    return session.scalars(query).one_or_none()


def by_digits(session: Session, code: str) -> ClassCode | None:
    """The running code with these digits, else the last that had them; None when nobody ever did."""
    query = select(ClassCode).where(ClassCode.code == code)
    return session.scalars(query.order_by(ClassCode.ended_at.is_(None).desc(), ClassCode.id.desc()).limit(1)).first()


def by_token(session: Session, token: str) -> tuple[ClassCode, Organisation]:
    """The code a link or a QR carries, with its branch. Raises NotFound."""
    query = select(ClassCode, Organisation).join(Organisation, Organisation.id == ClassCode.organisation_id)
    found = session.execute(query.where(ClassCode.token == token)).one_or_none()
    if found is None:
        raise NotFound
    return found.ClassCode, found.Organisation


def secretary(session: Session, branch: Organisation, today: date) -> str:
    """The surname of who leads ``branch``, by which its members know it: 王**; "" where nobody does."""
    heads = appointments.heads_of(session, branch.path, today)
    return mask_name(session.scalars(select(Account.name).where(Account.id == heads[0])).one()) if heads else ""


def room(session: Session, branch: Organisation) -> Room:
    """How far ``branch`` has come."""
    stages = counters.stages(counters.figures_of(session, [branch.path]).get(branch.path, {}))
    return Room(stages.reviewed, stages.filled, whole(totals_below(session, branch), branch.path))


def forms(scope: Scope, session: Session, branch: Organisation, *, after: str = "") -> list[Form]:
    """The applications of ``branch``, those that wait first, then in the order they came, ``PAGE`` at a time.

    ``after``: the public id of the last one shown. Raises NotFound outside the scope.
    """
    scope.require(branch.path)
    waits = JoinRequest.state == RequestState.SUBMITTED
    shown = (RequestState.SUBMITTED, RequestState.RETURNED, RequestState.APPROVED)
    query = (
        select(JoinRequest.public_id, JoinRequest.name, JoinRequest.state, JoinRequest.submitted_at)
        .where(JoinRequest.org_path == branch.path, JoinRequest.state.in_(shown))
        .order_by(waits.desc(), JoinRequest.id)
        .limit(PAGE)
    )
    if after:
        last = session.execute(select(JoinRequest.id, JoinRequest.state).where(JoinRequest.public_id == after)).first()
        if last is None:
            raise NotFound
        later = JoinRequest.id > last.id
        query = query.where(later | ~waits if last.state is RequestState.SUBMITTED else later & ~waits)
    return [Form._make(row) for row in session.execute(query)]


def open_branches(session: Session, drawn: Sequence[int], most: int, own: int) -> list[Organisation]:
    """The branch ``own`` (0: none) and the first of the rows ``drawn`` that are open branches, ``most`` together.

    Where too few were drawn, the first branches there are.
    """
    standing = (Organisation.kind == Kind.BRANCH) & (Organisation.status == OrganisationStatus.OPEN)
    wanted = select(Organisation).where((Organisation.id == own) | (Organisation.id.in_(drawn) & standing))
    found = {row.id: row for row in session.scalars(wanted)}
    rows = [found[key] for key in dict.fromkeys([own, *drawn]) if key in found][:most]
    if len(rows) < most:
        others = select(Organisation).where(standing, Organisation.id.not_in([row.id for row in rows]))
        rows += session.scalars(others.order_by(Organisation.id).limit(most - len(rows)))
    return rows


def last_row(session: Session) -> int:
    """The largest key an organisation has."""
    return session.scalar(select(func.max(Organisation.id))) or 1


def invited(scope: Scope, session: Session, parent: Organisation, *, before: str = "") -> list[Invited]:
    """The cadre codes for branches in the subtree of ``parent``, the newest first, following the one called ``before``."""
    inside = scope.narrowed(parent.path)
    query = (
        select(CadreCode, Organisation)
        .join(Organisation, Organisation.id == CadreCode.organisation_id)
        .where(inside.within(Organisation.path))
        .order_by(CadreCode.id.desc())
        .limit(PAGE)
    )
    if before:
        last = select(CadreCode.id).where(CadreCode.public_id == before)
        query = query.where(CadreCode.id < last.scalar_subquery())
    return [Invited(code, branch) for code, branch in session.execute(query)]


def waiting(scope: Scope, session: Session, parent: Organisation, now: datetime, *, after: str = "") -> list[Invited]:
    """The cadre codes in the subtree of ``parent`` that wait to be used, in the order they were made, ``SLIPS`` at a time.

    ``after``: the public id of the last one shown.
    """
    query = (
        select(CadreCode, Organisation)
        .join(Organisation, Organisation.id == CadreCode.organisation_id)
        .where(scope.narrowed(parent.path).within(Organisation.path))
        .where(CadreCode.used_at.is_(None), CadreCode.revoked_at.is_(None), CadreCode.expires_at > now)
        .order_by(CadreCode.id)
        .limit(SLIPS)
    )
    if after:
        last = select(CadreCode.id).where(CadreCode.public_id == after)
        query = query.where(CadreCode.id > last.scalar_subquery())
    return [Invited(code, branch) for code, branch in session.execute(query)]


def cadre_code(scope: Scope, session: Session, public_id: str) -> Invited:
    """One cadre code. Raises NotFound for an absent and for a foreign one alike."""
    query = select(CadreCode, Organisation).join(Organisation, Organisation.id == CadreCode.organisation_id)
    found = session.execute(query.where(CadreCode.public_id == public_id).with_for_update(of=CadreCode)).one_or_none()
    if found is None:
        raise NotFound
    scope.require(found.Organisation.path)
    return Invited(found.CadreCode, found.Organisation)
