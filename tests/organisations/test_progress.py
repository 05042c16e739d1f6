"""Progress: 总数 from rosters and numbers, targets, who lags; what the pages draw of it, and for whom."""

import re
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.kernel.access.powers import Power
from app.kernel.access.scope import Scope
from app.league import rules
from app.league.organisations import counters, expected, progress
from app.league.organisations.expected import totals_below
from app.league.organisations.history import Trend
from app.surfaces.web.pictures import cities
from tests.helpers import sign_in
from tests.organisations.truth import person
from tests.world import World

WHOLE = Scope.whole(Power.FIGURES_READ)


@pytest.fixture
def counted(world: World, session: Session, vault) -> World:
    """B1 expects 4 by its roster (and 9 by number), B2 expects 2, B3 nobody; files: B1 3, B2 2, city B's branch 1."""
    world.branch_b1.expected_members, world.branch_b2.expected_members = 9, 2
    world.city_a.code, world.city_b.code = "140100", "140600"
    counters.move(session, world.branch_b1.path, {"roster": 4})
    for place, files in ((world.branch_b1, 3), (world.branch_b2, 2), (world.branch_t1, 1)):
        for _ in range(files):
            person(session, vault, place)
    session.commit()
    return world


def test_a_roster_comes_before_a_number_and_every_level_adds_up_its_branches(counted: World, session: Session) -> None:
    assert totals_below(session, counted.college_c)[counted.branch_b1.path] == 4
    assert totals_below(session, counted.school_s) == {
        counted.school_s.path: 0, counted.college_c.path: 6, counted.branch_b3.path: 0,
    }  # fmt: skip
    province = progress.of(WHOLE, session, counted.province)
    assert (province.total, province.figures["people"]) == (6, 6)


def test_who_lags_comes_first_and_what_cannot_be_measured_last(counted: World, session: Session) -> None:
    college = progress.of(WHOLE, session, counted.college_c)
    names = [(child.organisation.name, child.share) for child in college.sorted_by("share")]
    assert names == [("会计20184班", 0.75), ("会计20185班", 1.0)]
    assert [child.share for child in college.sorted_by("-share")] == [1.0, 0.75]
    province = progress.of(WHOLE, session, counted.province)
    assert province.sorted_by("share")[-1].share is None
    assert province.sorted_by("-share")[-1].share is None
    assert [child.people for child in province.sorted_by("-people")][:2] == [5, 1]


def test_a_target_tells_what_is_wanting_and_when_it_is_reached_at_this_pace() -> None:
    today = date(2016, 5, 22)
    days = [today - timedelta(days=number) for number in range(30, -1, -1)]
    target = rules.TARGETS[0].value
    [aim, *_] = progress.aims(target - 100, Trend(days, [target - 160] * 30 + [target - 100]), today)
    assert (aim.left, aim.reached_on) == (100, today + timedelta(days=50))
    [still, *_] = progress.aims(10, Trend(days, [10] * 31), today)
    assert still.reached_on is None
    [done, *_] = progress.aims(target, None, today)
    assert (done.left, done.share, done.reached_on) == (0, 1.0, None)
    assert [t.value for t in rules.TARGETS] == [150_000, 500_000, 1_000_000]


def test_the_province_sees_the_map_with_links_to_its_cities_and_a_school_its_own_branches(
    counted: World, make_client
) -> None:
    province = sign_in(make_client(), counted.people["province"]).get("/twt/overview").text
    assert province.count('<path class="cell') == len(cities())
    assert f"/twt/overview/{counted.city_a.public_id}" in province
    assert "离目标还有多远" in province
    school = sign_in(make_client(), counted.people["school_s"]).get("/twt/overview").text
    assert "各市建档率" not in school
    assert 'data-figure="people">5<' in school
    assert 'data-figure="share">83%<' in school
    assert counted.city_b.public_id not in school


def test_the_public_map_tells_no_number_under_five(counted: World, client: FlaskClient) -> None:
    page = client.get("/orgs").text
    titles = dict(re.findall(r"<title>([^<，]+)，([^<]+)</title>", page))
    assert (titles["太原"], titles["朔州"]) == ("不公开", "不公开"), "five beside one: each would tell the other"
    assert "示意图" in page


def test_what_a_whole_province_expects_is_kept_for_a_minute_and_a_schools_is_not(
    counted: World, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expected, "MANY", 8)
    school, province, city = counted.school_s, counted.province, counted.city_a.path
    before = totals_below(session, province)[city]
    assert totals_below(session, school)[counted.college_c.path] == before == 6
    counters.move(session, counted.branch_b1.path, {"roster": 4})
    session.commit()
    assert totals_below(session, school)[counted.college_c.path] == 10
    assert totals_below(session, province)[city] == before
    monkeypatch.setattr(expected, "MINUTE", 0.0)
    assert totals_below(session, province)[city] == 10
