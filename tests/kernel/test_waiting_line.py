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


def where(line, number, now=NOW):
    place = line.ask(number, now, enter=False)
    return place and place.ahead


def enters(line, number, now=NOW, *, late=False):
    place = line.ask(number, now, late=late)
    return place is not None and place.inside


def test_who_came_first_is_ahead_whichever_process_asks(line, path):
    other = Line(path)
    numbers = [line.join(NOW), other.join(NOW), line.join(NOW)]
    assert [where(other, number) for number in numbers] == [0, 1, 2]
    assert other.somebody(NOW)


def test_who_has_gone_holds_nobody_up(line):
    gone, here = line.join(NOW), line.join(NOW)
    assert where(line, here, NOW + GONE_AFTER - 1) == 1
    assert where(line, here, NOW + GONE_AFTER + 1) == 0
    assert where(line, gone, NOW + GONE_AFTER + 1) is None, "and stands at the end when it comes back"
    assert not line.somebody(NOW + 3 * GONE_AFTER)


def test_only_the_front_comes_in_and_once(line):
    numbers = [line.join(NOW) for _ in range(20)]
    entered = [number for number in reversed(numbers) if enters(line, number)]
    assert entered == list(reversed(numbers[:8]))
    assert not enters(line, numbers[0])
    assert where(line, numbers[8]) == 0


def test_the_front_grows_while_the_machine_keeps_up_and_shrinks_when_it_does_not(line):
    numbers = [line.join(NOW) for _ in range(60)]
    for half_second in range(5):
        where(line, numbers[0], NOW + half_second / 2)
        where(line, numbers[0], NOW + half_second / 2)  # once is enough, however many ask
    assert enters(line, numbers[30], NOW + 2)
    assert not enters(line, numbers[45], NOW + 2)
    for second in range(20):
        line.ask(numbers[0], NOW + 3 + second, late=True, enter=False)
    assert enters(line, numbers[3], NOW + 22, late=True), "never to nothing"
    assert not enters(line, numbers[5], NOW + 22, late=True)


def test_a_full_line_takes_nobody(line, monkeypatch):
    monkeypatch.setattr(waiting, "ROOM", 3)
    numbers = [line.join(NOW) for _ in range(3)]
    assert line.join(NOW) is None
    enters(line, numbers[0])
    assert line.join(NOW) is not None, "a place became free"


def test_the_wait_is_foretold_from_the_speed_of_the_line(line):
    numbers = [line.join(NOW) for _ in range(100)]
    for half_second in range(9):
        where(line, numbers[0], NOW + half_second / 2)
    assert all(enters(line, number, NOW + 4) for number in numbers[:50])
    assert line.ask(numbers[-1], NOW + 4, enter=False).seconds == pytest.approx(49 / 4), "taken for granted"
    assert line.ask(numbers[-1], NOW + 5, enter=False).seconds == pytest.approx(49 / 10)
