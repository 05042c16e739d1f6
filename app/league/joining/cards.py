"""The review card: everything a reviewer needs about one application, and nothing from outside what he may see."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from app.kernel.access.powers import Power
from app.kernel.access.viewer import Viewer
from app.kernel.audit.models import AuditEntry
from app.kernel.audit.record import record
from app.kernel.db import reading
from app.kernel.errors import Invalid
from app.kernel.limits import hit
from app.kernel.masking import mask_id_number, mask_phone
from app.kernel.work import Work
from app.league.joining import cases, numbers, queries
from app.league.joining.akin import Akin
from app.league.joining.models import JoinRequest, RequestState, RosterEntry
from app.league.organisations.models import Kind, Organisation
from app.league.people.codes import NUMBERED_TYPES
from app.league.people.fields import FIELDS, Field
from app.league.people.models import CaseState, Person, Standing
from app.league.people.protect import open_id_number, open_phone

_SOME_ENTRY = (
    select(RosterEntry.id)
    .where(RosterEntry.organisation_id == bindparam("place"), RosterEntry.removed_at.is_(None))
    .limit(1)
)
AT_A_GLANCE = ("sex", "ethnicity", "birth_date", "standing", "joined_league_on")
"""What a reviewer looks at first, in this order; the rest of the facts waits folded up."""


class Fact(NamedTuple):
    """One line of the card: a field's name, its label, what it says, and whether a flag points at it."""

    name: str
    label: str
    value: str
    flagged: bool


class Difference(NamedTuple):
    """One line of two files side by side."""

    label: str
    here: str
    there: str
    differs: bool


class Change(NamedTuple):
    """A field that came back different after a return."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Double:
    """Somebody with the same document number. ``lines`` are empty when the other stands outside the scope.

    ``case``: the public id of the open case that decides whose the file is, when the viewer may decide it.
    """

    title: str
    place: str
    lines: list[Difference]
    case: str = ""


@dataclass(frozen=True)
class Card:
    """What the desk shows of one application."""

    request: JoinRequest
    place: Organisation
    facts: list[Fact]
    id_number: str
    """Masked."""
    id_checks: bool | None
    """Whether the document number holds its check; None for documents without one."""
    on_roster: bool | None
    """None: the branch has no roster."""
    changes: list[Change]
    """What the applicant corrected after the last return."""
    doubles: list[Double]
    history: list[queries.Past]
    waiting_days: int
    overdue: bool
    branches: list[tuple[str, str]]
    """Where a member without a branch can be placed: (public id, name)."""

    @property
    def glance(self) -> list[Fact]:
        """The facts that are looked at first, as far as they are filled in."""
        return at_a_glance(self.facts)

    @property
    def waits(self) -> bool:
        """Whether a decision is due."""
        return self.request.state is RequestState.SUBMITTED


def at_a_glance(facts: list[Fact]) -> list[Fact]:
    """Those of ``facts`` that are looked at first, in their order."""
    said = {fact.name: fact for fact in facts if fact.value}
    return [said[name] for name in AT_A_GLANCE if name in said]


def card(work: Work, viewer: Viewer, request: JoinRequest, same: Akin) -> Card:
    """The card of an application that the viewer may see. ``same``: what else is of this person."""
    place = work.session.get_one(Organisation, request.organisation_id)
    flagged = {name for flag in request.flags for name in flag["fields"]}
    days = (work.now - request.submitted_at).days
    number, holds = checked_number(work, request)
    return Card(
        request=request,
        place=place,
        facts=[Fact(name, label, value, name in flagged) for name, label, value in facts_of(work, request)],
        id_number=number,
        id_checks=holds,
        on_roster=_on_roster(work, request),
        changes=_changes(work, request),
        doubles=_doubles(work, viewer, request, same),
        history=[] if _is_fresh(request) else queries.decisions_about(work.session, request),
        waiting_days=days,
        overdue=request.state is RequestState.SUBMITTED and days >= work.settings.overdue_days,
        branches=_branches(work, viewer, request, place),
    )


def _is_fresh(request: JoinRequest) -> bool:
    """Whether nobody has decided about it yet: every decision, also one that was undone, makes a new version."""
    return request.state is RequestState.SUBMITTED and request.version == 1


def masked_number(work: Work, row: JoinRequest | Person) -> str:
    """The document number of an application or a file, masked."""
    return mask_id_number(open_id_number(work.vault, row))


def checked_number(work: Work, row: Any) -> tuple[str, bool | None]:
    """The document number of a row of the queue or of an application, masked, and whether it is well formed.

    None for a document without a check digit.
    """
    number = open_id_number(work.vault, row)
    if row.id_type not in NUMBERED_TYPES:
        return mask_id_number(number), None
    try:
        numbers.clean_document_number(row.id_type, number, work.today)
    except Invalid:
        return mask_id_number(number), False
    return mask_id_number(number), True


def reveal(work: Work, viewer: Viewer, request: JoinRequest, reason: str) -> str:
    """The document number in full: an audited act with a reason, and a limited one.

    Raises NotFound where the viewer may not, Invalid without a reason, TooMany at the limit.
    """
    viewer.scope(Power.PEOPLE_REVEAL).require(request.org_path)
    if not reason.strip():
        raise Invalid({"reason": "请写明为什么要看完整号码"})
    hit(work.session, work.vault, "reveal", str(viewer.account_id), now=work.now.timestamp())
    record(
        work, "joining:request:reveal", "join_request", request.public_id,
        org_path=request.org_path, person_id=request.person_id, reason=reason.strip(),
    )  # fmt: skip
    return open_id_number(work.vault, request)


def facts_of(work: Work, row: JoinRequest | Person) -> Iterator[tuple[str, str, str]]:
    """(name, label, words) of every fact but the document number, in the order of the form."""
    for field in FIELDS.values():
        if field.name == "id_number" or (field.members_only and row.standing is not Standing.MEMBER):
            continue
        value = mask_phone(open_phone(work.vault, row)) if field.name == "phone" else getattr(row, field.name)
        yield field.name, field.label, value if field.protected else field.show(value)


def _changes(work: Work, request: JoinRequest) -> list[Change]:
    """The last resubmission's entry in the audit, in the words of the form; protected values stand masked in it."""
    if request.round == 1:
        return []
    query = (
        select(AuditEntry.changes)
        .where(AuditEntry.object_type == "join_request", AuditEntry.object_id == request.public_id)
        .where(AuditEntry.action == "joining:request:resubmit")
        .order_by(AuditEntry.id.desc())
        .limit(1)
    )
    found = work.session.scalar(query) or {}
    return [
        Change(field.label, *(_said(work, field, value) for value in found[name]))
        for name, field in FIELDS.items()
        if name in found
    ]


