"""Reading appointments."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVarTuple

from sqlalchemy import ColumnElement, Date, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from app.kernel import limits
from app.kernel.access.powers import Power
from app.kernel.access.rules import Role, reach_of
from app.kernel.access.scope import Scope
from app.kernel.access.viewer import Post, Viewer
from app.kernel.db.reading import rows
from app.kernel.db.types import path_chain, path_end
from app.kernel.errors import Invalid, NotFound
from app.kernel.work import Work
from app.league.accounts.models import Account, AccountStatus
from app.league.appointments.models import Appointment
from app.league.appointments.rules import ENDING_SOON, Place, roles_at
from app.league.joining.models import JoinRequest, RequestState
from app.league.notices.models import Notice, NoticeState
from app.league.organisations.models import Organisation, OrganisationStatus
from app.league.people.facts import clean_phone
from app.league.people.models import CaseState, Correction, CorrectionState, IdentityCase

Ts = TypeVarTuple("Ts")
DECIDING = tuple(role for role in Role if reach_of(role, Power.JOINING_DECIDE) is not None)
UNSENT = (NoticeState.DRAFT, NoticeState.SCHEDULED)
HEADS = (Role.COMMITTEE_ADMIN, Role.BRANCH_SECRETARY)
POST = (
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
"""The columns of a Post."""
_LIVE_POSTS = (
    select(*POST)
    .join(Organisation, Organisation.id == Appointment.organisation_id)
    .where(Appointment.ended_at.is_(None), Organisation.status == OrganisationStatus.OPEN)
    .order_by(Organisation.path, Appointment.id)
)


@dataclass(frozen=True)
class Row:
    """An appointment with its account and organisation, for lists."""

    appointment: Appointment
    account_public_id: str
    account_name: str
    organisation: Organisation

    @property
    def role(self) -> Role:
        """The role, for templates."""
        return self.appointment.role

    def live(self, today: date) -> bool:
        """Whether it gives rights on ``today``."""
        held = self.appointment
        began = held.starts_on <= today
        return held.ended_at is None and began and (held.ends_on is None or held.ends_on >= today)

    def ends_soon(self, today: date) -> bool:
        """Whether it ends within fourteen days."""
        return self.live(today) and (end := self.appointment.ends_on) is not None and end <= today + ENDING_SOON


def live_posts(session: Session, account_id: int, today: date) -> tuple[Post, ...]:
    """The posts of an account on ``today``: begun, not past their last day, not ended, organisation open."""
    return tuple(Post(*row) for row in rows(session, _LIVE_OF_ONE, account=account_id, today=today))


def deciders_for(session: Session, path: str, today: date) -> list[int]:
    """Account ids of those who may decide on an application at ``path``, the nearest first."""
    return _holders(session, path_chain(path), DECIDING, today)


def heads_above(session: Session, path: str, today: date) -> list[int]:
    """Account ids of the administrators of the nearest organisation above ``path`` that has any.

    Above the province stand the system administrators.
    """
    chain = path_chain(path)[:-1]
    for above in reversed(chain):
        if found := _holders(session, [above], HEADS, today):
            return found
    return _holders(session, path_chain(path)[:1], (Role.SYSTEM_ADMIN,), today)


def heads_of(session: Session, path: str, today: date, *, but: int | None = None) -> list[int]:
    """Account ids of the live administrators of the organisation at ``path`` itself, except the account ``but``."""
    return [found for found in _holders(session, [path], HEADS, today) if found != but]


def reading(viewer: Viewer) -> Scope:
    """Whose appointments ``viewer`` sees: of his subtrees; the system administrator those of the province itself."""
    scope = viewer.scope(Power.APPOINTMENTS_READ)
    return scope or viewer.scope(Power.APPOINTMENTS_PROVINCE)


def place(viewer: Viewer, session: Session, public_id: str) -> Organisation:
    """An open organisation where ``viewer`` may appoint somebody. Raises NotFound for any other, known or not."""
    found = session.scalars(
        select(Organisation).where(Organisation.public_id == public_id, Organisation.status == OrganisationStatus.OPEN)
    ).one_or_none()
    if found is None or not roles_at(viewer, Place(found.path, found.kind)):
        raise NotFound
    return found


def count_lookup(work: Work) -> None:
    """Count a phone that is about to be looked up, in a transaction of its own: what fails later counts as well.

    Raises TooMany at the limit appoint.lookup.
    """
    limits.hit(work.session, work.vault, "appoint.lookup", str(work.actor.account_id), now=work.now.timestamp())


def account_by_phone(work: Work, phone: str) -> Account | None:
    """The account registered with exactly this phone; typed in a form's body, never in an address.

    Raises Invalid when it is no phone number. This is no directory: the caller has counted (``count_lookup``).
    """
    try:
        number = clean_phone(phone)
    except Invalid as problem:
        raise Invalid({"phone": problem.text}) from problem
    known = work.vault.indexes("phone", number)
    return work.session.scalars(select(Account).where(Account.phone_index.in_(known))).one_or_none()


def account_by_public_id(session: Session, public_id: str) -> Account | None:
    """The account behind a sealed nomination."""
    return session.scalars(select(Account).where(Account.public_id == public_id)).one_or_none()


@dataclass(frozen=True)
class Inheritance:
    """What a successor finds at the organisation."""

    pending: int
    returned: int
    cases: int
    notices: int
    corrections: int
    below: int
    """Live appointments below: they stay as they are."""
    others: list[Row]
    above: int


def inheritance(work: Work, row: Row) -> Inheritance:
    """What goes with the post in ``row``: nothing of it hangs on the person, all of it on the organisation."""
    session, path = work.session, row.organisation.path

    def count(model: type[JoinRequest] | type[Correction], state: str) -> int:
        inside = (model.org_path >= path) & (model.org_path < path_end(path))
        return session.scalar(select(func.count()).select_from(model).where(inside, model.state == state)) or 0

    drafts = select(func.count()).select_from(Notice).where(Notice.issuer_path == path, Notice.state.in_(UNSENT))
    return Inheritance(
        pending=count(JoinRequest, RequestState.SUBMITTED),
        returned=count(JoinRequest, RequestState.RETURNED),
        notices=session.scalar(drafts) or 0,
        cases=_open_cases(session, path),
        below=_posts_below(work, path),
        corrections=count(Correction, CorrectionState.SUBMITTED),
        others=[o for o in at(session, [row.organisation.id], work.today) if o.appointment.id != row.appointment.id],
        above=len(heads_above(session, path, work.today)),
    )


def _open_cases(session: Session, path: str) -> int:
    inside = (IdentityCase.org_path >= path) & (IdentityCase.org_path < path_end(path))
    query = select(func.count()).select_from(IdentityCase).where(inside, IdentityCase.state == CaseState.OPEN)
    return session.scalar(query) or 0


def _posts_below(work: Work, path: str) -> int:
    query = (
        select(func.count())
        .select_from(Appointment)
        .join(Organisation, Organisation.id == Appointment.organisation_id)
        .where(Organisation.path > path, Organisation.path < path_end(path), Appointment.ended_at.is_(None))
        .where(Organisation.status == OrganisationStatus.OPEN, *_live_on(work.today))
    )
    return work.session.scalar(query) or 0


def by_public_id(scope: Scope, session: Session, public_id: str, *, own: int | None = None) -> Row:
    """The appointment. Raises NotFound when it is absent or outside the scope, unless it belongs to account ``own``."""
    found = session.execute(_ROWS.where(Appointment.public_id == public_id)).one_or_none()
    if found is None or (found[0].account_id != own and not scope.covers(found[3].path)):
        raise NotFound
    return Row(*found)


def listed(
    scope: Scope, session: Session, today: date, *, path: str | None = None, soon: bool = False,
    after: tuple[str, int] | None = None, size: int = 50,
) -> list[Row]:  # fmt: skip
    """Who holds what inside the scope, in the order of the tree; ended and expired ones are left out.

    ``path``: only that subtree. ``soon``: only what ends within fourteen days. ``after``: (path, id) last seen.
    """
    query = _ROWS.where(scope.within(Organisation.path), Appointment.ended_at.is_(None)).where(
        Organisation.status == OrganisationStatus.OPEN,
        *(_soon(today, today + ENDING_SOON) if soon else [_not_over(today)]),
    )
    if path is not None:
        query = query.where(Organisation.path >= path, Organisation.path < path_end(path))
    if after is not None:
        query = query.where(
            or_(Organisation.path > after[0], (Organisation.path == after[0]) & (Appointment.id > after[1]))
        )
    return _rows(session, query.order_by(Organisation.path, Appointment.id).limit(size))


def ending(inside: Callable[[Any], ColumnElement[bool]]) -> Select[int]:
    """Ids of the appointments inside that end between ``today`` and ``soon``, those of ``account`` left out: parameters."""
    return (
        select(Appointment.id)
        .join(Organisation, Organisation.id == Appointment.organisation_id)
        .where(inside(Organisation.path), Appointment.ended_at.is_(None))
        .where(*_soon(bindparam("today", type_=Date), bindparam("soon", type_=Date)))
        .where(Organisation.status == OrganisationStatus.OPEN, Appointment.account_id != bindparam("account"))
    )


def _soon(today: Any, last: Any) -> tuple[ColumnElement[bool], ...]:
    """Begun, and over by ``last``. Both ends are said: there is an index by the last day."""
    return Appointment.ends_on >= today, Appointment.ends_on <= last, Appointment.starts_on <= today


def _not_over(today: date) -> ColumnElement[bool]:
    return or_(Appointment.ends_on.is_(None), Appointment.ends_on >= today)


def at(session: Session, organisation_ids: Sequence[int], today: date) -> list[Row]:
    """The live and coming appointments of organisations the caller may already see."""
    query = _ROWS.where(Appointment.organisation_id.in_(organisation_ids), Appointment.ended_at.is_(None)).where(
        _not_over(today)
    )
    return _rows(session, query.order_by(Organisation.path, Appointment.id))


def of_account(session: Session, account_id: int, today: date) -> list[Row]:
    """An account's own live and coming appointments."""
    query = _ROWS.where(Appointment.account_id == account_id, Appointment.ended_at.is_(None)).where(
        _not_over(today),
        Organisation.status == OrganisationStatus.OPEN,
    )
    return _rows(session, query.order_by(Organisation.path, Appointment.id))


