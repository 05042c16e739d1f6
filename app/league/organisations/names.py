"""Names of organisations: cleaned, written out in full, and made findable."""

import re
import unicodedata

from app.kernel.errors import Invalid
from app.league.organisations.models import Kind
from app.league.organisations.rules import COMMITTEES, LEADING
from app.league.pinyin import syllables as spoken

MAX_NAME = 100
JOIN = " · "
_ENDINGS = re.compile(r"(?<=.)(工作委员会|团工委|委员会|团委)$")


def clean_name(text: str) -> str:
    """An organisation's name in half-width characters, single spaces, at most 100 long. Raises Invalid on ``name``."""
    folded = unicodedata.normalize("NFKC", text)
    visible = "".join(c for c in folded if unicodedata.category(c)[0] != "C" or c in "\t\n")
    name = re.sub(r"\s+", " ", visible).strip()
    if not name:
        raise Invalid({"name": "请填写名称"})
    if len(name) < 2:
        raise Invalid({"name": "名称至少两个字"})
    if len(name) > MAX_NAME:
        raise Invalid({"name": f"名称最多 {MAX_NAME} 个字"})
    if not any(unicodedata.category(c)[0] == "L" for c in name):
        raise Invalid({"name": "名称里要有文字"})
    return name


def stem(name: str) -> str:
    """What the committee is of: 共青团太原市委 → 太原市, 山西大学团委 → 山西大学.

    >>> stem("共青团太原市委员会")
    '太原市'
    """
    rest = name.removeprefix("共青团")
    if rest != name:
        rest = re.sub(r"(?<=[省市县区])委$", "", rest)
    return _ENDINGS.sub("", rest)


def full_name(kind: Kind, name: str, parent_kind: Kind | None, parent_full_name: str, parent_name: str) -> str:
    """The name written out: a committee's formal name, and for what stands below it the way down from it."""
    if kind in COMMITTEES and kind is not Kind.COLLEGE:
        ending = "工作委员会" if kind is Kind.SECTOR else "委员会"
        # 城区, 矿区 and 郊区 exist in several cities
        of = stem(parent_name) if kind is Kind.COUNTY and re.fullmatch(r".区", stem(name)) else ""
        return f"共青团{of}{stem(name)}{ending}"
    if parent_kind is None:
        return name
    from_committee = parent_kind in LEADING or (parent_kind in COMMITTEES and parent_kind is not Kind.COLLEGE)
    return f"{stem(parent_name) if from_committee else parent_full_name}{JOIN}{name}"[:400]


def search_text(name: str, full: str, aliases: str = "", code: str | None = None) -> str:
    """What a fragment is looked for in: names, other names, code, pinyin and initials."""
    lines: list[str] = []
    for known in (name, stem(name), full, *aliases.splitlines()):
        folded = fold(known)
        syllables = spoken(folded)
        lines += [folded, "".join(syllables), "".join(s[:1] if len(s) > 1 and s.isalpha() else s for s in syllables)]
    if code:
        lines.append(code)
    return "\n".join(dict.fromkeys(line for line in lines if line))


def fold(text: str) -> str:
    """The text for comparison: width, case, spaces and separators folded away."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if unicodedata.category(c)[0] in "LN")


def add_alias(aliases: str, *names: str) -> str:
    """``aliases`` with ``names`` among them once."""
    return "\n".join(dict.fromkeys([*aliases.splitlines(), *(n for n in names if n)]))
