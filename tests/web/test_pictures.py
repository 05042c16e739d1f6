"""Pictures: a treemap that fills its box in proportion, grids of round figures, shades that follow the share."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.league.organisations.history import Trend
from app.surfaces.web import pictures
from app.surfaces.web.pictures import Item
from app.surfaces.web.treemap import Box, squarify

SIZES = st.lists(st.integers(1, 100_000), min_size=1, max_size=80).map(lambda sizes: sorted(sizes, reverse=True))


@given(SIZES, st.integers(100, 1000), st.integers(100, 1000))
def test_the_cells_of_a_treemap_fill_its_box_in_proportion_and_never_overlap(sizes, width, height):
    area = Box(0, 0, width, height)
    cells = squarify(sizes, area)
    assert len(cells) == len(sizes)
    for size, cell in zip(sizes, cells, strict=True):
        assert cell.width * cell.height == pytest.approx(width * height * size / sum(sizes), rel=1e-6)
        assert cell.x >= -1e-6
        assert cell.x + cell.width <= width + 1e-6
        assert cell.y >= -1e-6
        assert cell.y + cell.height <= height + 1e-6
    for number, one in enumerate(cells):
        for other in cells[number + 1 :]:
            over = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
            down = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
            assert min(over, down) <= 1e-6
    assert squarify(sizes, area) == cells


def test_equal_cells_are_near_squares():
    for cell in squarify([1] * 12, Box(0, 0, 400, 300)):
        assert 0.5 < cell.width / cell.height < 2


def test_three_hundred_branches_become_sixty_cells_and_one_for_the_rest_and_nothing_becomes_nothing():
    items = [Item(f"第{n}团支部", n + 1, n / 300, f"/{n}", "") for n in range(300)]
    drawn = pictures.treemap(items)
    assert len(drawn.cells) == pictures.MOST_WIDE + 1
    rest = next(cell for cell in drawn.cells if cell.item.url is None)
    assert rest.item.name == "其余 240 个"
    assert sum(cell.item.size for cell in drawn.cells) == sum(item.size for item in items)
    assert pictures.treemap([]).cells == []
    assert pictures.treemap([Item("空", 0, None, "/", "")]).cells == []


def test_a_label_stands_only_where_it_fits():
    for cell in pictures.treemap([Item("会计2018级四班", n + 1, 0.5, None, "") for n in range(60)]).cells:
        assert len(cell.label) * pictures.LETTER <= cell.box.width
        assert not cell.percent or cell.box.height >= 42


@pytest.mark.parametrize("values", [[0, 0, 0], [7, 7, 7], [5900, 6100, 6337], [0, 55, 12], [99_999, 100_001, 100_000]])
def test_a_chart_has_two_to_six_round_lines_that_hold_every_figure(values):
    days = [date(2026, 4, 1) + timedelta(days=number) for number in range(3)]
    drawn = pictures.chart(Trend(days, values), 480, 250)
    figures = [int(row.text.replace(",", "")) for row in drawn.rows]
    assert 2 <= len(figures) <= 6
    assert figures[0] <= min(values)
    assert figures[-1] >= max(values)
    assert len({after - before for before, after in pairwise(figures)}) == 1
    assert drawn.columns[-1].text == "4月3日"


def test_the_map_has_the_eleven_cities_and_shades_them_by_their_share():
    shares = {"140100": 0.1, "140600": 0.83, "141100": 1.0}
    drawn = pictures.city_map({code: Item("市", 10, share, None, "") for code, share in shares.items()})
    assert len(drawn.cities) == 11
    shades = {city.name: shade for city, _, shade in drawn.cities}
    assert (shades["太原"], shades["朔州"], shades["吕梁"], shades["大同"]) == (0, 3, 4, None)


def test_a_cell_with_room_is_divided_among_what_stands_under_it_and_stays_inside():
    below = tuple(Item(f"第{n}系", 100, 0.5, f"/{n}", "") for n in range(40))
    drawn = pictures.treemap([Item("师范学校", 4000, 0.5, "/s", "", below), Item("小校", 40, 0.2, "/t", "")])
    group = next(cell for cell in drawn.cells if cell.group)
    inside = [cell for cell in drawn.cells if cell.item in below]
    assert len(inside) == 40
    for cell in inside:
        assert group.box.x <= cell.box.x
        assert cell.box.x + cell.box.width <= group.box.x + group.box.width
        assert group.box.y < cell.box.y
        assert cell.box.y + cell.box.height <= group.box.y + group.box.height
    many = replace_below(drawn, 2000)
    assert [cell.group for cell in many.cells] == [False, False]


def replace_below(drawn, number):
    """The same picture with far more under its first item: too many to tell the larger part of them."""
    [first, other] = [cell.item for cell in drawn.cells if cell.item.url in ("/s", "/t")]
    below = tuple(Item(f"第{n}系", 2, 0.5, f"/{n}", "") for n in range(number))
    return pictures.treemap([first._replace(below=below), other])
