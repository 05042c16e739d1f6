"""更正申请: what is locked, or reviewed again, changes only by a request that somebody else decides.

Source: 个人信息保护法 第四十六条; the three edit classes of 团员资料修改.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.kernel.access.scope import Scope
from app.kernel.access.viewer import Viewer
from app.kernel.audit.record import record
from app.kernel.errors import Conflict, Invalid, NotFound, Refused
from app.kernel.work import Work
from app.league.accounts.messages import tell
from app.league.accounts.models import Account
from app.league.organisations.models import Kind, Organisation
from app.league.people import events as events
from app.league.people import history, matters
from app.league.people.codes import NUMBERED_TYPES
from app.league.people.editing import MY_FILE, put
from app.league.people.facts import clean_id_number, id_birth_date, id_sex, name_initials, name_key
from app.league.people.fields import FIELDS, EditClass, Field, label
from app.league.people.models import Correction, CorrectionState, FileState, Person, Standing
from app.league.people.operations import count, end_membership, files_with_id_number, start_membership
from app.league.people.queries import owner_id

STATE_NAMES = {
    CorrectionState.SUBMITTED: "等待处理",
    CorrectionState.APPROVED: "已更正",
    CorrectionState.REFUSED: "没有同意",
    CorrectionState.WITHDRAWN: "已撤回",
}


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    correction: Correction
    person_name: str
    place: str

    @property
    def label(self) -> str:
        """What is to be corrected."""
        return label(self.correction.field)


def fields_for(person: Person) -> list[Field]:
    """The fields of this file that change by a correction."""
    member = person.standing is Standing.MEMBER
    return [f for f in FIELDS.values() if f.edit is not EditClass.FREE and (member or not f.members_only)]


def ask(work: Work, person: Person, name: str, typed: str, reason: str) -> Correction:
    """Ask that one field be put right.

    Whether a document number is free is only looked at when somebody decides: the answer here tells nothing.
    Raises Invalid on field, new or reason; Conflict when one is open for the same field; Refused for a closed file.
    """
    if person.state is FileState.CLOSED:
        raise Refused("这份档案已经关闭，不能再更正")
    reason = " ".join(reason.split())
    old, new = _read_asked(work, person, name, typed, reason)
    assert work.actor.account_id is not None
    row = Correction(
        person_id=person.id,
        org_path=person.org_path,
        field=name,
        old=history.keep(work.vault, name, old) or "",
        new=history.keep(work.vault, name, new) or "",
        reason=reason,
        asked_by_id=work.actor.account_id,
        asked_at=work.now,
    )
    try:
        with work.session.begin_nested():
            work.session.add(row)
            work.session.flush()
    except IntegrityError:
        raise Conflict(f"“{label(name)}”已有一份更正申请在等待处理") from None
    _record(work, "ask", row, person, reason)
    return row


def withdraw(work: Work, row: Correction) -> None:
    """The asker takes the request back. Raises NotFound for somebody else's, Conflict when it was decided."""
    if row.asked_by_id != work.actor.account_id:
        raise NotFound
    _settle(work, row, row.version, CorrectionState.WITHDRAWN)
    _record(work, "withdraw", row, work.session.get_one(Person, row.person_id), "")


def decide(work: Work, viewer: Viewer, row: Correction, *, approve: bool, reason: str, version: int) -> None:
    """Put the field right, or say why not. The caller has found ``row`` inside the viewer's scope.

    Raises Refused for one's own request or file and for a value that cannot stand, Invalid for a refusal without a
    reason, Conflict naming who was first.
    """
    if is_own(viewer, row):
        raise Refused("不能处理自己提出的或关于自己的更正，请由其他人处理")
    reason = matters.tidy(reason)
    if not approve and not reason:
        raise Invalid({"reason": "请写明为什么不同意，申请人会看到"})
    state = CorrectionState.APPROVED if approve else CorrectionState.REFUSED
    _settle(work, row, version, state, by=viewer, reason=reason)
    person = work.session.get_one(Person, row.person_id, populate_existing=True, with_for_update=True)
    if approve:
        if person.state is FileState.CLOSED:
            raise Refused("这份档案已经关闭，不能再更正")
        _apply(work, person, row)
    _record(work, "approve" if approve else "refuse", row, person, reason)
    _tell(work, row, person, approve, reason)


def is_own(viewer: Viewer, row: Correction) -> bool:
    """Whether the viewer asked for it or it is about the viewer's own file: somebody else decides then."""
    return viewer.account_id == row.asked_by_id or viewer.person_id == row.person_id


def listed(
    scope: Scope,
    session: Session,
    *,
    state: CorrectionState | None = CorrectionState.SUBMITTED,
    after: str | None = None,
    size: int = 50,
) -> list[Row]:
    """Requests inside the scope, oldest first; ``after``: the public id of the last one seen."""
    query = (
        select(Correction, Person.name, Organisation.full_name)
        .join(Person, Person.id == Correction.person_id)
        .join(Organisation, Organisation.id == Person.organisation_id)
    )
    page = matters.page_of(scope, session, Correction, query, state=state, after=after, size=size)
    return [Row(*row) for row in session.execute(page)]


def by_public_id(scope: Scope, session: Session, public_id: str) -> Correction:
    """One request. Raises NotFound when it is absent or outside the scope."""
    return matters.by_public_id(scope, session, Correction, public_id)


def own(work: Work, person: Person, public_id: str) -> Correction:
    """A request about one's own file. Raises NotFound."""
    row = work.session.scalars(select(Correction).where(Correction.public_id == public_id)).one_or_none()
    if row is None or row.person_id != person.id:
        raise NotFound
    return row


def of_person(session: Session, person: Person) -> Sequence[Correction]:
    """All requests about one file, newest first."""
    return session.scalars(_ABOUT, {"person": person.id}).all()


