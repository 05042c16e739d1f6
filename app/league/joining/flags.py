"""What the system finds in an application (F01–F12, F14). Flags carry a sentence and the evidence; they never decide.

Nothing in a flag tells of a person or a place the reviewer may not see: of another organisation's file it says only
that there is one.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, Date, Select, bindparam, func, select, union_all

from app.kernel.db import reading
from app.kernel.work import Work
from app.league.joining import doubts
from app.league.joining.doubts import flag
from app.league.joining.intake import Facts
from app.league.joining.models import OPEN_STATES, JoinRequest, Lane, RosterEntry
from app.league.joining.nearest import nearest_name
from app.league.joining.states import COUNT_AS_FILLED
from app.league.organisations import counters
from app.league.organisations.models import Kind, Organisation
from app.league.people.models import FileState, Person
from app.league.people.protect import ID_NUMBER, PHONE
from app.league.rules import rule

LOOK, STOP = "look", "stop"
DUPLICATE_CODES = {"F06"}
ROSTER_CODES = {"F05"}


class Findings(NamedTuple):
    """The flags, in the order of their codes, and the part of the queue they lead to."""

    flags: list[dict[str, Any]]
    lane: Lane


@dataclass(frozen=True)
class Case:
    """What one flag looks at. ``request_id``: the application itself when it comes again, so as not to meet itself."""

    work: Work
    facts: Facts
    organisation: Organisation
    device: str
    request_id: int | None
    entry: RosterEntry | None


Finder = Callable[[Case], Iterable[dict[str, Any]]]


def examine(
    work: Work,
    facts: Facts,
    organisation: Organisation,
    *,
    device: str = "",
    request_id: int | None = None,
    entry: RosterEntry | None = None,
) -> Findings:
    """Look for everything a reviewer should see.

    ``device``: the blind index of the sender's device. ``entry``: the roster entry that was matched.
    """
    case = Case(work, facts, organisation, device, request_id, entry)
    found = doubts.about(facts, work.today)
    for finder in FINDERS:
        found.extend(finder(case))
    found.sort(key=lambda item: str(item["code"]))
    return Findings(found, lane_of(found))


def lane_of(flags: Sequence[dict[str, Any]]) -> Lane:
    """The part of the queue: a possible double first, then somebody unexpected, then any other doubt."""
    codes = {item["code"] for item in flags}
    if any(item["code"] in DUPLICATE_CODES for item in flags):
        return Lane.DUPLICATE
    if codes & ROSTER_CODES:
        return Lane.OFF_ROSTER
    return Lane.FLAGGED if codes else Lane.CLEAN


def roster_entry(
    work: Work, organisation: Organisation, name_key: str, *, but: int | None = None
) -> RosterEntry | None:
    """The line of the branch's roster with this name that no other application (than ``but``) has taken yet."""
    values = {"place": organisation.id, "name": name_key, "own": but or 0}
    return work.session.scalars(_ROSTERED, values).one_or_none()


_TAKEN = select(JoinRequest.roster_entry_id).where(
    JoinRequest.organisation_id == bindparam("place"),
    JoinRequest.roster_entry_id.is_not(None),
    JoinRequest.state.in_(COUNT_AS_FILLED),
    JoinRequest.id != bindparam("own"),
)
_ROSTERED = (
    select(RosterEntry)
    .where(RosterEntry.organisation_id == bindparam("place"), RosterEntry.name_key == bindparam("name"))
    .where(RosterEntry.removed_at.is_(None), RosterEntry.id.not_in(_TAKEN))
    .order_by(RosterEntry.id)
    .limit(1)
)


def _off_roster(case: Case) -> Iterable[dict[str, Any]]:
    """F05: not on the roster, with the nearest name on it."""
    if case.organisation.kind is not Kind.BRANCH:
        if case.facts.standing == "member":
            yield flag("F05", STOP, "没有找到自己的团支部，请为他安排支部", case.facts.statement, "organisation_id")
        return
    names = [name for (name,) in reading.rows(case.work.session, _NAMES, place=case.organisation.id)]
    if case.entry is None and names:
        yield off_roster(case.facts.name, names)


def off_roster(name: str, names: Sequence[str]) -> dict[str, Any]:
    """F05 for ``name``, which is not among the ``names`` of the branch's roster."""
    near = nearest_name(name, names)
    evidence = f"花名册里最相近的是“{near}”" if near else f"花名册共 {len(names)} 人"
    return flag("F05", LOOK, "不在本支部的花名册里", evidence, "name", "organisation_id")


def _same_person(case: Case) -> Iterable[dict[str, Any]]:
    """F06: the same ID number on a file or in another open application; a namesake born on the same day."""
    session, indexes = case.work.session, case.work.vault.indexes(ID_NUMBER, case.facts.id_number)
    place = case.organisation.path
    file = next(iter(reading.rows(session, _FILE, indexes=indexes)), None)
    if file is not None:
        waiting = file.state is FileState.WAITING and file.org_path.startswith(place)
        text = "有一份导入的档案等他认领" if waiting else "这个证件号已有电子档案"
        level, where = (LOOK if waiting else STOP), _where(file.org_path, place)
        yield flag("F06", level, text, where, "id_number")
    others = reading.rows(session, _OTHERS, indexes=indexes, own=case.request_id or 0)
    if others:
        yield another_open(others[0].org_path, place)
    if file is None and not others and _has_namesake(case):
        yield flag("F06", LOOK, "本支部已有同名、同一天出生的人", "证件号不同", "name", "birth_date")


def another_open(path: str, here: str) -> dict[str, Any]:
    """F06 for an application at ``here`` whose number stands in another open one at ``path``."""
    return flag("F06", STOP, "同一个证件号还有一份申请没有办完", _where(path, here), "id_number")