def _said(work: Work, field: Field, typed: str) -> str:
    """A value as it was typed, in the words the card uses."""
    if not typed or field.protected:
        return typed or ""
    try:
        return field.show(field.clean(typed, work.today))
    except Invalid:
        return typed


def _on_roster(work: Work, request: JoinRequest) -> bool | None:
    if request.roster_entry_id is not None:
        return True
    return False if reading.rows(work.session, _SOME_ENTRY, place=request.organisation_id) else None


def _doubles(work: Work, viewer: Viewer, request: JoinRequest, same: Akin) -> list[Double]:
    get, own = work.session.get_one, request.person_id
    found = [_double(work, viewer, request, get(Person, p), Power.PEOPLE_READ) for p in same.files if p != own]
    return found + [_double(work, viewer, request, get(JoinRequest, r), Power.JOINING_READ) for r in same.open]


def _double(work: Work, viewer: Viewer, request: JoinRequest, other: JoinRequest | Person, power: Power) -> Double:
    title = "电子档案" if isinstance(other, Person) else "另一份申请"
    if not viewer.scope(power).covers(other.org_path):
        return Double("已在其他组织登记", "由共同的上级团委处理", [], _open_case(work, viewer, request, other))
    place = work.session.get_one(Organisation, other.organisation_id)
    here = {name: value for name, _, value in facts_of(work, request)}
    lines = [
        Difference(label, here.get(name, ""), value, here.get(name, "") != value)
        for name, label, value in facts_of(work, other)
    ]
    return Double(title, place.full_name, lines, _open_case(work, viewer, request, other))


def _open_case(work: Work, viewer: Viewer, request: JoinRequest, other: JoinRequest | Person) -> str:
    case = cases.case_of(work, request) if isinstance(other, Person) else None
    opened = case is not None and case.state is CaseState.OPEN and case.person_id == other.id
    return case.public_id if case and opened and viewer.scope(Power.PEOPLE_CASES).covers(case.org_path) else ""


def _branches(work: Work, viewer: Viewer, request: JoinRequest, place: Organisation) -> list[tuple[str, str]]:
    if request.state is not RequestState.SUBMITTED or place.kind is Kind.BRANCH:
        return []
    scope = viewer.scope(Power.JOINING_DECIDE).narrowed(place.path)
    return queries.branches_below(scope, work.session)
