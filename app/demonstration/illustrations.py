"""Pictures for the demonstration's news, drawn by code: quiet landscapes in the site's own colours, always the same."""

import io
import math
from collections.abc import Callable
from random import Random

from PIL import Image, ImageDraw, ImageOps

SIZE = (960, 540)
FINE = 2
"""Drawn so many times larger and made smaller: edges come out smooth."""
WIDTH, HEIGHT = SIZE[0] * FINE, SIZE[1] * FINE
Points = list[tuple[float, float]]
RED, DEEP, GOLD, CREAM, SAGE, PINE, DUSK = "#c8102e", "#8f0f22", "#f3c56b", "#fbf1df", "#8fae86", "#24533d", "#27405c"


def draw(scene: str, seed: int) -> bytes:
    """The scene of that name as a JPEG of SIZE; the same seed gives the same picture."""
    picture = SCENES[scene](Random(seed))  # noqa: S311 — the same picture every time
    out = io.BytesIO()
    picture.reduce(FINE).save(out, "JPEG", quality=92)
    return out.getvalue()


def _sky(top: str, bottom: str) -> Image.Image:
    return ImageOps.colorize(Image.linear_gradient("L"), top, bottom).resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR)


def _ridge(dice: Random, level: float, swing: float, waves: float) -> Points:
    """The upper edge of a range of hills: a few sines on top of each other; shares of the height."""
    parts = [(dice.uniform(0.7, 1.3) * waves * k, dice.uniform(0, 6.3), swing / k**1.25) for k in (1, 2, 4, 7)]
    edge = []
    for x in range(0, WIDTH + 16, 16):
        up = sum(high * math.sin(often * x / WIDTH * 6.3 + start) for often, start, high in parts)
        edge.append((float(x), HEIGHT * (level - up)))
    return edge


def _ground(pen: ImageDraw.ImageDraw, edge: Points, colour: str) -> None:
    pen.polygon([*edge, (WIDTH, HEIGHT), (0, HEIGHT)], fill=colour)


def _disc(pen: ImageDraw.ImageDraw, x: float, y: float, r: float, colour: str) -> None:
    pen.ellipse([WIDTH * x - HEIGHT * r, HEIGHT * (y - r), WIDTH * x + HEIGHT * r, HEIGHT * (y + r)], fill=colour)


def _mix(one: str, other: str, share: float) -> str:
    a, b = (tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5)) for colour in (one, other))
    return "#" + "".join(f"{round(x + (y - x) * share):02x}" for x, y in zip(a, b, strict=True))


def _ranges(dice: Random, sky: tuple[str, str], far: str, near: str, sun: tuple[float, float, str]) -> Image.Image:
    picture = _sky(*sky)
    pen = ImageDraw.Draw(picture)
    _disc(pen, sun[0], sun[1], 0.105, sun[2])
    for step in range(5):
        edge = _ridge(dice, 0.5 + step * 0.105, 0.085 - step * 0.008, 1.0 + step * 0.35)
        _ground(pen, edge, _mix(far, near, step / 4))
    return picture


def _dawn(dice: Random) -> Image.Image:
    return _ranges(dice, ("#f6d9b8", CREAM), "#e2a98a", "#7d1a26", (0.7, 0.33, "#ffedc4"))


def _morning(dice: Random) -> Image.Image:
    return _ranges(dice, ("#cfe0e6", CREAM), "#a9c3b8", PINE, (0.26, 0.28, GOLD))


def _dusk(dice: Random) -> Image.Image:
    picture = _ranges(dice, ("#37516f", "#e9b98f"), "#6f7f92", "#1d2f45", (0.52, 0.42, "#ffe2b0"))
    pen = ImageDraw.Draw(picture)
    for _ in range(26):
        x, y, r = dice.random() * WIDTH, dice.uniform(0.84, 0.97) * HEIGHT, dice.choice((3, 4, 5))
        pen.ellipse([x - r, y - r, x + r, y + r], fill=GOLD)
    return picture


