"""Rows that become electronic files (电子档案): waiting for their owners, counted as unverified until reviewed.

An import never touches a file that somebody has reviewed or claimed, and says nothing of files elsewhere but that the
owner must come in person, and that not before it is put in (`strangers`; T05, T43).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import delete, select

from app.kernel.audit.record import record
from app.kernel.errors import Invalid
from app.kernel.masking import mask_id_number
from app.kernel.work import Work
from app.league.accounts.models import Account
from app.league.imports import beside
from app.league.imports.ground import Ground, Judged, Line, Put
from app.league.imports.models import ImportRow, Verdict
from app.league.imports.reading import Cell
from app.league.joining.intake import Facts, Intake
from app.league.organisations.models import Organisation
from app.league.organisations.operations import refresh_in_use
from app.league.people import history
from app.league.people import operations as files
from app.league.people.codes import MEMBER_STATUS, PARTY_STATUSES, POLITICAL_STATUSES, code_of
from app.league.people.facts import name_columns, name_key, plain
from app.league.people.fields import FIELDS, label
from app.league.people.loading import NewFile, load
from app.league.people.models import Correction, Door, FileState, IdentityCase, Membership, Person, PersonChange
from app.league.people.protect import ID_NUMBER, seal_file_fields

SHOWN = (("name", "姓名"), ("id_number", "身份证号"), ("branch", "团支部"))
COMPARED = tuple(name for name in FIELDS if name not in ("id_type", "sex", "birth_date", "standing", "id_number"))
ELSEWHERE = "这个号码不能直接导入，请让本人登录填写，审核时会核对"
CROWDED = "好几行姓名一样，号码却不同，请核对"
SAME_DAY, SAME_CLASS = 4, 8
"""People of one name born on one day, and in one class: more of them are numbers that are tried out (T05)."""
SHORT = {
    "education": {
        "博士": "11", "硕士": "14", "研究生": "14", "本科": "21", "大本": "21", "大学": "21", "大专": "31", "专科": "31",
        "中专": "41", "职高": "44", "技校": "47", "高中": "61",
    },
    "political_status": {"党员": "01", "预备党员": "02", "团员": "03", "青年": "13", "非团员": "13", "无": "13",
        "中共党员(预备)": "02",
    },
}  # fmt: skip
"""What people write for the words of the national standards."""
CODED = ("ethnicity", *SHORT)
DATES = ("joined_league_on", "birth_date")
FIRST_SERIAL, LAST_SERIAL, EPOCH = 10_000, 60_000, date(1899, 12, 30)
"""Days as a spreadsheet counts them, when the cell was not marked as a date."""


@dataclass(frozen=True)
class Plan:
    """What putting a row in needs. ``known``: the waiting file it changes."""

    place: Organisation
    facts: Facts
    known: Person | None = None
    changes: tuple[str, ...] = ()


def show(typed: Mapping[str, Cell]) -> list[str]:
    """A row on the preview; the number masked."""
    return [
        mask_id_number(str(typed.get(name, ""))) if name == "id_number" else str(typed.get(name, ""))[:50]
        for name, _ in SHOWN
    ]


def read(work: Work, ground: Ground, lines: Sequence[Line]) -> list[Plan | Judged]:
    """What the rows say, whatever is on record: the longest part, done before the writer's turn."""
    return [_read(work, ground, line) for line in lines]


def judge(work: Work, ground: Ground, lines: Sequence[Line], said: Sequence[Plan | Judged]) -> list[Judged]:
    """What each row is, compared with what is on record now. ``said``: what `read` made of ``lines``."""
    known = _on_record(work, {plan.facts.id_number for plan in said if isinstance(plan, Plan)})
    pairs = zip(lines, said, strict=True)
    return [plan if isinstance(plan, Judged) else _compared(work, ground, line, plan, known) for line, plan in pairs]


def put(work: Work, ground: Ground, judged: Sequence[tuple[Line, Judged]]) -> list[Put]:
    """Make the new files and change the waiting ones, in the caller's transaction."""
    fresh = [(line, found.plan) for line, found in judged if found.verdict is Verdict.NEW]
    made = load(work, [(plan.place, [_file(work, plan.facts)]) for _, plan in fresh], verified=False)
    history.note_imported(work, [(key, plan.place.full_name) for (key, _), (_, plan) in zip(made, fresh, strict=True)])
    done = [Put(line.number, public_id) for (_, public_id), (line, _) in zip(made, fresh, strict=True)]
    for line, found in judged:
        if found.verdict is Verdict.CHANGED:
            _change(work, found.plan)
            done.append(Put(line.number, found.plan.known.public_id, found.plan.known.version))
    return done


