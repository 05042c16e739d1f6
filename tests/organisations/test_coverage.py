"""The public sees how far the committees have come, and can work nothing out that it may not see."""

import re
from collections import defaultdict
from itertools import product

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from app.league.organisations.coverage import LEAST_TOLD, untold
from tests.people.files import file_at
from tests.world import World


def told(numbers: tuple[int, ...]) -> tuple[object, ...]:
    """What a page and the number above it tell of ``numbers``."""
    hidden = untold(numbers)
    few = "少于 5" if len(hidden) < len(numbers) else "不公开"
    words = [
        (few if number < LEAST_TOLD else "不公开") if at in hidden else number for at, number in enumerate(numbers)
    ]
    return (*words, sum(numbers))


@pytest.mark.parametrize(("size", "most"), [(2, 24), (3, 16), (4, 10)])
def test_no_small_number_can_be_worked_out_of_the_others_and_the_sum(size: int, most: int) -> None:
    """Somebody who knows these rules tries every list that would look the same: each small number has others beside."""
    alike: dict[tuple[object, ...], list[tuple[int, ...]]] = defaultdict(list)
    for numbers in product(range(most + 1), repeat=size):
        alike[told(numbers)].append(numbers)
    for page, lists in alike.items():
        # A hidden number may be larger than any tried here: then there are more lists like it than these.
        if max(max(numbers) for numbers in lists) + LEAST_TOLD > most:
            continue
        for values in map(set, zip(*lists, strict=True)):
            assert len(values) > 1 or not 0 < min(values) < LEAST_TOLD, (page, lists)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=12))
def test_every_small_number_is_hidden_and_nothing_without_one(numbers: list[int]) -> None:
    hidden = untold(numbers)
    small = {at for at, number in enumerate(numbers) if 0 < number < LEAST_TOLD}
    assert small <= hidden
    assert bool(hidden) == bool(small)


@pytest.mark.parametrize("numbers", [[], [0, 0], [5, 6], [100]])
def test_where_nothing_is_small_everything_is_told(numbers: list[int]) -> None:
    assert untold(numbers) == set()


def numbers_of(page: str) -> dict[str, str]:
    """Name → number of each row of the table."""
    rows = re.findall(r'<th scope="row">(.*?)</th>.*?data-label="电子档案">([^<]+)<', page, re.DOTALL)
    return {re.sub(r"<[^>]+>", "", name): number for name, number in rows}


def test_nothing_is_told_below_what_is_hidden(work, session, world: World, client: FlaskClient) -> None:
    """City B has three people, so city A's number would tell them; its schools together would tell city A's."""
    for _ in range(7):
        file_at(work, world.branch_b1)
    for _ in range(3):
        file_at(work, world.branch_t1)
    session.commit()
    assert set(numbers_of(client.get("/orgs").text).values()) >= {"不公开", "少于 5"}
    for place in (world.city_a, world.city_b, world.school_s):
        page = client.get(f"/orgs/{place.public_id}").text
        assert numbers_of(page) == {}
        assert "没有可以公开的数字" in page


def test_what_stands_directly_at_a_committee_is_not_what_the_others_leave(work, session, world: World, client) -> None:
    """Three at the school itself and nine in its branch: told the nine, one would know the three."""
    for _ in range(9):
        file_at(work, world.branch_b1)
    for _ in range(3):
        file_at(work, world.school_s)
    session.commit()
    assert numbers_of(client.get(f"/orgs/{world.city_a.public_id}").text)[world.school_s.name] == "12"
    below = numbers_of(client.get(f"/orgs/{world.school_s.public_id}").text)
    assert set(below.values()) == {"不公开"}
