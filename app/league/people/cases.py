"""One document number, two places: an application and a file elsewhere (认领、转接、同一人两处).

Decided where both places meet, so that neither side is shown the other's file.
"""

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.kernel.access.scope import Scope
from app.kernel.access.viewer import Viewer
from app.kernel.audit.record import record
from app.kernel.errors import Invalid, Refused
from app.kernel.work import Work
from app.league.accounts.messages import tell
from app.league.accounts.models import Account
from app.league.joining.decisions import decide_many
from app.league.joining.models import JoinRequest, RequestState, Verdict
from app.league.organisations.models import Kind, Organisation
from app.league.organisations.operations import refresh_in_use
from app.league.organisations.queries import place_names
from app.league.people import events as events
from app.league.people import history, matters
from app.league.people.fields import FIELDS
from app.league.people.models import (
    CaseKind,
    CaseState,
    Correction,
    CorrectionState,
    FileState,
    IdentityCase,
    Person,
    Standing,
)
from app.league.people.operations import count, end_membership, start_membership
from app.league.people.queries import owner_id

KIND_NAMES = {CaseKind.CLAIM: "认领", CaseKind.TRANSFER: "转接"}
STATE_NAMES = {
    CaseState.OPEN: "等待处理",
    CaseState.MOVED: "已移动并认领",
    CaseState.KEPT: "保留在原处",
    CaseState.DISTINCT: "不是同一人",
    CaseState.CANCELLED: "已结束",
}
KEPT_WORDS = "您在原来的团组织已有电子档案，档案先留在那里。需要转过来，请联系原来的团组织办理。"
DISTINCT_WORDS = "证件号码需要再核对一次，请对照证件重新填写。"
MOVED_AWAY = "您的电子档案已转到新的团组织，由新的账号使用。如果不是您本人办理的，请马上联系团组织。"


@dataclass(frozen=True)
class Row:
    """One line of the list. Names of both sides: only those above both read it."""

    case: IdentityCase
    name: str
    file_place: str
    request_place: str


@dataclass(frozen=True)
class Side:
    """One fact on both sides, masked. ``differs``: the values are not the same."""

    label: str
    file: str
    request: str
    differs: bool


def listed(
    scope: Scope,
    session: Session,
    *,
    state: CaseState | None = CaseState.OPEN,
    after: str | None = None,
    size: int = 50,
) -> list[Row]:
    """Cases whose common ancestor lies inside the scope, oldest first."""
    here, there = Organisation.__table__.alias("file_place"), Organisation.__table__.alias("request_place")
    query = (
        select(IdentityCase, Person.name, here.c.full_name, there.c.full_name)
        .join(Person, Person.id == IdentityCase.person_id)
        .join(JoinRequest, JoinRequest.id == IdentityCase.request_id)
        .join(here, here.c.id == Person.organisation_id)
        .join(there, there.c.id == JoinRequest.organisation_id)
    )
    page = matters.page_of(scope, session, IdentityCase, query, state=state, after=after, size=size)
    return [Row(*row) for row in session.execute(page)]


def by_public_id(scope: Scope, session: Session, public_id: str) -> IdentityCase:
    """One case. Raises NotFound when it is absent or its common ancestor lies outside the scope."""
    return matters.by_public_id(scope, session, IdentityCase, public_id)


def side_by_side(work: Work, case: IdentityCase) -> list[Side]:
    """Every fact of the file beside the application's, protected ones masked."""
    person, request = _both(work, case)
    sides = []
    for name, field in FIELDS.items():
        old, new = (history.value_of(work.vault, row, name) for row in (person, request))
        if old or new:
            sides.append(Side(field.label, field.show(old), field.show(new), old != new))
    return sides


def places(session: Session, case: IdentityCase) -> tuple[str, str]:
    """(where the file stands, where the application stands), by their full names."""
    file, request = session.get_one(Person, case.person_id), session.get_one(JoinRequest, case.request_id)
    names = place_names(session, [file.organisation_id, request.organisation_id])
    return names[file.organisation_id], names[request.organisation_id]


def look(work: Work, case: IdentityCase) -> None:
    """Note that both sides were looked at."""
    record(work, "people:case:look", "identity_case", case.public_id, org_path=case.org_path, person_id=case.person_id)


