"""What is said of a row of a sheet: in the words of who reads a list, not of who fills in a form.

A form says 请选择民族; below a list that helps nobody, so the cell is quoted. What stands between the people (headings
again, sums, remarks) is told apart from them.
"""

import re
from collections.abc import Mapping
from datetime import date

from app.league.imports import columns
from app.league.imports.ground import Judged, Line
from app.league.imports.models import Sort, Verdict
from app.league.imports.reading import Cell
from app.league.joining.intake import Facts
from app.league.people.codes import NUMBERED_TYPES, SEXES
from app.league.people.facts import id_birth_date, id_sex, plain

TARGETS = columns.TARGETS[Sort.PEOPLE]
REMARK = re.compile(r"(合计|总计|小计|共计|总人数|制表|填表|填报|审核|备注|说明|注)")
SUM = re.compile(r"(合计|总计|小计|共计|总人数)[\d一-十]*[个人名]?")
SIGNED = re.compile(r"\s*(注|备注|说明|(填表|制表|填报|审核)(人|单位)?)\s*\d*\s*[:：]")
NOTHING = {"不详", "未知", "不清楚", "不记得", "暂无", "-", "—", "——", "/", "\\", "空"}
"""What people write to leave a cell empty."""
NONE = {"无", "没有", "未入团", "未入", "0"}
MAY_BE_NONE = {
    "phone", "joined_league_on", "joined_league_at", "development_number", "certificate_number", "dues_paid_through",
}  # fmt: skip
"""Where that means the same; of the political status it is an answer."""
WHOSE = re.compile(r"\s*[(（][男女][)）]\s*$")
ASIDE = "这一行像是合计或备注，没有导入"
QUOTED = 20
FEWEST_DIGITS = 6
"""Of a number that may be somebody's."""


def of(line: Line) -> Judged | None:
    """What a row is that holds nobody: a heading once more, a sum, a remark. None for all others."""
    if sum(letter.isdigit() for letter in str(line.typed.get("id_number", ""))) >= FEWEST_DIGITS:
        return None
    said = {name: folded for name, cell in line.typed.items() if (folded := columns.folded(cell))}
    if said and all(folded in _names(name) for name, folded in said.items()):
        return Judged(Verdict.EQUAL)
    if REMARK.match(columns.folded(line.first)):
        return Judged(Verdict.WRONG, ASIDE)
    return None


def aside(line: Line) -> Judged | None:
    """What a row is that is a sum or a remark, in a list without numbers that tell; a name may begin with 注 or 审."""
    if SUM.fullmatch(columns.folded(line.first)) or SIGNED.match(str(line.first)):
        return Judged(Verdict.WRONG, ASIDE)
    return None


def says_nothing(cell: Cell, name: str = "") -> bool:
    """Whether a cell of the field ``name`` is empty, in whatever words."""
    if not isinstance(cell, str) or len(cell) >= QUOTED:
        return False
    said = plain(cell)
    return said in NOTHING or (name in MAY_BE_NONE and said in NONE)


def name_of(cell: Cell) -> str:
    """A name without the remark that lists put behind it.

    >>> name_of("林晓春（女）")
    '林晓春'
    """
    return WHOSE.sub("", str(cell))


def lost(typed: Mapping[str, Cell]) -> dict[str, str]:
    """Field → what a spreadsheet program has done to its cell, so that nobody can tell any more what it was."""
    faults = {}
    number = str(typed.get("id_number", "")).strip()
    # A program that took a number of 18 digits for an amount has thrown the last three away.
    if re.fullmatch(r"\d(\.\d+)?[eE]\+?1[67]", number) or re.fullmatch(r"\d{15}000", number):
        faults["id_number"] = "Excel 把身份证号存成了数字，后三位丢了。请把这一列设为文本，重新填写"
    for name in ("joined_league_on", "birth_date"):
        cell = typed.get(name, "")
        if isinstance(cell, str) and plain(cell) and not says_nothing(cell, name) and not re.search(r"\d", plain(cell)):
            faults[name] = f"{TARGETS[name].label}“{plain(cell)[:QUOTED]}”读不懂，请核对写法"
        # 1998.1 as a number may have been typed as 1998.10.
        if isinstance(cell, float) and re.fullmatch(r"\d{4}\.1", repr(cell)):
            faults[name] = f"{TARGETS[name].label}“{cell}”分不清是 1 月还是 10 月"
    return faults


def in_words(typed: Mapping[str, Cell], errors: Mapping[str, str]) -> list[str]:
    """The errors of the form, said of cells."""
    told = {name: text for name, text in errors.items() if name != "birth_date" or "id_number" not in errors}
    return [_quoting(name, typed.get(name, ""), text) for name, text in told.items()]


def contradictions(typed: Mapping[str, Cell], facts: Facts) -> list[str]:
    """Where other columns say something else than the number does (GB 11643: it holds birth and sex)."""
    faults: list[str] = []
    if facts.id_type not in NUMBERED_TYPES:
        return faults
    sex = plain(str(typed.get("sex", "")))
    if sex[:1] in SEXES.values() and sex[:1] != SEXES[id_sex(facts.id_number)]:
        faults.append("性别和身份证号不一致，请核对")
    if not _agrees(plain(str(typed.get("birth_date", ""))), id_birth_date(facts.id_number)):
        faults.append("出生日期和身份证号不一致，请核对")
    return faults


def _agrees(written: str, born: date | None) -> bool:
    """Whether a written birthday, or the year and month of one, may be ``born``. What is no date says nothing."""
    found = re.match(r"(\d{4})\D?(\d{1,2})(?:\D?(\d{1,2}))?(?!\d)", written)
    if found is None or born is None:
        return True
    parts = [int(part) for part in found.groups() if part]
    return parts == [born.year, born.month, born.day][: len(parts)]


def _names(field: str) -> set[str]:
    target = TARGETS[field]
    return {columns.folded(word) for word in (target.label, *target.words)}


def _quoting(name: str, cell: Cell, text: str) -> str:
    value = plain(str(cell))
    if name not in TARGETS or not text.startswith(("请选择", "请填写")):
        return text
    label = TARGETS[name].label
    return f"{label}“{value[:QUOTED]}”读不懂，请核对写法" if value else f"没有{label}"
