"""Where a generated province keeps its people: which committees stand under which, how many branches each, how large.

The plan is a pure function of the number of people and the seed. A run that was broken off makes the same plan again
and goes on with what is missing.
"""

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from app.league.organisations.models import Kind
from app.league.organisations.seed import DATA

PEOPLE_PER_BRANCH = 36
"""A class. With its committees a million files then stand in 30,000 organisations."""
SHARES = {Kind.UNIVERSITY: 0.42, Kind.SCHOOL: 0.46, Kind.ENTERPRISE: 0.12}
"""How many of the people each kind of committee holds together."""
BRANCHES_PER_COLLEGE = 26
MAJORS = ("会计", "机械", "软件", "护理", "学前", "数学", "化工", "英语", "法学", "土木", "中文", "物流")
SHOPS = ("机关", "一车间", "二车间", "三车间", "检修", "销售", "质检", "后勤", "运输", "技术")
SCHOOLS = ("第一中学", "第二中学", "职业中学", "实验中学", "第三中学", "综合高中", "第四中学", "师范附中")
WORKS = ("机械厂", "煤业公司", "电力公司", "商贸公司", "建工公司", "食品厂")


@dataclass(frozen=True)
class Branch:
    """A branch to be: ``files`` it holds, what its people study for (GB/T 4658), and the years they were born in."""

    name: str
    files: int
    degree: str
    born: tuple[int, ...]


@dataclass(frozen=True)
class Unit:
    """A committee with its branches. ``above``: code of the organisation over it; ``name`` None: that one itself."""

    above: str
    kind: Kind
    name: str | None
    people: int
    number: int


def units(people: int, seed: int, year: int) -> Iterator[Unit]:
    """Every committee of the plan with the number of its people: ``people`` in all.

    ``year``: this year, for the years of birth. ``seed``: another one, another province.
    """
    dice = random.Random(seed)  # noqa: S311 — invented data, nothing secret
    wanted = _universities() + _below("3", Kind.SCHOOL, SCHOOLS, "中学", people // 1500)
    wanted += _below("2", Kind.ENTERPRISE, WORKS, "公司", people // 2500)
    weights = [SHARES[unit.kind] * w for unit, w in zip(wanted, _skewed(wanted, dice), strict=True)]
    for number, (unit, size) in enumerate(zip(wanted, _split(people, weights), strict=True)):
        if size:
            yield Unit(unit.above, unit.kind, unit.name, size, number)


def colleges(unit: Unit) -> list[str]:
    """Names of the colleges between a university and its branches; none elsewhere."""
    if unit.kind is not Kind.UNIVERSITY:
        return []
    return [f"第{number}学院" for number in range(1, 2 + _branches_of(unit) // BRANCHES_PER_COLLEGE)]


def branches(unit: Unit, seed: int, year: int) -> list[Branch]:
    """The branches of ``unit``: most of them classes of some thirty, a few ten times as large."""
    dice = random.Random(f"{seed}/{unit.number}")  # noqa: S311 — invented data
    count = _branches_of(unit)
    weights = [min(dice.lognormvariate(0, 0.45), 6.0) for _ in range(count)]
    return [
        Branch(name, size, *_cohort(unit.kind, index, year))
        for index, (name, size) in enumerate(zip(_names(unit, year), _split(unit.people, weights), strict=False))
        if size
    ]


def _branches_of(unit: Unit) -> int:
    return max(1, round(unit.people / PEOPLE_PER_BRANCH))


def _universities() -> list[Unit]:
    with (DATA / "shanxi_universities.csv").open(encoding="utf-8", newline="") as lines:
        codes = [row["moe_code"] for row in csv.DictReader(lines) if row["moe_code"]]
    return [Unit(code, Kind.UNIVERSITY, None, 0, 0) for code in codes]


def _below(level: str, kind: Kind, stems: tuple[str, ...], ending: str, most: int) -> list[Unit]:
    """Invented committees under the divisions of ``level``, in turn: at least one, ``most`` of them at most."""
    with (DATA / "shanxi_divisions.csv").open(encoding="utf-8", newline="") as lines:
        divisions = [(row["code"], row["name"]) for row in csv.DictReader(lines) if row["level"] == level]

    def in_turn() -> Iterator[Unit]:
        for round_ in range(10_000):
            for code, name in divisions:
                stem = stems[round_] if round_ < len(stems) else f"第{round_ + 1}{ending}"
                yield Unit(code, kind, f"演示{name}{stem}团委", 0, 0)

    return list(islice(in_turn(), max(1, most)))


def _skewed(wanted: list[Unit], dice: random.Random) -> list[float]:
    """Weights that sum to one within each kind: a few large, a long tail of small ones."""
    raw = [dice.paretovariate(1.6) for _ in wanted]
    total = {kind: sum(w for w, u in zip(raw, wanted, strict=True) if u.kind is kind) for kind in SHARES}
    return [w / total[u.kind] for w, u in zip(raw, wanted, strict=True)]


def _split(people: int, weights: list[float]) -> list[int]:
    """``people`` in whole numbers by ``weights``; the sum is exact."""
    total, sizes, given, passed = sum(weights), [], 0, 0.0
    for weight in weights:
        passed += weight
        here = round(people * passed / total) - given
        given += here
        sizes.append(here)
    return sizes


def _names(unit: Unit, year: int) -> Iterator[str]:
    for index in range(_branches_of(unit)):
        if unit.kind is Kind.UNIVERSITY:
            major, entered = MAJORS[index % len(MAJORS)], year - index // len(MAJORS) % 4
            yield f"{major}{entered}级{index // (len(MAJORS) * 4) + 1}班团支部"
        elif unit.kind is Kind.SCHOOL:
            yield f"{year - index % 3}级{index // 3 + 1}班团支部"
        else:
            shop = SHOPS[index % len(SHOPS)]
            yield f"{shop}团支部" if index < len(SHOPS) else f"{shop}{index // len(SHOPS) + 1}组团支部"


def _cohort(kind: Kind, index: int, year: int) -> tuple[str, tuple[int, ...]]:
    """(degree, years of birth) of the branch with this ``index``, in step with the year in its name."""
    if kind is Kind.UNIVERSITY:
        entered = year - index // len(MAJORS) % 4
        return ("21" if index % 3 else "31"), (entered - 18, entered - 19)
    if kind is Kind.SCHOOL:
        entered = year - index % 3
        return "61", (entered - 15, entered - 16)
    return "41", tuple(range(year - 28, year - 20))
