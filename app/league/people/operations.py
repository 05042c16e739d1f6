"""How a file (电子档案) comes to be: made from an approved application, or claimed when it was imported before."""

from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.kernel.audit.record import record
from app.kernel.errors import Conflict, Refused
from app.kernel.work import Work
from app.league.accounts.models import Account
from app.league.joining.models import JoinRequest
from app.league.organisations import counters
from app.league.organisations.models import Organisation
from app.league.organisations.operations import mark_in_use, refresh_in_use
from app.league.people import events as events
from app.league.people import history
from app.league.people.fields import FIELDS, EditClass
from app.league.people.models import (
    Correction,
    CorrectionState,
    FileFields,
    FileState,
    Membership,
    Person,
    PersonChange,
    Standing,
)
from app.league.people.protect import ID_NUMBER

COPIED = tuple(name for name in FileFields.__annotations__ if name not in ("organisation_id", "org_path"))
"""The columns an application states and a file keeps."""
CLAIM_REASON = "认领时，申请里填的和导入的档案不一样"


def files_with_id_number(work: Work, id_number: str) -> list[Person]:
    """The live files with this document number, wherever they stand: for checks, never to be shown."""
    return list(work.session.scalars(_NUMBERED, {"indexes": work.vault.indexes(ID_NUMBER, id_number)}))


_NUMBERED = select(Person).where(
    Person.id_number_index.in_(bindparam("indexes", expanding=True)), Person.state != FileState.CLOSED
)


def create_file(work: Work, request: JoinRequest, organisation: Organisation, *, counted: bool = True) -> Person:
    """Make the file of an approved applicant at ``organisation``: file, 团籍 of a member, history, counters, audit.

    ``counted``: False leaves the counters to the caller, who moves those of many files (``measures``) at once.
    A live file with the same document number fails on the unique index (IntegrityError). Raises Refused when the
    account has another file.
    """
    person = Person(
        **{name: getattr(request, name) for name in COPIED},
        organisation_id=organisation.id,
        org_path=organisation.path,
        state=FileState.ACTIVE,
        verified=True,
        created_at=work.now,
        approved_at=work.now,
    )
    work.session.add(person)
    work.session.flush()
    give_owner(work, person, request.account_id)
    if person.standing is Standing.MEMBER:
        _begin_membership(work, person)
    history.note(work, person, {history.CREATED: (None, organisation.full_name)}, history.CREATED)
    if counted:
        count(work.session, person, +1)
    mark_in_use(work.session, [person.org_path])
    record(work, "people:file:create", "person", person.public_id, org_path=person.org_path, person_id=person.id)
    return person


def claim_file(work: Work, person: Person, request: JoinRequest) -> None:
    """Give the waiting imported ``person`` to its owner, whose application was approved.

    What the owner may change freely or under review is taken from the application, and noted as changes. Where a
    locked fact differs the file stands, and a correction is opened so that somebody decides.
    Raises Conflict when the file is no longer waiting, Refused when the account has another file.
    """
    work.session.refresh(person, with_for_update=True)
    if person.state is not FileState.WAITING:
        raise Conflict("这份档案已经有人认领，请重新看一遍")
    give_owner(work, person, request.account_id)
    taken: dict[str, tuple[Any, Any]] = {"state": (person.state, FileState.ACTIVE)}
    doubted = []
    for name, field in FIELDS.items():
        old = history.value_of(work.vault, person, name)
        new = history.value_of(work.vault, request, name)
        if new in ("", None) or old == new:
            continue
        if field.edit is EditClass.LOCKED and old not in ("", None):
            doubted.append((name, old, new))
        else:
            taken[name] = (old, new)
            write(person, request, name)
    person.state, person.verified, person.approved_at = FileState.ACTIVE, True, work.now
    person.version += 1
    work.session.flush()
    start_membership(work, person)
    history.note(work, person, taken, "claim")
    _doubt(work, person, request, doubted)
    refresh_in_use(work, person.org_path)
    record(
        work,
        "people:file:claim",
        "person",
        person.public_id,
        org_path=person.org_path,
        person_id=person.id,
        changes=taken,
    )


def unmake_file(work: Work, person: Person, request: JoinRequest) -> None:
    """Take back what approving ``request`` did: a made file goes, a claimed one waits again as it was.

    The caller has taken the file off the application. Raises Conflict when something was built on the file since.
    """
    work.session.refresh(person, with_for_update=True)
    rows = history.changes_of(work.session, person.id)
    if person.state is not FileState.ACTIVE or not rows or rows[0].cause not in (history.CREATED, "claim"):
        raise Conflict("这份档案之后又有变动，不能再撤销")
    claimed = rows[0].cause == "claim"
    record(
        work,
        "people:file:unclaim" if claimed else "people:file:unmake",
        "person",
        person.public_id,
        org_path=person.org_path,
        person_id=person.id,
    )
    work.session.execute(update(Account).where(Account.person_id == person.id).values(person_id=None))
    if claimed:
        _wait_again(work, person, [row for row in rows if row.cause == "claim" and row.at == rows[0].at])
    else:
        _remove(work, person)


