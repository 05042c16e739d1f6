"""Pictures as plain numbers for the templates, which write them as SVG: small lines, a chart, a treemap, the map.

Every colour is a class; the classes stand in the stylesheet. Nothing here is random, so the same figures draw the same
picture.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

from app.league.organisations.history import Trend
from app.surfaces.web.treemap import Box, squarify

MAP_FILE = Path(__file__).parents[2] / "data" / "shanxi_map_cities.svg"
WIDE, NARROW = Box(0, 0, 960, 360), Box(0, 0, 350, 400)
FEW = 8
"""A treemap of fewer cells is half as high."""
MOST_WIDE, MOST_NARROW = 60, 18
MOST_BELOW = 3
"""Two levels together may be so many times as many cells as one."""
RIGHT = 30
"""Room at a chart's right edge for half of the last day's name."""
HEAD = 30
"""Height of a group's label in a treemap."""
LETTER = 15
"""Width of a Chinese character in a treemap's labels, in its units, a little room included."""
SHARES = (0.25, 0.5, 0.75, 0.95)
"""Where one shade of 建档率 ends and the next begins."""
SHARE_WORDS = ("不到 25%", "25%–50%", "50%–75%", "75%–95%", "95% 以上")


class Spark(NamedTuple):
    """The path of a small line, of the ground under it, and its last point."""

    line: str
    area: str
    x: float
    y: float


def spark(values: Sequence[int], width: int = 96, height: int = 28) -> Spark:
    """A line through ``values``, in a box of ``width`` × ``height`` with room for the stroke."""
    low, high = min(values), max(values)
    step, span = (width - 6) / max(len(values) - 1, 1), high - low
    points = [
        (
            round(2 + number * step, 1),
            round(height - 3 - (value - low) / span * (height - 6), 1) if span else height / 2,
        )
        for number, value in enumerate(values)
    ]
    line = "M" + " ".join(f"{x:g} {y:g}" for x, y in points)
    return Spark(line, f"{line} V{height} H2 Z", *points[-1])


@dataclass(frozen=True)
class Tick:
    """A line of the grid or a day under it: where, and what it says."""

    at: float
    text: str


@dataclass(frozen=True)
class Chart:
    """A line over days with its two axes."""

    width: int
    height: int
    left: int
    bottom: int
    line: str
    area: str
    rows: list[Tick]
    columns: list[Tick]
    x: float
    y: float


def chart(trend: Trend, width: int, height: int) -> Chart:
    """The chart of a trend. Its figures begin at nought when that costs little, else at a round figure below."""
    low, high, step = _range(min(trend.values), max(trend.values))
    left, bottom, top = 12 + 8 * len(f"{high:,}"), height - 26, 12
    across = (width - left - RIGHT) / (len(trend.days) - 1)
    down = (bottom - top) / (high - low)
    points = [(round(left + i * across, 1), round(bottom - (v - low) * down, 1)) for i, v in enumerate(trend.values)]
    line = "M" + " ".join(f"{x:g} {y:g}" for x, y in points)
    every = 6 if width > 400 else 10
    last = len(trend.days) - 1
    return Chart(
        width,
        height,
        left,
        bottom,
        line,
        f"{line} V{bottom} H{left} Z",
        [Tick(round(bottom - (v - low) * down, 1), f"{v:,}") for v in range(low, high + 1, step)],
        [
            Tick(points[i][0], f"{trend.days[i].month}月{trend.days[i].day}日")
            for i in range(last % every, last + 1, every)
        ],
        *points[-1],
    )


