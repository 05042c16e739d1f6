"""What processes take, sampled again and again, and whether any of it grows."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from statistics import mean, median

WARM_UP = 0.3
"""The first part of a run, in which caches fill."""


@dataclass(frozen=True)
class Sample:
    """One process at one moment. ``at``: seconds since the beginning; ``memory``: anonymous, in MB."""

    at: float
    process: int
    memory: float
    files: int
    threads: int


def look(processes: list[int], began: float) -> Iterator[Sample]:
    """Sample those of ``processes`` that still run."""
    for process in processes:
        place = Path(f"/proc/{process}")
        try:
            told = dict(line.split(":", 1) for line in (place / "status").read_text().splitlines())
            files = sum(1 for _ in (place / "fd").iterdir())
        except (FileNotFoundError, ProcessLookupError):
            continue
        memory = int(told["RssAnon"].split()[0]) / 1024
        yield Sample(time.monotonic() - began, process, memory, files, int(told["Threads"]))


@dataclass(frozen=True)
class Growth:
    """One process over a run, its warm-up left out. ``slope``: MB an hour of the server's own clock."""

    process: int
    memory: float
    slope: float
    files: tuple[int, int]
    threads: tuple[int, int]


def growths(samples: list[Sample], seconds: float, times: float) -> list[Growth]:
    """How each process developed in ``seconds``, while its clock ran ``times`` as fast."""
    warm = [sample for sample in samples if sample.at >= seconds * WARM_UP]
    found = []
    for process, grouped in groupby(sorted(warm, key=lambda one: one.process), key=lambda one: one.process):
        own = list(grouped)
        quarter = max(len(own) // 4, 1)
        found.append(
            Growth(
                process,
                own[-1].memory,
                slope([(one.at * times / 3600, one.memory) for one in own]),
                _ends([one.files for one in own], quarter),
                _ends([one.threads for one in own], quarter),
            )
        )
    return found


def slope(points: list[tuple[float, float]]) -> float:
    """The slope of the straight line nearest to ``points`` (least squares); 0 for fewer than two."""
    if len(points) < 2:
        return 0.0
    x0, y0 = mean(x for x, _ in points), mean(y for _, y in points)
    width = sum((x - x0) ** 2 for x, _ in points)
    return sum((x - x0) * (y - y0) for x, y in points) / width if width else 0.0


def _ends(values: list[int], quarter: int) -> tuple[int, int]:
    """The medians of the first and the last quarter: one connection more at one moment is no leak."""
    return round(median(values[:quarter])), round(median(values[-quarter:]))