def move(work: Work, viewer: Viewer, case: IdentityCase, *, reason: str, version: int) -> None:
    """移动并认领: the file goes to where the application stands, and the application's approval claims it.

    Raises Invalid without a reason, Conflict when somebody was first, Refused when the application cannot be approved.
    """
    reason = _settle(work, viewer, case, CaseState.MOVED, reason, version)
    person, request = _both(work, case)
    place = work.session.get_one(Organisation, request.organisation_id)
    if person.standing is Standing.MEMBER and place.kind is not Kind.BRANCH:
        raise Refused("团员要编在一个团支部里，请先为申请安排支部")
    _release(work, person)
    relocate(work, person, place, reason)
    work.session.flush()
    _decide(work, viewer, request, Verdict.APPROVE, "")
    _record(work, case, "move", reason)


def keep(work: Work, viewer: Viewer, case: IdentityCase, *, reason: str, version: int) -> None:
    """保留原处: the file stays, the application is closed in kind words. Raises as ``move``."""
    reason = _settle(work, viewer, case, CaseState.KEPT, reason, version)
    _, request = _both(work, case)
    _decide(work, viewer, request, Verdict.REJECT, KEPT_WORDS)
    _record(work, case, "keep", reason)


def distinct(work: Work, viewer: Viewer, case: IdentityCase, *, reason: str, version: int) -> None:
    """不是同一人: the application goes back for its document number. Raises as ``move``."""
    reason = _settle(work, viewer, case, CaseState.DISTINCT, reason, version)
    _, request = _both(work, case)
    _decide(work, viewer, request, Verdict.RETURN, DISTINCT_WORDS, ["id_number"])
    _record(work, case, "distinct", reason)


def relocate(work: Work, person: Person, place: Organisation, reason: str) -> None:
    """Move a file to another organisation: path, 团籍, figures of both sides, history, open corrections."""
    old_path, old_id = person.org_path, person.organisation_id
    count(work.session, person, -1)
    end_membership(work, person, "转出")
    person.organisation_id, person.org_path = place.id, place.path
    person.version += 1
    work.session.flush()
    start_membership(work, person)
    count(work.session, person, +1)
    history.note(work, person, {"organisation_id": (old_id, place.id)}, "move", reason)
    work.session.execute(
        update(Correction)
        .where(Correction.person_id == person.id, Correction.state == CorrectionState.SUBMITTED)
        .values(org_path=place.path)
    )
    refresh_in_use(work, old_path)
    refresh_in_use(work, place.path)


def _release(work: Work, person: Person) -> None:
    """An active file waits again for its owner, who has proved to be the applicant; a former account is told."""
    owner = owner_id(work.session, person)
    if owner is not None:
        work.session.execute(update(Account).where(Account.id == owner).values(person_id=None))
        tell(work, owner, f"file:{person.public_id}:moved:{person.version}", "您的档案已转出", MOVED_AWAY)
    if person.state is FileState.ACTIVE:
        history.note(work, person, {"state": (person.state, FileState.WAITING)}, "move")
        person.state = FileState.WAITING


def _both(work: Work, case: IdentityCase) -> tuple[Person, JoinRequest]:
    person = work.session.get_one(Person, case.person_id)
    return person, work.session.get_one(JoinRequest, case.request_id)


def _settle(work: Work, viewer: Viewer, case: IdentityCase, state: CaseState, reason: str, version: int) -> str:
    """The compare-and-set. Returns the reason as it is kept."""
    reason = matters.tidy(reason)
    if not reason:
        raise Invalid({"reason": "请写明依据，例如核对了什么"})
    person, request = _both(work, case)
    if viewer.person_id == person.id or viewer.account_id == request.account_id:
        raise Refused("不能处理关于自己的核对，请由其他人处理")
    matters.settle(
        work,
        case,
        version,
        waits=CaseState.OPEN,
        to=state,
        by=viewer,
        reason=reason,
        called="件核对",
        names=STATE_NAMES,
    )
    return reason


def _decide(
    work: Work, viewer: Viewer, request: JoinRequest, verdict: Verdict, reason: str, fields: list[str] | None = None
) -> None:
    if request.state is not RequestState.SUBMITTED:
        raise Refused("申请正等本人补正，等他重新提交之后再处理")
    [outcome] = decide_many(
        work, viewer, [(request.public_id, request.version)], verdict, reason=reason, fields=fields or []
    )
    if not outcome.ok:
        raise Refused(outcome.text)


def _record(work: Work, case: IdentityCase, act: str, reason: str) -> None:
    record(
        work,
        f"people:case:{act}",
        "identity_case",
        case.public_id,
        org_path=case.org_path,
        person_id=case.person_id,
        reason=reason,
    )
