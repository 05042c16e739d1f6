"""花名册: the names a branch expects, pasted one per line; who has not filled in a form yet."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.kernel.access.scope import Scope
from app.kernel.audit.record import record
from app.kernel.errors import Invalid, NotFound
from app.kernel.ids import new_public_id
from app.kernel.work import Work
from app.league.joining import events as events
from app.league.joining import flags
from app.league.joining.models import OPEN_STATES, JoinRequest, Lane, RosterEntry
from app.league.joining.states import COUNT_AS_FILLED
from app.league.organisations import counters
from app.league.organisations.models import Kind, Organisation, OrganisationStatus
from app.league.people.facts import clean_name, name_key, plain
from app.league.people.models import FileState, Person

MOST_LINES = 500
STUDENT_NUMBER = re.compile(r"[0-9A-Za-z\-]{3,32}")
LISTS = (Kind.BRANCH, Kind.GENERAL_BRANCH)


@dataclass(frozen=True)
class Line:
    """One pasted line. ``problem``: a sentence, when it cannot be taken; ``known``: already on the roster."""

    number: int
    name: str
    student_number: str = ""
    problem: str = ""
    known: bool = False

    @property
    def fresh(self) -> bool:
        """Whether it would be added."""
        return not self.problem and not self.known


class Missing(NamedTuple):
    """Somebody on the roster who has not filled in a form."""

    public_id: str
    name: str
    student_number: str


def read(session: Session, organisation: Organisation, text: str) -> list[Line]:
    """The pasted names as lines, the odd ones marked.

    A line is a name and, after a space, tab or comma, maybe a student number. Equal names need student numbers that
    tell them apart. Raises Invalid for nothing or too much.
    """
    given = [(number, plain(line)) for number, line in enumerate(text.splitlines(), 1) if plain(line)]
    if not given:
        raise Invalid({"names": "请粘贴姓名，一行一个"})
    if len(given) > MOST_LINES:
        raise Invalid({"names": f"一次最多 {MOST_LINES} 行"})
    lines = [_line(number, content) for number, content in given]
    kept = {(name_key(entry.name), entry.student_number) for entry in entries(session, organisation)}
    names = Counter(name_key(line.name) for line in lines if not line.problem)
    names.update({key for key, _ in kept} - {key for key, _ in kept & {_key(line) for line in lines}})
    seen: set[tuple[str, str]] = set()
    return [_judge(line, kept, names, seen) for line in lines]


def _line(number: int, content: str) -> Line:
    parts = re.split(r"[,，、;；\s]+", content)
    student = parts.pop() if len(parts) > 1 and STUDENT_NUMBER.fullmatch(parts[-1]) else ""
    return line(number, " ".join(parts), student)


def line(number: int, name: str, student_number: str = "") -> Line:
    """One line of a list, its name cleaned or refused; ``student_number``: "" when there is none."""
    try:
        if student_number and not STUDENT_NUMBER.fullmatch(student_number):
            raise Invalid("学号是 3 到 32 位的数字、字母，请核对")
        return Line(number, clean_name(name), student_number)
    except Invalid as problem:
        return Line(number, name[:50], student_number[:32], problem.text)


def _judge(line: Line, kept: set[tuple[str, str]], names: Counter[str], seen: set[tuple[str, str]]) -> Line:
    key = _key(line)
    if line.problem:
        return line
    if key in seen and line.student_number:
        return Line(line.number, line.name, line.student_number, "和前面一行完全相同")
    seen.add(key)
    if key in kept and names[key[0]] == 1:
        return Line(line.number, line.name, line.student_number, known=True)
    if names[key[0]] > 1 and not line.student_number:
        return Line(line.number, line.name, "", "有同名的人，请在姓名后面补上学号")
    return Line(line.number, line.name, line.student_number, known=key in kept)


def _key(line: Line) -> tuple[str, str]:
    return name_key(line.name), line.student_number


def add(work: Work, organisation: Organisation, text: str) -> int:
    """Put the pasted names on the roster. Returns how many are new.

    Raises Invalid when a line cannot be taken, or for an organisation that keeps no roster.
    """
    # Two lists pasted at once are read one after the other, so that nobody stands on the roster twice.
    work.session.refresh(organisation, with_for_update={"key_share": True})
    if organisation.kind not in LISTS or organisation.status is not OrganisationStatus.OPEN:
        raise Invalid({"names": "花名册建在团支部，请先选一个团支部"})
    lines = read(work.session, organisation, text)
    if wrong := [line for line in lines if line.problem]:
        raise Invalid({"names": f"第 {wrong[0].number} 行：{wrong[0].problem}"})
    return len(_enter(work, organisation, [line for line in lines if line.fresh]))


def put(work: Work, organisation: Organisation, lines: Sequence[Line]) -> list[RosterEntry]:
    """Put ``lines`` that were judged already on the roster. Returns the entry of each, also of what stood there."""
    work.session.refresh(organisation, with_for_update={"key_share": True})
    known = {(entry.name_key, entry.student_number): entry for entry in entries(work.session, organisation)}
    fresh = [line for line in lines if _key(line) not in known]
    known |= {(entry.name_key, entry.student_number): entry for entry in _enter(work, organisation, fresh)}
    return [known[_key(line)] for line in lines]


def _enter(work: Work, organisation: Organisation, fresh: Sequence[Line]) -> list[RosterEntry]:
    """New entries, the figures, the audit; the branch's applications are ticked off anew."""
    made = [
        RosterEntry(
            public_id=new_public_id(),
            organisation_id=organisation.id,
            name=line.name,
            name_key=name_key(line.name),
            student_number=line.student_number,
            created_at=work.now,
        )
        for line in fresh
    ]
    work.session.add_all(made)
    work.session.flush()
    counters.move(work.session, organisation.path, {"roster": len(fresh)})
    changes = {"roster": (None, len(fresh))}
    record(
        work, "joining:roster:add", "organisation", organisation.public_id, org_path=organisation.path, changes=changes
    )
    _match(work, organisation)
    return made


