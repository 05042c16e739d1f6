"""The soak runs from end to end, and its judgement can tell a leak from a cache that fills."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.load.soak import soak
from tests.load.vitals import Sample, growths

PEOPLE = 1_000


def samples(process: int, memory: list[float], files: list[int]) -> list[Sample]:
    return [Sample(at * 10.0, process, mb, open_, 5) for at, (mb, open_) in enumerate(zip(memory, files, strict=True))]


@pytest.mark.embedded
def test_memory_that_fills_and_stays_is_told_apart_from_memory_that_grows():
    steady = samples(1, [80, 120, 150] + [160] * 27, [10] * 30)
    leaking = samples(2, [80.0 + at for at in range(30)], [10 + at for at in range(30)])
    calm, leak = growths(steady + leaking, seconds=300, times=60)
    assert calm.slope == 0
    assert leak.slope == pytest.approx(6)  # 1 MB in 10 s, which are ten minutes of that clock
    assert calm.files == (10, 10)
    assert leak.files[1] - leak.files[0] > 10


@pytest.mark.slow
@pytest.mark.embedded
def test_a_few_minutes_of_the_day_lose_nothing(tmp_path: Path, capsys):
    with ThreadPoolExecutor(1) as apart:  # a browser test of this process leaves a loop running in this thread
        _well, told = apart.submit(soak, tmp_path, seconds=4, people=PEOPLE, pace=2).result()
    for name in ("acknowledged and lost", "errors (5xx without a time to come again)", "requests without an answer"):
        assert told[name]["figure"] == 0
    written = capsys.readouterr().out
    assert "全部相符。" in written
    assert "'acknowledged'" in written
