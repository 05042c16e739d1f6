"""Looking at a file is an act: noted for the person it is about, and protected numbers only for a reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Integer, and_, bindparam, func, or_, select

from app.kernel import limits
from app.kernel.access.rules import ROLE_NAMES, Role
from app.kernel.audit.events import known
from app.kernel.audit.models import AuditEntry
from app.kernel.audit.record import record
from app.kernel.db import reading
from app.kernel.errors import Invalid, NotFound
from app.kernel.vault import VaultError
from app.kernel.work import Work
from app.league.appointments.models import Appointment
from app.league.joining.models import JoinRequest
from app.league.organisations.models import Organisation
from app.league.people import events as events
from app.league.people.fields import FIELDS
from app.league.people.history import value_of
from app.league.people.models import Person
from app.league.people.queries import is_minor

REASONS: Mapping[str, str] = {
    "check": "核对身份",
    "contact": "联系本人",
    "report": "办理上报手续",
    "correct": "更正档案",
    "other": "其他",
}
OTHER = "other"
LOOK = "people:file:look"
CURSOR = "query"
"""Entries have no public id: a page's end is named sealed."""
TOLD = frozenset(f"joining:request:{what}" for what in ("approve", "reject", "reopen", "return", "reveal"))
"""Acts on an application whose reason is the applicant's to read."""
SHORTEST_WORDS, LONGEST_WORDS = 4, 200


def looked_lately(work: Work, person: Person) -> bool:
    """Whether this viewer's look at the file is on record for the hour under way, or the file is the viewer's own."""
    if work.viewer is not None and work.viewer.person_id == person.id:
        return True
    hour = work.now.replace(minute=0, second=0, microsecond=0)
    return bool(reading.rows(work.session, _LOOKED, person=person.id, account=work.actor.account_id, hour=hour))


_LOOKED = (
    select(AuditEntry.id)
    .where(AuditEntry.subject_person_id == bindparam("person"))
    .where(AuditEntry.actor_account_id == bindparam("account", type_=Integer))
    .where(AuditEntry.action == LOOK, AuditEntry.at >= bindparam("hour"))
    .limit(1)
)


def look(work: Work, person: Person) -> None:
    """Note that the viewer looks at a file; once an hour is enough."""
    if not looked_lately(work, person):
        record(work, LOOK, "person", person.public_id, org_path=person.org_path, person_id=person.id)


def reveal(work: Work, person: Person, name: str, reason: str, words: str = "") -> str:
    """The protected field ``name`` in full, noted with its reason before it is given out.

    ``reason``: a key of REASONS; "other" needs ``words``. Raises NotFound for a field that is not protected, Invalid
    without a reason, TooMany at the limit "reveal". The caller shows the value only after its transaction committed.
    """
    if name not in FIELDS or not FIELDS[name].protected:
        raise NotFound
    said = _said(reason, words)
    _count(work)
    if is_minor(person, work.today):
        said += "（未成年人）"
    _note(work, person, name, said)
    return str(value_of(work.vault, person, name))


def reveal_own(work: Work, person: Person, name: str) -> str:
    """The same for one's own file: no reason is asked, the look is on record all the same."""
    if name not in FIELDS or not FIELDS[name].protected:
        raise NotFound
    _count(work)
    _note(work, person, name, "本人查看")
    return str(value_of(work.vault, person, name))


@dataclass(frozen=True)
class Seen:
    """One line of 谁看过我的档案. ``who`` is a surname: a cadre's whole name is nobody's business."""

    key: str
    at: datetime
    what: str
    detail: str
    who: str
    role: str
    place: str
    reason: str


def seen(work: Work, person: Person | None, *, after: str | None = None, size: int = 50) -> list[Seen]:
    """What others did with one's file and one's applications, newest first.

    ``person``: the viewer's own file, None while there is none. ``after``: the key of the last line seen. Raises
    NotFound.
    """
    query = (
        select(AuditEntry, Organisation.name)
        .outerjoin(Appointment, Appointment.id == AuditEntry.appointment_id)
        .outerjoin(Organisation, Organisation.id == Appointment.organisation_id)
        .where(_about(work, person), _not_mine(work))
        .order_by(AuditEntry.id.desc())
        .limit(size)
    )
    if after is not None:
        query = query.where(AuditEntry.id < _opened(work, after))
    return [_line(work, entry, place or "") for entry, place in work.session.execute(query)]


def count_of_looks(work: Work, person: Person) -> int:
    """How often others looked at or did something with the file or the applications."""
    query = select(func.count()).where(_about(work, person), _not_mine(work))
    return work.session.execute(query).scalar_one()


def _about(work: Work, person: Person | None) -> ColumnElement[bool]:
    """Entries about the file, and about the viewer's applications, whose numbers may have been looked at before."""
    account_id = work.viewer.account_id if work.viewer else None
    sent = select(JoinRequest.public_id).where(JoinRequest.account_id == account_id)
    applied = and_(AuditEntry.object_type == "join_request", AuditEntry.object_id.in_(sent))
    return applied if person is None else or_(AuditEntry.subject_person_id == person.id, applied)


def _not_mine(work: Work):  # type: ignore[no-untyped-def]
    mine = work.viewer.account_id if work.viewer else None
    return or_(AuditEntry.actor_account_id.is_(None), AuditEntry.actor_account_id != mine)


def _line(work: Work, entry: AuditEntry, place: str) -> Seen:
    role = ROLE_NAMES[Role(entry.actor_role)] if entry.actor_role else ""
    who = f"{entry.actor_name[:1]}老师" if entry.actor_name else "系统"
    names = [FIELDS[name].label for name in entry.changes or {} if name in FIELDS]
    # What was weighed in a case concerns another applicant too, and notes among reviewers are theirs: not told.
    kept = entry.object_type == "identity_case" or (entry.object_type == "join_request" and entry.action not in TOLD)
    reason = "" if kept else entry.reason
    key = work.vault.seal(CURSOR, str(entry.id))
    return Seen(key, entry.at, known(entry.action), "、".join(names), who, role, place, reason)


def _opened(work: Work, key: str) -> int:
    try:
        return int(work.vault.open(CURSOR, key))
    except VaultError:
        raise NotFound from None


def _said(reason: str, words: str) -> str:
    if reason not in REASONS:
        raise Invalid({"reason": "请选择查看的原因"})
    words = " ".join(words.split())[:LONGEST_WORDS]
    if reason == OTHER and len(words) < SHORTEST_WORDS:
        raise Invalid({"words": f"请写明原因，至少 {SHORTEST_WORDS} 个字"})
    return f"{REASONS[reason]}：{words}" if words else REASONS[reason]


def _count(work: Work) -> None:
    limits.hit(work.session, work.vault, "reveal", str(work.actor.account_id), now=work.now.timestamp())


def _note(work: Work, person: Person, name: str, said: str) -> None:
    record(
        work,
        "people:file:reveal",
        "person",
        person.public_id,
        org_path=person.org_path,
        person_id=person.id,
        reason=said,
        changes={name: (None, None)},
    )