_ROWS: Select[Appointment, str, str, Organisation] = (
    select(Appointment, Account.public_id, Account.name, Organisation)
    .join(Organisation, Organisation.id == Appointment.organisation_id)
    .join(Account, Account.id == Appointment.account_id)
)


def _rows(session: Session, query: Select[Appointment, str, str, Organisation]) -> list[Row]:
    return [Row(*row) for row in session.execute(query)]


def _holders(session: Session, paths: Sequence[str], roles: Sequence[Role], today: date) -> list[int]:
    query = (
        select(Appointment.account_id)
        .join(Organisation, Organisation.id == Appointment.organisation_id)
        .join(Account, Account.id == Appointment.account_id)
        .where(Organisation.path.in_(paths), Organisation.status == OrganisationStatus.OPEN)
        .where(Appointment.role.in_(roles), Account.status == AccountStatus.ACTIVE, *_live_on(today))
        .where(Appointment.ended_at.is_(None))
        .order_by(Organisation.depth.desc(), Appointment.id)
    )
    return list(dict.fromkeys(session.scalars(query)))


def with_posts(query: Select[*Ts], today: Any) -> Select[*Ts]:
    """``query`` over accounts, with the columns of each live post besides; they are None for who has none."""
    held = and_(Appointment.account_id == Account.id, Appointment.ended_at.is_(None), *_live_on(today))
    place = and_(Organisation.id == Appointment.organisation_id, Organisation.status == OrganisationStatus.OPEN)
    both = query.outerjoin(Appointment, held).outerjoin(Organisation, place)
    return both.add_columns(*POST).order_by(Organisation.path, Appointment.id)


def posts_in(rows: Iterable[Sequence[Any]]) -> tuple[Post, ...]:
    """The posts at the end of rows of ``with_posts``."""
    found = (row[-len(POST) :] for row in rows)
    return tuple(Post(*columns) for columns in found if columns[0] is not None and columns[3] is not None)


def _live_on(today: Any) -> tuple[ColumnElement[bool], ...]:
    return (Appointment.starts_on <= today, or_(Appointment.ends_on.is_(None), Appointment.ends_on >= today))


def holder(session: Session, appointment: Appointment) -> Account:
    """The account that holds ``appointment``, locked for a change."""
    return session.scalars(select(Account).where(Account.id == appointment.account_id).with_for_update()).one()


_LIVE_OF_ONE = _LIVE_POSTS.where(
    Appointment.account_id == bindparam("account"), *_live_on(bindparam("today", type_=Date))
)
"""Asked before every decision, so it is made once."""