def _where(path: str, here: str) -> str:
    return "就在本组织" if path.startswith(here) else "在别的团组织，由共同的上级处理"


def _has_namesake(case: Case) -> bool:
    facts = case.facts
    values = {"path": case.organisation.path, "name": facts.name_key, "born": facts.birth_date}
    own = case.request_id or 0
    return bool(reading.rows(case.work.session, _NAMESAKES, own=own, **values))


def _same_phone(case: Case) -> Iterable[dict[str, Any]]:
    """F07: one phone for three people or more."""
    if not case.facts.phone:
        return
    session, vault = case.work.session, case.work.vault
    indexes = vault.indexes(PHONE, case.facts.phone)
    people = {number for (number,) in reading.rows(session, _WITH_PHONE, indexes=indexes)}
    count = len(people - set(vault.indexes(ID_NUMBER, case.facts.id_number))) + 1
    if count >= rule("flags.people_per_phone", case.work.today):
        yield one_phone(count)


def one_phone(count: int) -> dict[str, Any]:
    """F07 for a phone that ``count`` people gave."""
    return flag("F07", LOOK, f"{count} 个人填了同一个手机号", "", "phone")


def _over_size(case: Case) -> Iterable[dict[str, Any]]:
    """F08: more forms than names on the roster, or than members expected where there is no roster."""
    figures = counters.figures_of(case.work.session, [case.organisation.path])[case.organisation.path]
    expected = figures.get("roster", 0) or case.organisation.expected_members
    filled = figures.get("filled", 0) + (0 if case.request_id else 1)
    if case.organisation.kind is Kind.BRANCH and expected and filled > expected:
        yield flag("F08", LOOK, "已填的人数超过了总数", f"已填 {filled} 人，总数 {expected} 人", "organisation_id")


def _number_used(case: Case) -> Iterable[dict[str, Any]]:
    """F10: a 发展团员编号 belongs to one person in the country; a 团员证编号 to one in its branch."""
    facts, session = case.facts, case.work.session
    own = case.work.vault.indexes(ID_NUMBER, facts.id_number)
    number = facts.development_number
    if number and reading.rows(session, _DEVELOPED, number=number, own=own):
        yield flag("F10", STOP, "发展团员编号已有别人使用", facts.development_number, "development_number")
    number, path = facts.certificate_number, case.organisation.path
    if number and reading.rows(session, _CERTIFIED, number=number, own=own, path=path):
        yield flag("F10", LOOK, "本支部已有人用这个团员证编号", facts.certificate_number, "certificate_number")


def _burst(case: Case) -> Iterable[dict[str, Any]]:
    """F11: many forms from one device within minutes."""
    if not case.device:
        return
    seconds = rule("flags.burst_seconds", case.work.today)
    since = case.work.now - timedelta(seconds=seconds)
    values = {"device": case.device, "own": case.request_id or 0, "since": since}
    [(count,)] = reading.rows(case.work.session, _FROM_DEVICE, **values)
    if count + 1 >= rule("flags.burst_forms", case.work.today):
        yield flag("F11", LOOK, "同一台设备短时间内交了很多份申请", f"{seconds // 60} 分钟内 {count + 1} 份")


# What the finders ask, each made once.
_SAME: BindParameter[str] = bindparam("indexes", expanding=True)
_NOT_OWN: BindParameter[str] = bindparam("own", expanding=True)
_ALIVE = Person.state != FileState.CLOSED
_OTHER_OPEN = JoinRequest.state.in_(OPEN_STATES) & (JoinRequest.id != bindparam("own"))
_NAMES = select(RosterEntry.name).where(
    RosterEntry.organisation_id == bindparam("place"), RosterEntry.removed_at.is_(None)
)
_FILE = select(Person.org_path, Person.state).where(Person.id_number_index.in_(_SAME), _ALIVE)
_OTHERS = select(JoinRequest.org_path).where(JoinRequest.id_number_index.in_(_SAME), _OTHER_OPEN)
_WITH_PHONE = union_all(
    select(JoinRequest.id_number_index).where(
        JoinRequest.phone_index.in_(_SAME), JoinRequest.state.in_(COUNT_AS_FILLED)
    ),
    select(Person.id_number_index).where(Person.phone_index.in_(_SAME), _ALIVE),
)
_CERTIFIED = (
    select(Person.id)
    .where(Person.org_path == bindparam("path"), _ALIVE)
    .where(Person.certificate_number == bindparam("number"), Person.id_number_index.not_in(_NOT_OWN))
    .limit(1)
)
_FROM_DEVICE = (
    select(func.count())
    .select_from(JoinRequest)
    .where(JoinRequest.device == bindparam("device"), JoinRequest.id != bindparam("own"))
    .where(JoinRequest.submitted_at > bindparam("since"))
)


def _namesakes(table: type[JoinRequest] | type[Person], among: ColumnElement[bool]) -> Select[int]:
    here = select(table.id).where(table.org_path == bindparam("path"), table.name_key == bindparam("name"))
    return here.where(table.birth_date == bindparam("born", type_=Date), among)


def _developed(table: type[JoinRequest] | type[Person], among: ColumnElement[bool]) -> Select[int]:
    numbered = select(table.id).where(table.development_number == bindparam("number"), among)
    return numbered.where(table.id_number_index.not_in(_NOT_OWN))


_NAMESAKES = union_all(_namesakes(JoinRequest, _OTHER_OPEN), _namesakes(Person, _ALIVE)).limit(1)
_DEVELOPED = union_all(_developed(Person, _ALIVE), _developed(JoinRequest, JoinRequest.state.in_(OPEN_STATES))).limit(1)

FINDERS: tuple[Finder, ...] = (_off_roster, _same_person, _same_phone, _over_size, _number_used, _burst)
