"""Which column is what: guessed from the names people give their columns, corrected by hand, remembered."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.league.imports.models import Sort
from app.league.imports.reading import Cell

LOOKED_AT = 12
"""Rows in which the names of the columns are looked for: titles and notes stand above them."""
_GROUPING = re.compile("(基本|个人)?(信息|情况|资料)$")
SOMEBODY_ELSE = re.compile("父|母|家长|监护|辅导员|班主任|导师|紧急|介绍人|联系人|负责人|书记|填表|审核")


@dataclass(frozen=True)
class Target:
    """A field that a column may hold. ``words``: what people call it besides ``label``."""

    label: str
    words: tuple[str, ...] = ()
    needed: bool = False


CLASS_WORDS = ("支部", "所在团支部", "所在支部", "支部名称", "团支部名称", "班级", "所在班级", "班级名称", "行政班")
ORGANISATION_WORDS = ("团组织", "团组织名称", "组织名称", "单位名称", "学校", "学校名称", "团委名称", *CLASS_WORDS)
TARGETS: Mapping[Sort, Mapping[str, Target]] = {
    Sort.PEOPLE: {
        "name": Target("姓名", ("名字", "学生姓名", "团员姓名", "本人姓名", "真实姓名"), needed=True),
        "id_number": Target(
            "身份证号",
            ("身份证", "身份证号码", "证件号码", "证件号", "公民身份号码", "居民身份证号", "身份证件号", "身份证件号码"),
            needed=True,
        ),
        "branch": Target("团支部", CLASS_WORDS),
        "ethnicity": Target("民族", ("族别",)),
        "political_status": Target("政治面貌", ("面貌", "身份", "政治身份")),
        "native_place": Target("籍贯", ("户籍", "户籍地", "户籍所在地", "生源地", "家庭住址", "家庭地址")),
        "education": Target("学历", ("文化程度", "最高学历", "学历层次", "培养层次")),
        "phone": Target("手机号", ("手机", "手机号码", "联系电话", "电话", "联系方式", "本人电话", "移动电话", "电话号码")),
        "joined_league_on": Target("入团日期", ("入团时间", "入团年月", "何时入团", "加入共青团时间", "入团年月日")),
        "joined_league_at": Target("入团地点", ("入团地点或单位", "入团单位", "在何地入团", "入团所在单位", "入团学校")),
        "development_number": Target("发展团员编号", ("团员发展编号", "发展编号", "入团编号", "团员编号")),
        "certificate_number": Target("团员证编号", ("团员证号", "团员证号码", "团证编号")),
        "dues_paid_through": Target("团费交至", ("团费缴至", "团费交纳至", "团费截止", "团费缴纳至")),
        "occupation": Target("职业或专业", ("专业", "职业", "职务", "所学专业", "工作单位及职务")),
        "birth_date": Target("出生日期", ("出生年月", "生日", "出生年月日", "出生时间")),
        "sex": Target("性别"),
        "id_type": Target("证件类型", ("证件种类", "证件名称", "证件类别")),
    },
    Sort.ROSTER: {
        "name": Target("姓名", ("名字", "学生姓名", "团员姓名"), needed=True),
        "student_number": Target("学号", ("学籍号", "学生学号", "学生编号", "考号")),
        "branch": Target("团支部", CLASS_WORDS),
    },
    Sort.ORGANISATIONS: {
        "name": Target("名称", ORGANISATION_WORDS, needed=True),
        "expected": Target("应有人数", ("人数", "团员数", "团员人数", "学生人数", "总人数", "总数", "班级人数")),
        "kind": Target("类别", ("类型", "组织类别", "组织类型", "团组织类别")),
    },
}  # fmt: skip


def heading_of(sort: Sort, rows: Sequence[tuple[int, Sequence[Cell]]]) -> int:
    """The number of the row that most looks like the names of columns; 0 when none does."""
    best, found = 0, dict[str, int]()
    upper: tuple[int, Sequence[Cell]] = (0, ())
    for number, cells in rows[:LOOKED_AT]:
        above = upper[1] if upper[0] == number - 1 else ()
        known = guess(sort, storeys(sort, above, cells))
        # of a heading merged over two rows the people begin below the lower one
        if len(known) > len(found) or (known and known == found and best == number - 1):
            best, found = number, known
        upper = number, cells
    return best


def storeys(sort: Sort, above: Sequence[Cell], own: Sequence[Cell]) -> list[Cell]:
    """The names of the columns in row ``own``, with those of the row ``above`` it where the two are one heading.

    >>> storeys(Sort.PEOPLE, ["姓名", "入团信息", ""], ["", "时间", "地点"])
    ['姓名', '入团时间', '入团地点']
    """
    known, below = guess(sort, above), list(own)
    if not above or any(_at(own, place) not in ("", above[place]) for place in known.values()):
        return below
    joined: list[Cell] = []
    group: Cell = ""
    for place in range(max(len(above), len(own))):
        over, name = _at(above, place), _at(own, place)
        group = over or (group if name else "")
        if name and group and name != group:
            joined.append(_GROUPING.sub("", str(group)) + str(name))
        else:
            joined.append(name or over)
    return joined if len(guess(sort, joined)) > len(guess(sort, below)) else below


def guess(sort: Sort, heading: Sequence[Cell]) -> dict[str, int]:
    """Field → position, for the columns whose names say what they are. An exact name goes before a similar one."""
    names = [folded(cell) for cell in heading]
    found: dict[str, int] = {}
    for exact in (True, False):
        for field, target in TARGETS[sort].items():
            if field in found:
                continue
            words = [folded(word) for word in (target.label, *target.words)]
            place = next(
                (i for i, name in enumerate(names) if i not in found.values() and _is(name, words, exact)), None
            )
            if place is not None:
                found[field] = place
    return found


def folded(cell: Cell) -> str:
    """A column's name for comparison: without remarks in brackets, stars, spaces and signs."""
    text = unicodedata.normalize("NFKC", str(cell))
    text = re.sub(r"[(\[【].*?[)\]】]", "", text)
    return "".join(c for c in text if unicodedata.category(c)[0] in "LN").lower()


def digest(heading: Sequence[Cell]) -> str:
    """What a heading is remembered by."""
    return hashlib.sha256("\n".join(folded(cell) for cell in heading).encode()).hexdigest()


def _at(cells: Sequence[Cell], place: int) -> Cell:
    return cells[place] if place < len(cells) else ""


def _is(name: str, words: Sequence[str], exact: bool) -> bool:
    if exact:
        return name in words
    if len(name) > 20 or SOMEBODY_ELSE.search(name):
        return False
    return any(len(word) >= 2 and word in name for word in words)