_ABOUT = select(Correction).where(Correction.person_id == bindparam("person")).order_by(Correction.id.desc())


def file_of(session: Session, row: Correction) -> Person:
    """The file that a correction is about."""
    return session.get_one(Person, row.person_id)


def shown(work: Work, row: Correction, which: str) -> str:
    """The old or the new value (``which``) in words; protected ones masked."""
    value = history.read(work.vault, row.field, getattr(row, which))
    return FIELDS[row.field].show(value) if value else ""


def asked_by_owner(session: Session, row: Correction) -> bool:
    """Whether the person itself asks, and not a cadre for it."""
    owner = select(Account.id).where(Account.person_id == row.person_id, Account.id == row.asked_by_id)
    return session.execute(owner).first() is not None


def _read_asked(work: Work, person: Person, name: str, typed: str, reason: str) -> tuple[Any, Any]:
    """The value there is and the value asked for. Raises Invalid with all that is wrong at once."""
    errors: dict[str, str] = {}
    old = new = None
    field = next((f for f in fields_for(person) if f.name == name), None)
    if field is None:
        errors["field"] = "请选择要更正的内容"
    else:
        old = history.value_of(work.vault, person, name)
        try:
            new = _cleaned(work, person, field, typed)
            if new == old:
                errors["new"] = "和现在的内容一样"
        except Invalid as problem:
            errors["new"] = problem.errors[""]
    if not reason:
        errors["reason"] = "请写明为什么要更正"
    elif len(reason) > matters.LONGEST_REASON:
        errors["reason"] = f"原因最多 {matters.LONGEST_REASON} 个字"
    if errors:
        raise Invalid(errors)
    return old, new


def _cleaned(work: Work, person: Person, field: Field, typed: str) -> Any:
    if field.name == "id_number" and person.id_type in NUMBERED_TYPES:
        return clean_id_number(typed, work.today)
    return field.clean(typed, work.today)


def _settle(
    work: Work,
    row: Correction,
    version: int,
    state: CorrectionState,
    *,
    by: Viewer | None = None,
    reason: str = "",
) -> None:
    waits = CorrectionState.SUBMITTED
    matters.settle(
        work, row, version, waits=waits, to=state, by=by, reason=reason, called="份更正申请", names=STATE_NAMES
    )


def _apply(work: Work, person: Person, row: Correction) -> None:
    new = history.read(work.vault, row.field, row.new)
    new = "" if new is None else new
    if row.field == "joined_league_on" and new == "":
        new = None
    wanted: dict[str, Any] = {row.field: new, **_follows(work, person, row.field, new)}
    changes = {name: (history.value_of(work.vault, person, name), value) for name, value in wanted.items()}
    if "standing" in changes:
        _change_standing(work, person, new)
    for name, (_, value) in changes.items():
        put(work, person, name, value)
        if name == "name":
            person.name_key, person.name_initials = name_key(value), name_initials(value)
    person.version += 1
    try:
        with work.session.begin_nested():
            work.session.flush()
    except IntegrityError:
        raise _taken() from None
    cause = "review" if FIELDS[row.field].edit is EditClass.REVIEW else "correction"
    history.note(work, person, changes, cause, row.reason)


def _follows(work: Work, person: Person, name: str, new: Any) -> dict[str, Any]:
    """What has to change with a field, or a refusal when the field cannot change alone."""
    numbered = person.id_type in NUMBERED_TYPES
    if name == "id_number":
        if any(other.id != person.id for other in files_with_id_number(work, new)):
            raise _taken()
        return {"birth_date": id_birth_date(new), "sex": id_sex(new)} if numbered else {}
    number = history.value_of(work.vault, person, "id_number")
    said = {"birth_date": id_birth_date, "sex": id_sex}.get(name)
    if numbered and said is not None and said(number) != new:
        raise Refused(f"{label(name)}和证件号码里的不一致。证件号码有误的话，请先更正证件号码")
    if name == "joined_league_on" and new and new <= person.birth_date:
        raise Refused("入团日期不能早于出生日期")
    if name == "id_type" and new in NUMBERED_TYPES and not numbered:
        clean_id_number(number, work.today)
    return {}


def _change_standing(work: Work, person: Person, new: Standing) -> None:
    place = work.session.get_one(Organisation, person.organisation_id)
    if new is Standing.MEMBER and place.kind is not Kind.BRANCH:
        raise Refused("团员要编在一个团支部里，请先把档案转到支部")
    count(work.session, person, -1)
    was, person.standing = person.standing, new
    count(work.session, person, +1)
    if was is Standing.MEMBER:
        end_membership(work, person, "更正")
    start_membership(work, person)


def _taken() -> Refused:
    """The same words whoever has the number and wherever he stands."""
    return Refused("这个证件号码现在不能使用，请和申请人核对证件；号码无误请报上级核对")


def _record(work: Work, act: str, row: Correction, person: Person, reason: str) -> None:
    old, new = (history.read(work.vault, row.field, text) for text in (row.old, row.new))
    record(
        work,
        f"people:correction:{act}",
        "correction",
        row.public_id,
        org_path=person.org_path,
        person_id=person.id,
        reason=reason,
        changes={row.field: (old, new)},
    )


def _tell(work: Work, row: Correction, person: Person, approve: bool, reason: str) -> None:
    what = label(row.field)
    title = "更正申请已同意" if approve else "更正申请没有同意"
    body = f"“{what}”已经更正。" if approve else f"“{what}”没有更正。原因：{reason}"
    for account_id in {row.asked_by_id, owner_id(work.session, person)} - {None}:
        assert account_id is not None
        tell(work, account_id, f"correction:{row.public_id}:{account_id}", title, body, link=MY_FILE)
