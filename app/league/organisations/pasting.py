"""A list of names pasted from a sheet or a message: cleaned, numbered prefixes taken off, doubles marked."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from app.kernel.errors import Invalid
from app.league.organisations.names import clean_name, fold
from app.league.organisations.operations import MOST_EXPECTED

MOST = 2_000
_NUMBERING = re.compile(
    r"^\s*(?:[(（]?\d{1,3}[)）]|\d{1,3}\s*[.、．]|[一二三四五六七八九十]{1,3}、|[①-⑳]|[-*•·])\s*(?=\S)"
)
_EXPECTED = re.compile(r"^(?P<name>.*?)\s*[\t,，]\s*(?P<count>\d{1,6})\s*人?\s*$")


@dataclass(frozen=True)
class Line:
    """One pasted line. ``fault``: why it will not be made; "" when it will."""

    number: int
    typed: str
    name: str
    expected: int
    fault: str = ""


def read(text: str, taken: Collection[str]) -> list[Line]:
    """The lines of ``text`` that say anything, each judged. ``taken``: folded names that stand there already.

    A member count may follow the name after a tab or a comma. Raises Invalid on ``names`` when there is nothing or
    too much.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise Invalid({"names": "请粘贴名称，每行一个"})
    if len(lines) > MOST:
        raise Invalid({"names": f"一次最多 {MOST} 行，请分几次"})
    seen: dict[str, int] = {}
    return [_line(number, line, taken, seen) for number, line in enumerate(lines, 1)]


def _line(number: int, typed: str, taken: Collection[str], seen: dict[str, int]) -> Line:
    counted = _EXPECTED.match(typed)
    rest, expected = (counted["name"], int(counted["count"])) if counted else (typed, 0)
    try:
        name = clean_name(_NUMBERING.sub("", rest.strip().rstrip(",，;；、\t")))
    except Invalid as problem:
        return Line(number, typed.strip(), rest.strip(), expected, problem.text)
    key = fold(name)
    if key in taken:
        fault = "已经存在"
    elif key in seen:
        fault = f"和第 {seen[key]} 行重复"
    elif expected > MOST_EXPECTED:
        fault = "人数太大，请核对"
    else:
        fault = ""
        seen[key] = number
    return Line(number, typed.strip(), name, expected, fault)
