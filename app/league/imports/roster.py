"""Rows that become names on a class's roster (花名册)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import select

from app.kernel.errors import NotFound
from app.kernel.work import Work
from app.league.imports import beside
from app.league.imports.ground import Ground, Judged, Line, Put
from app.league.imports.models import ImportRow, Verdict
from app.league.imports.reading import Cell
from app.league.joining import rosters
from app.league.joining.models import RosterEntry
from app.league.organisations.models import Organisation
from app.league.people.facts import name_key, plain

SHOWN = (("name", "姓名"), ("student_number", "学号"), ("branch", "团支部"))
JUDGEMENTS = {True: Verdict.NEW, False: Verdict.EQUAL}


def show(typed: Mapping[str, Cell]) -> list[str]:
    """A row on the preview."""
    return [str(typed.get(name, ""))[:50] for name, _ in SHOWN]


def read(work: Work, ground: Ground, lines: Sequence[Line]) -> Sequence[Line]:
    """The rows as they are: there is little to read in them."""
    return lines


def judge(work: Work, ground: Ground, lines: Sequence[Line], said: Sequence[Line]) -> list[Judged]:
    """What each row is, compared with the rosters as they are."""
    found: dict[int, Judged] = {}
    groups: dict[int, tuple[Organisation, list[Line]]] = {}
    for line in lines:
        if apart := beside.aside(line):
            found[line.number] = apart
            continue
        place = ground.place(plain(str(line.typed.get("branch", ""))))
        if isinstance(place, str):
            found[line.number] = Judged(Verdict.WRONG, place)
        else:
            groups.setdefault(place.id, (place, []))[1].append(line)
    for place, group in groups.values():
        for line, judged in zip(group, _judge_group(work, ground, place, group), strict=True):
            found[line.number] = judged
    return [found[line.number] for line in lines]


def _judge_group(work: Work, ground: Ground, place: Organisation, group: Sequence[Line]) -> list[Judged]:
    if fault := ground.fault(place):
        return [Judged(Verdict.WRONG, fault) for _ in group]
    judged = []
    known = {(name_key(entry.name), entry.student_number) for entry in rosters.entries(work.session, place)}
    for line in group:
        name, number = (
            plain(beside.name_of(line.typed.get("name", ""))),
            plain(str(line.typed.get("student_number", ""))),
        )
        read = rosters.line(line.number, name, number)
        first = ground.twice(f"{place.id} {name_key(read.name)} {read.student_number}", line.number)
        if read.problem:
            judged.append(Judged(Verdict.WRONG, read.problem))
        elif first is not None:
            judged.append(Judged(Verdict.WRONG, f"和第 {first} 行相同；同名的人请写学号"))
        elif (name_key(read.name), read.student_number) in known:
            judged.append(Judged(Verdict.EQUAL))
        else:
            judged.append(Judged(Verdict.NEW, plan=(place, read)))
    return judged


def put(work: Work, ground: Ground, judged: Sequence[tuple[Line, Judged]]) -> list[Put]:
    """Put the new names on their rosters, in the caller's transaction."""
    groups: dict[int, list[tuple[Line, rosters.Line]]] = defaultdict(list)
    places: dict[int, Organisation] = {}
    for line, found in judged:
        if found.verdict is Verdict.NEW:
            place, read = found.plan
            places[place.id] = place
            groups[place.id].append((line, read))
    done = []
    for place_id, group in sorted(groups.items()):
        made = rosters.put(work, places[place_id], [read for _, read in group])
        done += [Put(line.number, entry.public_id) for (line, _), entry in zip(group, made, strict=True)]
    return done


def take_back(work: Work, ground: Ground, row: ImportRow) -> str:
    """Take a name off again. Returns why not, or ""."""
    target = row.target
    found = work.session.execute(
        select(Organisation)
        .join(RosterEntry, RosterEntry.organisation_id == Organisation.id)
        .where(RosterEntry.public_id == target)
    ).scalar_one_or_none()
    if found is None:
        return "花名册上已经没有这个人"
    if not ground.holds(found.path):
        return f"{found.name}已经转走，没有撤回"
    try:
        rosters.remove(work, found, target)
    except NotFound:
        return "花名册上已经没有这个人"
    return ""
