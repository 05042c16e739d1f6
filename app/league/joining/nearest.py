"""The roster name that looks or sounds most like a given one: 张翔 / 张祥."""

from collections.abc import Iterable
from difflib import SequenceMatcher

from app.league.people.facts import name_key, pinyin

NEAR_ENOUGH = 0.6
SOUND_COUNTS = 0.9
"""A name that sounds the same but is written otherwise stays a little behind one that is written the same."""


def likeness(one: str, other: str) -> float:
    """From 0 to 1: how alike two names are, by their characters or by their sound, whichever is more."""
    written = SequenceMatcher(None, name_key(one), name_key(other)).ratio()
    heard = SequenceMatcher(None, pinyin(one)[0], pinyin(other)[0]).ratio()
    return max(written, heard * SOUND_COUNTS)


def nearest_name(name: str, names: Iterable[str]) -> str | None:
    """The nearest of ``names``, None when none is near enough to be a slip of the pen."""
    best = max(names, key=lambda other: likeness(name, other), default=None)
    return best if best is not None and likeness(name, best) >= NEAR_ENOUGH else None
