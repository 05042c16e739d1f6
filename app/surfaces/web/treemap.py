"""A squarified treemap (Bruls, Huizing, van Wijk 2000): areas in proportion, each cell as near a square as it can be."""

from collections.abc import Sequence
from typing import NamedTuple


class Box(NamedTuple):
    """A rectangle, in the units of the area it fills."""

    x: float
    y: float
    width: float
    height: float


def squarify(sizes: Sequence[float], area: Box) -> list[Box]:
    """A cell for each of ``sizes``, which are positive and given from the largest down; together they fill ``area``.

    >>> squarify([3, 1], Box(0, 0, 4, 1))
    [Box(x=0, y=0, width=3.0, height=1.0), Box(x=3.0, y=0, width=1.0, height=1.0)]
    """
    cells: list[Box] = []
    left = area
    scale = area.width * area.height / total if (total := sum(sizes)) else 0.0
    start = 0
    while start < len(sizes):
        short = min(left.width, left.height)
        end = start + 1
        row = sizes[start] * scale
        while end < len(sizes):
            longer = row + sizes[end] * scale
            if _worst(longer, sizes[start] * scale, sizes[end] * scale, short) > _worst(
                row, sizes[start] * scale, sizes[end - 1] * scale, short
            ):
                break
            row, end = longer, end + 1
        last = end == len(sizes)
        placed, left = _place([size * scale for size in sizes[start:end]], row, left, last)
        cells += placed
        start = end
    return cells


def _worst(row: float, largest: float, smallest: float, short: float) -> float:
    """The most stretched of a row's cells: the longer side by the shorter."""
    side = short * short
    return max(side * largest / (row * row), row * row / (side * smallest)) if row and smallest and side else 0.0


def _place(areas: list[float], row: float, left: Box, last: bool) -> tuple[list[Box], Box]:
    """One row along the shorter side of what is left, and what is left after it."""
    across = left.width >= left.height
    thick = (left.width if last else row / left.height) if across else left.height if last else row / left.width
    cells: list[Box] = []
    at = left.y if across else left.x
    for area in areas:
        length = area / thick if thick else 0.0
        cells.append(Box(left.x, at, thick, length) if across else Box(at, left.y, length, thick))
        at += length
    if across:
        return cells, Box(left.x + thick, left.y, left.width - thick, left.height)
    return cells, Box(left.x, left.y + thick, left.width, left.height - thick)
