"""The public sees how far the committees have come, and can work nothing out that it may not see."""

import re

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from app.league.organisations.coverage import LEAST_TOLD, untold
from tests.people.files import file_at
from tests.world import World


@given(st.lists(st.integers(0, 40), min_size=1, max_size=12))
def test_a_small_number_never_stands_alone_among_the_hidden(numbers: list[int]) -> None:
    hidden = untold(numbers)
    small = [at for at, number in enumerate(numbers) if 0 < number < LEAST_TOLD]
    assert set(small) <= hidden
    assert not hidden or small
    if small and any(number >= LEAST_TOLD for number in numbers):
        # What is left of the sum belongs to a small one and a larger one together.
        assert len(hidden) > len(small)


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
