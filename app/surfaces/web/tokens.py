"""The colours of the stylesheet and how well they can be read: for the style page and for the test that holds them.

The stylesheet is the one place where a colour is written; here it is only read.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

ENOUGH = 7.0
"""Contrast of text on its ground (WCAG 2.2, 1.4.6)."""
VISIBLE = 3.0
"""Contrast of an edge or a focus ring beside what it stands on (1.4.11)."""
SCHEMES = ("light", "dark")
TEXT_ON: Mapping[str, tuple[str, ...]] = {
    "ink": ("paper", "surface", "sunken", "red-wash", "grey-wash"),
    "ink-2": ("paper", "surface", "sunken", "grey-wash"),
    "link": ("paper", "surface", "sunken"),
    "red-ink": ("paper", "surface", "red-wash"),
    "green": ("green-wash", "surface", "paper"),
    "amber": ("amber-wash", "surface", "paper"),
    "blue": ("blue-wash", "surface"),
    "stop": ("stop-wash", "surface", "paper"),
    "on-red": ("red-deep", "red-press"),
    "on-good": ("good", "good-press"),
    "on-toast": ("toast",),
    "toast-link": ("toast",),
}
EDGE_ON: Mapping[str, tuple[str, ...]] = {
    "edge": ("surface", "paper"),
    "focus": ("surface", "paper"),
    "red": ("surface", "paper"),
}


@dataclass(frozen=True)
class Pair:
    """One colour on another in one scheme, its contrast and the least it must have."""

    scheme: str
    ink: str
    ground: str
    ink_colour: str
    ground_colour: str
    contrast: float
    least: float

    @property
    def holds(self) -> bool:
        """Whether it can be read."""
        return self.contrast >= self.least


def schemes(stylesheet: Path) -> dict[str, dict[str, str]]:
    """scheme → token → colour (#rrggbb). The dark scheme says only what differs."""
    blocks = re.findall(r":root \{(.*?)\}", stylesheet.read_text(encoding="utf-8"), re.DOTALL)
    found: dict[str, dict[str, str]] = {}
    before: dict[str, str] = {}
    for scheme, block in zip(SCHEMES, blocks, strict=False):
        before = before | {name: _long(value) for name, value in re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", block)}
        found[scheme] = before
    return found


def pairs(stylesheet: Path) -> list[Pair]:
    """Every pair that pages use, in every scheme."""
    found = []
    for scheme, colours in schemes(stylesheet).items():
        for wanted, least in ((TEXT_ON, ENOUGH), (EDGE_ON, VISIBLE)):
            for ink, grounds in wanted.items():
                for ground in grounds:
                    one, other = colours[ink], colours[ground]
                    found.append(Pair(scheme, ink, ground, one, other, contrast(one, other), least))
    return found


def contrast(one: str, other: str) -> float:
    """Contrast of two colours, 1 to 21 (WCAG 2.2, relative luminance).

    >>> round(contrast("#000000", "#ffffff"))
    21
    """
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[start:end], 16) / 255 for start, end in pairwise((1, 3, 5, 7))]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _long(colour: str) -> str:
    return colour if len(colour) == 7 else "#" + "".join(c * 2 for c in colour[1:])