def _range(lowest: int, highest: int) -> tuple[int, int, int]:
    """(first, last, step) of a grid of two to five round lines around the figures."""
    lowest = 0 if lowest < highest / 2 else lowest
    size, step = max(highest - lowest, 3), 1
    while size / step > 4:
        step = step * 5 // 2 if str(step).startswith("2") else step * 2
    low = lowest // step * step
    return low, max(-(-highest // step) * step, low + step), step


def shade(share: float | None, bounds: Sequence[float] = SHARES) -> int | None:
    """Which of the five shades, 0 the lightest; None where there is nothing to measure by."""
    return None if share is None else sum(share >= bound for bound in bounds)


class Item(NamedTuple):
    """What a picture shows of one organisation."""

    name: str
    size: float
    share: float | None
    url: str | None
    words: str
    """The figures in words, for the title."""
    below: tuple["Item", ...] = ()
    """What stands directly under it, as far as it is known."""


@dataclass(frozen=True)
class Cell:
    """A rectangle of a treemap with what fits into it; ``group``: others are drawn on it, under its label."""

    item: Item
    box: Box
    shade: int | None
    label: str
    percent: str
    group: bool = False


@dataclass(frozen=True)
class Treemap:
    """Cells that fill an area; a group comes before what is drawn on it."""

    area: Box
    cells: list[Cell]


def treemap(items: Iterable[Item], area: Box = WIDE, most: int = MOST_WIDE) -> Treemap:
    """The largest ``most`` items as cells; what is left over is one cell together. Items without size are left out.

    A cell with room enough is divided among what stands under it, where that leaves the smaller part untold.
    """
    shown = _largest(items, most)
    inside = sum(len(item.below) for item in shown)
    if len(shown) + min(inside, most) < FEW:
        area = area._replace(height=area.height / 2)
    size = sum(item.size for item in shown)
    cells: list[Cell] = []
    for item, box in zip(shown, squarify([item.size for item in shown], area), strict=True):
        room = int(MOST_BELOW * most * item.size / size) if len(shown) < most / 2 else 0
        cells += _divided(item, box, room) if _divides(item, box, room) else [_cell(item, box)]
    return Treemap(area, cells)


def _largest(items: Iterable[Item], most: int) -> list[Item]:
    """The largest from the largest down; those beyond ``most`` as one."""
    sized = sorted((item for item in items if item.size > 0), key=lambda item: -item.size)
    if rest := sized[most:]:
        size = sum(item.size for item in rest)
        done = sum(item.size * (item.share or 0) for item in rest)
        more = Item(f"其余 {len(rest)} 个", size, done / size, None, f"合计 {size:g} 人")
        return sorted([*sized[:most], more], key=lambda item: -item.size)
    return sized


def _divides(item: Item, box: Box, room: int) -> bool:
    return 1 < len(item.below) < 2 * room and box.width >= 110 and box.height >= 90


def _divided(item: Item, box: Box, room: int) -> list[Cell]:
    """A group with its label, and its cells under that; what is not known of it is left as its ground."""
    whole, share = _cell(item, box), "" if item.share is None else f" {item.share * 100:.0f}%"
    label = whole.label + (share if (len(whole.label) + 3) * LETTER < box.width else "")
    inner = Box(box.x + 4, box.y + HEAD, box.width - 8, box.height - HEAD - 4)
    shown = _largest(item.below, room)
    placed = squarify([one.size for one in shown], inner)
    return [replace(whole, label=label, percent="", group=True), *map(_cell, shown, placed)]


def _cell(item: Item, box: Box) -> Cell:
    box = Box(*(round(side, 1) for side in box))
    room = int((box.width - 10) // LETTER)
    label, percent = "", ""
    if room >= 2 and box.height >= 22:
        label = item.name if len(item.name) <= room else item.name[: room - 1] + "…" if room >= 3 else ""
    if item.share is not None and box.height >= 42 and box.width >= 46:
        percent = f"{item.share * 100:.0f}%"
    return Cell(item, box, shade(item.share), label, percent)


@dataclass(frozen=True)
class City:
    """A city's outline; ``code`` as in GB/T 2260, (x, y): where its name stands."""

    code: str
    name: str
    path: str
    x: float
    y: float


@dataclass(frozen=True)
class Map:
    """The province's cities, each with its figure."""

    cities: list[tuple[City, Item | None, int | None]]
    words: Sequence[str] = field(default=SHARE_WORDS)


@cache
def cities() -> tuple[City, ...]:
    """The outlines of the 11 cities (示意图); source and licence stand in app/data/README.md."""
    found = re.findall(
        r'<path data-code="(\d{6})" d="([^"]+)"/><text x="([\d.]+)" y="([\d.]+)">([^<]+)</text>',
        MAP_FILE.read_text(encoding="utf-8"),
    )
    return tuple(City(code, name, path, float(x), float(y)) for code, path, x, y, name in found)


def city_map(
    items: dict[str, Item], words: Sequence[str] = SHARE_WORDS, shade_of: Callable[[Item], int | None] | None = None
) -> Map:
    """The map with ``items`` by city code; shaded by their shares unless ``shade_of`` says otherwise."""
    pick = shade_of or (lambda item: shade(item.share))
    return Map(
        [(city, item := items.get(city.code), pick(item) if item else None) for city in cities()],
        words,
    )


def short(name: str) -> str:
    """An organisation's name without what all of them share, for a small place.

    >>> short("共青团太原市委员会")
    '太原市'
    """
    for tail in ("委员会", "团支部", "团总支", "分团委", "团工委", "团委", "委"):
        if name.endswith(tail) and len(name) > len(tail) + 1:
            name = name.removesuffix(tail)
            break
    return name.removeprefix("共青团") or name
