"""Pinyin, for finding by sound.

The readings are two small files (app/data/README.md): every character under its most usual syllable, and the phrases in
which a character sounds otherwise (重庆). A worker that has read them keeps under one megabyte of them.
"""

from array import array
from functools import cache
from pathlib import Path
from typing import NamedTuple

DATA = Path(__file__).resolve().parent.parent / "data"


class Readings(NamedTuple):
    """``syllables``: each once; ``of``: from a code point to its place among them, 0 for none; ``phrases``: those in
    which a character is read otherwise, with their syllables, and ``begins`` the characters they begin with."""

    syllables: list[str]
    of: "array[int]"
    phrases: dict[str, str]
    begins: frozenset[str]
    longest: int


def syllables(text: str) -> list[str]:
    """The syllables of ``text`` in lower case without tones; what is not Chinese stays as it is.

    >>> syllables("重庆2018级")
    ['chong', 'qing', '2018', 'ji']
    """
    known, found = _readings(), list[str]()
    at = plain = 0
    while at < len(text):
        spoken, length = _spoken(known, text, at)
        if length and plain < at:
            found.append(text[plain:at].lower())
        found += spoken
        at += length or 1
        plain = at if length else plain
    return [*found, text[plain:].lower()] if plain < len(text) else found


def _spoken(known: Readings, text: str, at: int) -> tuple[list[str], int]:
    """The syllables of what begins at ``at``, the longest phrase first, and how many characters they are of."""
    if text[at] in known.begins:
        for length in range(min(known.longest, len(text) - at), 1, -1):
            if phrase := known.phrases.get(text[at : at + length]):
                return phrase.split(), length
    code = ord(text[at])
    place = known.of[code] if code < len(known.of) else 0
    return ([known.syllables[place]], 1) if place else ([], 0)


@cache
def _readings() -> Readings:
    spoken, of = [""], array("H")
    for line in (DATA / "pinyin_characters.txt").read_text(encoding="utf-8").splitlines():
        syllable, characters = line.split()
        highest = max(map(ord, characters))
        of.extend([0] * (highest + 1 - len(of)))
        for character in characters:
            of[ord(character)] = len(spoken)
        spoken.append(syllable)
    lines = (DATA / "pinyin_phrases.txt").read_text(encoding="utf-8").splitlines()
    phrases = dict(line.split(maxsplit=1) for line in lines)
    return Readings(spoken, of, phrases, frozenset(p[0] for p in phrases), max(map(len, phrases)))