def take_back(work: Work, ground: Ground, row: ImportRow) -> str:
    """Undo what a row did. Returns why not, or ""."""
    query = select(Person).where(Person.public_id == row.target)
    person = work.session.scalars(query.with_for_update()).one_or_none()
    if person is None:
        return "档案已经不在了"
    if not ground.holds(person.org_path):
        return "档案已经转走，没有撤回"
    if person.state is not FileState.WAITING or _owned(work, person):
        return "已经有人认领，没有撤回"
    if person.version != row.left_at:
        return "导入以后又有改动，没有撤回"
    return _restore(work, person) if row.verdict is Verdict.CHANGED else _remove(work, person)


def _read(work: Work, ground: Ground, line: Line) -> Plan | Judged:
    if why := beside.of(line):
        return why
    typed = tidied(line.typed)
    place = ground.place(plain(str(typed.get("branch", ""))))
    lost = beside.lost(line.typed)
    try:
        facts = Intake.read(typed, work.today, door=Door.IMPORT)
    except Invalid as problem:
        return _wrong(*beside.in_words(line.typed, {**problem.errors, **lost}), place)
    if isinstance(place, str):
        return _wrong(*lost.values(), *beside.contradictions(line.typed, facts), place)
    if faults := [*lost.values(), *beside.contradictions(line.typed, facts)]:
        return _wrong(*faults)
    if (first := ground.twice(facts.id_number, line.number)) is not None:
        return Judged(Verdict.WRONG, f"身份证号和第 {first} 行相同")
    name = name_key(facts.name)
    if ground.crowd(name, facts.birth_date) > SAME_DAY or ground.crowd(name, place.id) > SAME_CLASS:
        return Judged(Verdict.WRONG, CROWDED)
    return Plan(place, facts)


def _wrong(*faults: Any) -> Judged:
    """``faults``: sentences; anything else among them is none."""
    said = dict.fromkeys(fault for fault in faults if isinstance(fault, str))
    return Judged(Verdict.WRONG, "；".join(said)[:300])


def tidied(typed: Mapping[str, Cell]) -> dict[str, Any]:
    """The cells as the intake reads them: short words, days and months as spreadsheets have them, lost dashes.

    Raises nothing: what cannot be read stays as it is, and the intake says so.
    """
    kept: dict[str, Any] = {
        name: "" if beside.says_nothing(cell, name) else _number(cell) for name, cell in typed.items()
    }
    kept["name"] = beside.name_of(kept.get("name", ""))
    for name in CODED:
        text = "".join(plain(str(kept.get(name, ""))).split())
        kept[name] = SHORT.get(name, {}).get(text, text)
    for name in DATES:
        kept[name] = "" if beside.says_nothing(typed.get(name, ""), name) else _day(typed.get(name, ""))
    if not _is_day(kept["birth_date"]) and kept.get("id_number"):
        kept["birth_date"] = ""  # a year and month alone: the number tells the day
    if not plain(str(kept["political_status"])) and (kept["joined_league_on"] or kept.get("certificate_number")):
        kept["political_status"] = MEMBER_STATUS
    if code_of(POLITICAL_STATUSES, plain(str(kept["political_status"]))) in PARTY_STATUSES:
        kept["member"] = "yes" if kept["joined_league_on"] else "no"
    return kept


def _number(cell: Cell) -> str:
    """A number in scientific notation written out, when none of its digits is lost."""
    text = repr(cell) if isinstance(cell, float) else cell
    if ("e" not in text and "E" not in text) or not re.fullmatch(r"\d(\.\d+)?[eE]\+?\d{1,2}", text.strip()):
        return text
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return text
    digits, exponent = len(number.as_tuple().digits), number.adjusted()
    return f"{number:f}".split(".")[0] if digits == exponent + 1 else text


def _day(cell: Cell) -> str:
    """A day; a month alone stands for its first day, as certificates have it."""
    if cell == 0:
        return ""
    text = plain(repr(cell) if isinstance(cell, float) else cell)
    if " " in text:
        text = re.sub(r" \d{1,2}:\d{2}.*$", "", text)  # the hour that some programs write behind every day
        text = re.sub(r"(?<=\d) (?=\d)", "-", text).replace(" ", "")
    if text.isascii() and text.isdigit() and FIRST_SERIAL <= int(text) <= LAST_SERIAL:
        return (EPOCH + timedelta(days=int(text))).isoformat()
    if found := re.fullmatch(r"(\d{4})\D?(\d{2})|(\d{4})\D(\d{1,2})\D?", text):
        year, month = found[1] or found[3], found[2] or found[4]
        return f"{year}-{int(month):02d}-01"
    return text.split("T")[0]


def _is_day(text: str) -> bool:
    return bool(re.fullmatch(r"\d{4}\D?\d{1,2}\D?\d{1,2}\D?", text)) and not text.endswith("-01")


