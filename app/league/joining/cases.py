"""The same ID number on a file elsewhere: a case for the common ancestor opens, and the applicant is told nothing."""

from typing import Any

from sqlalchemy import bindparam, select

from app.kernel.audit.record import record
from app.kernel.db import reading
from app.kernel.db.types import path_chain
from app.kernel.work import Work
from app.league.accounts.models import Account
from app.league.joining import events as events
from app.league.joining.models import JoinRequest
from app.league.people.models import CaseKind, CaseState, FileState, IdentityCase, Person
from app.league.people.protect import ID_NUMBER


def settle(work: Work, request: JoinRequest, id_number: str) -> None:
    """Open, keep or cancel the case of ``request``, as its ID number asks for.

    A waiting imported file inside the request's own organisation needs no case: approval claims it.
    """
    file = _file_elsewhere(work, request, id_number)
    case = case_of(work, request)
    if file is None:
        if case is not None:
            cancel(work, request)
        return
    kind = CaseKind.TRANSFER if _has_owner(work, file.id) else CaseKind.CLAIM
    place = common_ancestor(file.org_path, request.org_path)
    if case is None:
        case = IdentityCase(request_id=request.id, version=0)
        work.session.add(case)
    elif case.state is CaseState.OPEN and case.person_id == file.id and case.org_path == place:
        return
    case.kind, case.person_id, case.org_path = kind, file.id, place
    case.state, case.opened_at, case.version = CaseState.OPEN, work.now, case.version + 1
    work.session.flush()
    record(work, "people:case:open", "identity_case", case.public_id, org_path=place, person_id=file.id)


def cancel(work: Work, request: JoinRequest) -> None:
    """End the open case of ``request``, when there is one."""
    case = case_of(work, request)
    if case is None or case.state is not CaseState.OPEN:
        return
    case.state, case.version = CaseState.CANCELLED, case.version + 1
    record(
        work, "people:case:cancel", "identity_case", case.public_id, org_path=case.org_path, person_id=case.person_id
    )


def case_of(work: Work, request: JoinRequest) -> IdentityCase | None:
    """The case of ``request``, in whatever state."""
    return work.session.scalars(select(IdentityCase).where(IdentityCase.request_id == request.id)).one_or_none()


def common_ancestor(one: str, other: str) -> str:
    """The longest path above both, which may be one of them.

    >>> common_ancestor("000010000200003", "000010000200004")
    '0000100002'
    """
    shared = [path for path in path_chain(one) if path in path_chain(other)]
    return shared[-1] if shared else ""


def _file_elsewhere(work: Work, request: JoinRequest, id_number: str) -> Any:
    indexes = work.vault.indexes(ID_NUMBER, id_number)
    file = next(iter(reading.rows(work.session, _ON_FILE, indexes=indexes)), None)
    if file is None or (file.state is FileState.WAITING and file.org_path.startswith(request.org_path)):
        return None
    return file


_ON_FILE = select(Person.id, Person.org_path, Person.state).where(
    Person.id_number_index.in_(bindparam("indexes", expanding=True)), Person.state != FileState.CLOSED
)


def _has_owner(work: Work, person_id: int) -> bool:
    return work.session.execute(select(Account.id).where(Account.person_id == person_id)).first() is not None