def remove(work: Work, organisation: Organisation, public_id: str) -> str:
    """Take a name off the roster. Returns it. Raises NotFound when it is not there (any more)."""
    row = work.session.scalars(
        select(RosterEntry)
        .where(RosterEntry.public_id == public_id, RosterEntry.organisation_id == organisation.id)
        .where(RosterEntry.removed_at.is_(None))
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound
    row.removed_at = work.now
    work.session.execute(update(JoinRequest).where(JoinRequest.roster_entry_id == row.id).values(roster_entry_id=None))
    work.session.flush()
    work.session.expire_all()
    counters.move(work.session, organisation.path, {"roster": -1})
    record(
        work, "joining:roster:remove", "organisation", organisation.public_id,
        org_path=organisation.path, changes={"roster": (1, None)},
    )  # fmt: skip
    _match(work, organisation)
    return row.name


def _match(work: Work, organisation: Organisation) -> None:
    """Tick off the branch's applications against the roster again, and sort those that wait into their lanes."""
    session = work.session
    names = [entry.name for entry in entries(session, organisation)]
    query = select(JoinRequest).where(
        JoinRequest.organisation_id == organisation.id, JoinRequest.state.in_(COUNT_AS_FILLED)
    )
    for row in session.scalars(query.order_by(JoinRequest.id)):
        if row.roster_entry_id is None:
            found = flags.roster_entry(work, organisation, row.name_key, but=row.id)
            row.roster_entry_id = found.id if found else None
        if row.state in OPEN_STATES and organisation.kind is Kind.BRANCH:
            rest = [flag for flag in row.flags if flag["code"] not in flags.ROSTER_CODES]
            expected = row.roster_entry_id is not None or not names
            row.flags = rest if expected else sorted([*rest, flags.off_roster(row.name, names)], key=_code)
            row.lane = row.lane if row.lane is Lane.PASSED else flags.lane_of(row.flags)
        session.flush()


def _code(flag: dict[str, str]) -> str:
    return flag["code"]


def entries(session: Session, organisation: Organisation) -> list[RosterEntry]:
    """The live roster of an organisation the caller may see, in the order of pasting."""
    query = select(RosterEntry).where(RosterEntry.organisation_id == organisation.id, RosterEntry.removed_at.is_(None))
    return list(session.scalars(query.order_by(RosterEntry.id)))


def missing(scope: Scope, session: Session, organisation: Organisation) -> list[Missing]:
    """谁还没填: the roster minus those with an application under way or approved, and those with a file here.

    Raises NotFound outside the scope.
    """
    scope.require(organisation.path)
    filled = select(JoinRequest.roster_entry_id).where(
        JoinRequest.organisation_id == organisation.id,
        JoinRequest.roster_entry_id.is_not(None),
        JoinRequest.state.in_(COUNT_AS_FILLED),
    )
    with_file = select(Person.name_key).where(Person.org_path == organisation.path, Person.state == FileState.ACTIVE)
    query = (
        select(RosterEntry.public_id, RosterEntry.name, RosterEntry.student_number)
        .where(RosterEntry.organisation_id == organisation.id, RosterEntry.removed_at.is_(None))
        .where(RosterEntry.id.not_in(filled), RosterEntry.name_key.not_in(with_file))
        .order_by(RosterEntry.id)
    )
    return [Missing._make(row) for row in session.execute(query)]


def mask_middle(name: str) -> str:
    """A name for a group chat: 王*, 张*三, 欧**娜.

    >>> mask_middle("欧阳娜娜")
    '欧**娜'
    """
    return name[:1] + "*" if len(name) < 3 else name[0] + "*" * (len(name) - 2) + name[-1]


def invitation(organisation: Organisation, absent: list[Missing]) -> str:
    """The polite line to paste into the class's chat group; names are masked in the middle."""
    names = "、".join(mask_middle(person.name) for person in absent)
    return (
        f"【{organisation.name}】还有 {len(absent)} 位同学没有填写电子档案：{names}。"
        "请打开山西青年网右上角“青春家园”登记，五分钟就好。已经填过的同学请忽略，辛苦啦！"
    )