def _on_record(work: Work, numbers: set[str]) -> dict[str, Person]:
    """Live files by number, wherever they stand."""
    indexes = {index: number for number in numbers for index in work.vault.indexes(ID_NUMBER, number)}
    query = select(Person).where(Person.id_number_index.in_(indexes), Person.state != FileState.CLOSED)
    return {indexes[person.id_number_index]: person for person in work.session.scalars(query)}


def _compared(work: Work, ground: Ground, line: Line, plan: Plan, known: Mapping[str, Person]) -> Judged:
    if fault := ground.fault(plan.place):
        return Judged(Verdict.WRONG, fault)
    person = known.get(plan.facts.id_number)
    if person is None:
        return Judged(Verdict.NEW, plan=plan)
    if not ground.holds(person.org_path):
        elsewhere = Judged(Verdict.DOUBTFUL, ELSEWHERE)
        return Judged(Verdict.NEW, truth=elsewhere, odd=name_key(person.name) != name_key(plan.facts.name))
    if person.org_path != plan.place.path:
        return Judged(Verdict.DOUBTFUL, "档案在别的团支部，请先办转移")
    changed = tuple(name for name in COMPARED if _differs(work, person, plan.facts, line.typed, name))
    if not changed:
        return Judged(Verdict.EQUAL)
    words = "、".join(label(name) for name in changed)
    if person.state is not FileState.WAITING:
        return Judged(Verdict.DOUBTFUL, f"档案已经审核，不再按表格改。不同的是：{words}")
    return Judged(Verdict.CHANGED, f"要改：{words}", Plan(plan.place, plan.facts, person, changed))


def _differs(work: Work, person: Person, facts: Facts, typed: Mapping[str, Cell], name: str) -> bool:
    """Whether the row says something else. What its column leaves empty is not said."""
    said = getattr(facts, name)
    return name in typed and said not in ("", None) and said != history.value_of(work.vault, person, name)


def _file(work: Work, facts: Facts) -> NewFile:
    columns = {name: value for name, value in facts.columns().items() if name != "statement"}
    return NewFile(columns, facts.id_number, facts.phone, work.now)


def _change(work: Work, plan: Plan) -> None:
    person = plan.known
    assert person is not None
    before = {name: history.value_of(work.vault, person, name) for name in plan.changes}
    for name in plan.changes:
        _write(work, person, name, getattr(plan.facts, name))
    person.version += 1
    work.session.flush()
    _tell(work, person, {name: (before[name], getattr(plan.facts, name)) for name in plan.changes})


def _write(work: Work, person: Person, name: str, value: Any) -> None:
    if name == "name":
        for column, text in name_columns(value).items():
            setattr(person, column, text)
    elif FIELDS[name].protected:
        sealed = seal_file_fields(work.vault, "", value)
        person.phone_sealed, person.phone_index = sealed["phone_sealed"], sealed["phone_index"]
    else:
        setattr(person, name, value)


def _tell(work: Work, person: Person, changes: Mapping[str, tuple[Any, Any]]) -> None:
    real = history.note(work, person, changes, "import")
    record(
        work, "people:file:reload", "person", person.public_id,
        org_path=person.org_path, person_id=person.id, changes=real,
    )  # fmt: skip


def _owned(work: Work, person: Person) -> bool:
    return work.session.scalar(select(Account.id).where(Account.person_id == person.id)) is not None


def _restore(work: Work, person: Person) -> str:
    """Put back what the last change, which was the import's, has changed."""
    rows = [row for row in history.changes_of(work.session, person.id) if row.cause == "import"]
    changes: dict[str, tuple[Any, Any]] = {}
    for row in (row for row in rows if row.at == rows[0].at and row.field != history.CREATED):
        old = history.read(work.vault, row.field, row.old)
        changes[row.field] = (history.value_of(work.vault, person, row.field), old)
        _write(work, person, row.field, old if old is not None or row.field in DATES else "")
    person.version += 1
    work.session.flush()
    _tell(work, person, changes)
    return ""


def _remove(work: Work, person: Person) -> str:
    """A file that nobody has touched since it was loaded: what stays is the audit."""
    held = (Correction, IdentityCase)
    if any(work.session.scalar(select(table.id).where(table.person_id == person.id).limit(1)) for table in held):
        return "有人正在核对这份档案，没有撤回"
    path, key, public_id = person.org_path, person.id, person.public_id
    files.count(work.session, person, -1)
    for table in (Membership, PersonChange):
        work.session.execute(delete(table).where(table.person_id == key))
    work.session.delete(person)
    work.session.flush()
    refresh_in_use(work, path)
    record(work, "people:file:unload", "person", public_id, org_path=path)
    return ""