def _terraces(dice: Random) -> Image.Image:
    """Fields in steps, as they lie in the loess hills."""
    picture = _sky("#dbe9e4", CREAM)
    pen = ImageDraw.Draw(picture)
    _disc(pen, 0.78, 0.24, 0.075, GOLD)
    _ground(pen, _ridge(dice, 0.36, 0.06, 1.2), "#b9cbb6")
    start, colours = dice.uniform(0, 6), ("#d9b56a", SAGE, "#c9cf8e", "#5f8f68", "#e0c27c", "#77a274")
    for step in range(12):
        share = step / 11
        edge = []
        for x in range(0, WIDTH + 16, 16):
            t = x / WIDTH * 6.3
            bend = (
                math.sin(t * 0.55 + start) * 0.085 * (1 - share * 0.3) + math.sin(t * 1.2 + start + share * 2.2) * 0.022
            )
            edge.append((float(x), HEIGHT * (0.4 + share**1.25 * 0.62 - bend)))
        _ground(pen, edge, _mix(colours[step % 6], PINE, share * 0.25))
        pen.line(edge, fill="#f4ead0", width=5, joint="curve")
    return picture


def _ribbons(dice: Random) -> Image.Image:
    """Red ribbons in the wind, with light from one side."""
    picture = _sky(CREAM, "#f4d9b5")
    pen = ImageDraw.Draw(picture)
    _disc(pen, 0.2, 0.3, 0.13, "#f8dfae")
    for number, colour in enumerate(("#e8b06a", "#e07a5a", RED, DEEP)):
        top, bottom = [], []
        start, wide = dice.uniform(0, 2) + number * 0.5, 0.16 - number * 0.02
        for x in range(0, WIDTH + 16, 16):
            t = x / WIDTH
            y = 0.46 + number * 0.11 + math.sin(t * 4.4 + start) * 0.13 - t * 0.16
            half = wide * (0.55 + 0.45 * math.sin(t * 3.1 + start * 1.7)) / 2
            top.append((float(x), HEIGHT * (y - half)))
            bottom.append((float(x), HEIGHT * (y + half)))
        pen.polygon([*top, *reversed(bottom)], fill=colour)
        pen.line(top, fill=_mix(colour, CREAM, 0.35), width=6, joint="curve")
    return picture


def _leaf(root: tuple[float, float], tip: tuple[float, float], belly: float) -> Points:
    """A leaf between two points, ``belly`` times its length wide on each side."""
    (x0, y0), (x1, y1) = root, tip
    sides: list[Points] = [[], []]
    for step in range(33):
        t = step / 32
        out = math.sin(math.pi * t**0.8) * belly
        for side, sign in zip(sides, (1, -1), strict=True):
            side.append((x0 + (x1 - x0) * t - (y1 - y0) * out * sign, y0 + (y1 - y0) * t + (x1 - x0) * out * sign))
    return [*sides[0], *reversed(sides[1])]


def _sprouts(dice: Random) -> Image.Image:
    """Seedlings before a large sun."""
    picture = _sky("#fbe6c2", CREAM)
    pen = ImageDraw.Draw(picture)
    _disc(pen, 0.5, 0.56, 0.34, "#f7d694")
    _disc(pen, 0.5, 0.56, 0.25, "#f4c56c")
    _ground(pen, _ridge(dice, 0.78, 0.02, 0.8), "#b98a5a")
    _ground(pen, _ridge(dice, 0.86, 0.02, 0.9), "#7c5433")
    for x, size in ((0.5, 1.0), (0.27, 0.55), (0.73, 0.62), (0.12, 0.36), (0.88, 0.38)):
        foot, top = (WIDTH * x, HEIGHT * 0.83), (WIDTH * x, HEIGHT * (0.83 - 0.26 * size))
        pen.line([foot, top], fill=PINE, width=round(20 * size))
        reach = HEIGHT * 0.24 * size
        pen.polygon(_leaf(top, (top[0] - reach, top[1] - reach * 0.62), 0.2), fill="#3f7d58")
        pen.polygon(_leaf(top, (top[0] + reach * 0.95, top[1] - reach * 0.8), 0.2), fill="#5f9b6c")
    return picture