def give_owner(work: Work, person: Person, account_id: int | None) -> None:
    """Bind ``person`` to an account. Raises Refused when the account or the file is bound otherwise."""
    if account_id is None:
        return
    account = work.session.get_one(Account, account_id)
    if account.person_id not in (None, person.id):
        raise Refused("这个账号已经有一份电子档案")
    owner = work.session.execute(select(Account.id).where(Account.person_id == person.id)).scalar()
    if owner not in (None, account_id):
        raise Refused("这份档案已经有人认领")
    account.person_id = person.id
    work.session.flush()


def start_membership(work: Work, person: Person) -> None:
    """The 团籍 of a member begins where the file stands, unless one is running."""
    if person.standing is not Standing.MEMBER or _live_membership(work, person) is not None:
        return
    _begin_membership(work, person)


def _begin_membership(work: Work, person: Person) -> None:
    work.session.add(Membership(person_id=person.id, organisation_id=person.organisation_id, from_on=work.today))
    work.session.flush()


def end_membership(work: Work, person: Person, reason: str) -> None:
    """The running 团籍 ends today."""
    live = _live_membership(work, person)
    if live is not None:
        live.until_on, live.end_reason = work.today, reason
        work.session.flush()


def measures(person: Person, change: int = 1) -> dict[str, int]:
    """What the counters move for one file."""
    return {"people": change, person.standing.value: change}


def count(session: Session, person: Person, change: int) -> None:
    """Move the figures of files by ``change`` for one file where it stands."""
    counters.move(session, person.org_path, measures(person, change))


def write(person: Person, source: Any, name: str) -> None:
    """Copy one field from an application to a file, with the columns that belong to it."""
    columns: tuple[str, ...] = {"name": ("name", "name_key", "name_initials")}.get(name, (name,))
    if FIELDS[name].protected:
        columns = (f"{name}_sealed", f"{name}_index")
    for column in columns:
        setattr(person, column, getattr(source, column))


def _live_membership(work: Work, person: Person) -> Membership | None:
    query = select(Membership).where(Membership.person_id == person.id, Membership.until_on.is_(None))
    return work.session.scalars(query).one_or_none()


def _remove(work: Work, person: Person) -> None:
    """A file made by a decision taken back within seconds: what stays is the application and the audit."""
    count(work.session, person, -1)
    path, key = person.org_path, person.id
    try:
        with work.session.begin_nested():
            for table in (Membership, PersonChange):
                work.session.execute(delete(table).where(table.person_id == key))
            work.session.execute(delete(Person).where(Person.id == key))
    except IntegrityError:
        raise Conflict("这份档案之后又有新的事项，不能再撤销") from None
    work.session.expunge(person)
    refresh_in_use(work, path)


def _wait_again(work: Work, person: Person, rows: list[PersonChange]) -> None:
    back: dict[str, tuple[Any, Any]] = {}
    for row in rows:
        old, new = history.read(work.vault, row.field, row.old), history.read(work.vault, row.field, row.new)
        back[row.field] = (new, old)
        if row.field in FIELDS and FIELDS[row.field].protected:
            setattr(person, f"{row.field}_sealed", row.old or "")
            setattr(person, f"{row.field}_index", work.vault.index(row.field, old) if old else "")
        else:
            setattr(person, row.field, old)
    person.verified, person.approved_at = False, None
    person.version += 1
    history.note(work, person, back, "undo")
    work.session.execute(
        update(Correction)
        .where(Correction.person_id == person.id, Correction.state == CorrectionState.SUBMITTED)
        .values(state=CorrectionState.WITHDRAWN, version=Correction.version + 1)
    )
    work.session.flush()


def _doubt(work: Work, person: Person, request: JoinRequest, doubted: list[tuple[str, Any, Any]]) -> None:
    if request.account_id is None:
        return
    for name, old, new in doubted:
        work.session.add(
            Correction(
                person_id=person.id,
                org_path=person.org_path,
                field=name,
                old=history.keep(work.vault, name, old) or "",
                new=history.keep(work.vault, name, new) or "",
                reason=CLAIM_REASON,
                asked_by_id=request.account_id,
                asked_at=work.now,
            )
        )
    work.session.flush()
