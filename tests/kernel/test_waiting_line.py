"""The waiting line: in the order of coming, over several processes' hands, without those who have gone."""

import pytest

from app.kernel import waiting
from app.kernel.waiting import GONE_AFTER, Line

pytestmark = pytest.mark.embedded
NOW = 1_800_000_000.0


@pytest.fixture
def path(tmp_path):
    return tmp_path / "line"


@pytest.fixture
def line(path):
    return Line(path)


def test_who_came_first_is_ahead_whichever_process_asks(line, path):
    other = Line(path)
    numbers = [line.join(NOW), other.join(NOW), line.join(NOW)]
    assert [other.ahead(number, NOW) for number in numbers] == [0, 1, 2]
    assert other.somebody(NOW)


def test_who_has_gone_holds_nobody_up(line):
    gone, here = line.join(NOW), line.join(NOW)
    assert line.ahead(here, NOW + GONE_AFTER - 1) == 1
    assert line.ahead(here, NOW + GONE_AFTER + 1) == 0
    assert line.ahead(gone, NOW + GONE_AFTER + 1) is None, "and stands at the end when it comes back"
    assert not line.somebody(NOW + 3 * GONE_AFTER)


def test_only_the_front_comes_in_and_once(line):
    numbers = [line.join(NOW) for _ in range(20)]
    entered = [number for number in reversed(numbers) if line.enter(number, NOW)]
    assert entered == list(reversed(numbers[:8]))
    assert not line.enter(numbers[0], NOW)
    assert line.ahead(numbers[8], NOW) == 0


def test_the_front_grows_while_the_machine_keeps_up_and_shrinks_when_it_does_not(line):
    numbers = [line.join(NOW) for _ in range(40)]
    for half_second in range(4):
        line.keep_pace(False, NOW + half_second / 2)
        line.keep_pace(False, NOW + half_second / 2)  # once is enough, however many ask
    assert line.enter(numbers[25], NOW + 2)
    assert not line.enter(numbers[35], NOW + 2)
    for second in range(20):
        line.keep_pace(True, NOW + 2 + second)
    assert line.enter(numbers[0], NOW + 22), "never to nothing"
    assert not line.enter(numbers[2], NOW + 22)


def test_a_full_line_takes_nobody(line, monkeypatch):
    monkeypatch.setattr(waiting, "ROOM", 3)
    numbers = [line.join(NOW) for _ in range(3)]
    assert line.join(NOW) is None
    line.enter(numbers[0], NOW)
    assert line.join(NOW) is not None, "a place became free"


def test_the_wait_is_foretold_from_the_speed_of_the_line(line):
    numbers = [line.join(NOW) for _ in range(8)]
    for number in numbers:
        line.enter(number, NOW)
    line.somebody(NOW + 4)
    assert line.seconds(10, NOW + 4) == 10, "nothing measured yet: one a second"
    assert line.seconds(16, NOW + 5) == pytest.approx(10)