def _campus(dice: Random) -> Image.Image:
    """Halls in a row, trees before them, a flag."""
    picture = _sky("#cfe0e6", "#fbeed6")
    pen = ImageDraw.Draw(picture)
    _disc(pen, 0.84, 0.22, 0.07, GOLD)
    _ground(pen, _ridge(dice, 0.56, 0.05, 1.1), "#b7cbbf")
    floor = HEIGHT * 0.8
    for x, wide, high, colour in (
        (0.08, 0.2, 0.3, "#c98a66"),
        (0.32, 0.3, 0.42, "#b4604a"),
        (0.66, 0.24, 0.34, "#cf9a72"),
    ):
        left, right, roof = WIDTH * x, WIDTH * (x + wide), floor - HEIGHT * high
        pen.rectangle([left, roof, right, floor], fill=colour)
        pen.rectangle([left - 14, roof - 22, right + 14, roof], fill=_mix(colour, DEEP, 0.5))
        across, down = round(wide * 28), round(high * 10)
        cell, storey = (right - left) / across, (floor - roof) / down
        for column in range(across):
            for row in range(down):
                at = (left + cell * (column + 0.27), roof + storey * (row + 0.28))
                pen.rectangle(
                    [*at, at[0] + cell * 0.46, at[1] + storey * 0.46], fill=_mix(CREAM, GOLD, dice.random() * 0.7)
                )
    mast = WIDTH * 0.28
    pen.line([(mast, HEIGHT * 0.2), (mast, floor)], fill="#6b5a4a", width=10)
    flag = [(mast, HEIGHT * 0.2), (mast + 170, HEIGHT * 0.225), (mast + 150, HEIGHT * 0.32), (mast, HEIGHT * 0.315)]
    pen.polygon(flag, fill=RED)
    pen.rectangle([0, floor, WIDTH, HEIGHT], fill="#9cb78c")
    pen.polygon(
        [(WIDTH * 0.4, HEIGHT), (WIDTH * 0.46, floor), (WIDTH * 0.5, floor), (WIDTH * 0.6, HEIGHT)], fill="#e9dcc0"
    )
    for number in range(11):
        x, r = WIDTH * (number + dice.uniform(0.2, 0.8)) / 11, dice.uniform(46, 84)
        pen.rectangle([x - 7, floor - r, x + 7, floor + 30], fill="#6b4f38")
        pen.ellipse([x - r, floor - r * 2.3, x + r, floor - r * 0.3], fill=_mix("#4f8560", PINE, dice.random() * 0.7))
    return picture


def _river(dice: Random) -> Image.Image:
    """The river winding towards the light."""
    picture = _sky("#bcd3dc", "#f8e6c8")
    pen = ImageDraw.Draw(picture)
    _disc(pen, 0.6, 0.3, 0.08, "#f6cf86")
    _ground(pen, _ridge(dice, 0.42, 0.06, 1.3), "#9fb7ac")
    _ground(pen, _ridge(dice, 0.5, 0.04, 1.0), "#c8ad7a")
    start, left, right = dice.uniform(0, 1), [], []
    for step in range(61):
        t = step / 60
        x = 0.6 + math.sin(t * 5.2 + start) * 0.26 * t**0.7
        wide = 0.006 + 0.17 * t**2
        y = HEIGHT * (0.5 + 0.5 * t**1.15)
        left.append((WIDTH * (x - wide), y))
        right.append((WIDTH * (x + wide), y))
    _ground(pen, _ridge(dice, 0.53, 0.015, 0.8), "#8aa377")
    pen.polygon([*left, *reversed(right)], fill="#e7c48a")
    pen.line(left, fill="#f7e6bf", width=8, joint="curve")
    for _ in range(60):
        x, y = dice.random(), dice.uniform(0.62, 0.96)
        if abs(x - 0.5) > 0.3 * y:
            r = 14 + 30 * (y - 0.6)
            _disc(pen, x, y, r / HEIGHT, _mix("#5f8f68", PINE, dice.random()))
    return picture


SCENES: dict[str, Callable[[Random], Image.Image]] = {
    "dawn": _dawn,
    "morning": _morning,
    "dusk": _dusk,
    "terraces": _terraces,
    "ribbons": _ribbons,
    "sprouts": _sprouts,
    "campus": _campus,
    "river": _river,
}
