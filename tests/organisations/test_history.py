"""Every day's figures: written once, made up for after nights on which nothing ran, ending in what the counters show."""

from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.kernel.access.powers import Power
from app.kernel.access.scope import Scope
from app.kernel.vault import Vault
from app.kernel.work import Work
from app.league.organisations import counters, history
from app.league.organisations.history import MEASURES, Trend
from app.league.organisations.models import FigureDay, Organisation
from tests import factories as make
from tests.organisations.truth import person, verified
from tests.world import World

WHOLE = Scope.whole(Power.FIGURES_READ)


def trends(work: Work, place: Organisation) -> dict[str, Trend]:
    now = counters.figures(WHOLE, work.session, place.path)
    return history.trends(WHOLE, work.session, place, now, work.today)


def rows(session: Session) -> int:
    return session.execute(select(func.count()).select_from(FigureDay)).scalar_one()


def add_files(work: Work, vault: Vault, place: Organisation, *days_ago: int) -> None:
    for days in days_ago:
        person(work.session, vault, place).created_at = work.now - timedelta(days=days)
    work.session.commit()


def test_the_line_of_thirty_days_follows_the_dates_of_files_and_ends_in_the_counters(
    work: Work, world: World, vault: Vault
) -> None:
    make.join_request(work.session, vault, world.branch_b2, submitted_at=work.now - timedelta(days=2))
    add_files(work, vault, world.branch_b1, 40, 10, 10, 3, 0)
    history.keep_days(work)
    for place in (world.branch_b1, world.school_s, world.city_a, world.province):
        line = trends(work, place)["people"].values
        assert (line[0], line[-12], line[-11], line[-4], line[-2], line[-1]) == (1, 1, 3, 4, 4, 5)
        assert trends(work, place)["people"].change == 4
    assert trends(work, world.school_s)["pending"].values[-4:] == [0, 1, 1, 1]
    for place in world.orgs.values():
        truth = counters.figures(WHOLE, work.session, place.path)
        for measure, trend in trends(work, place).items():
            assert trend.values[-1] == truth.get(measure, 0)
            assert len(trend.values) == len(trend.days) == history.SHOWN + 1
    assert verified(work) == []


def test_a_second_run_on_the_same_day_finds_nothing_to_do_and_a_missed_week_is_made_up_for(
    work: Work, world: World, vault: Vault
) -> None:
    add_files(work, vault, world.branch_b1, 20)
    history.keep_days(work)
    before = rows(work.session)
    assert history.keep_days(work) == 0
    assert rows(work.session) == before
    work.now += timedelta(days=7)
    add_files(work, vault, world.branch_b1, 5, 2)
    history.keep_days(work)
    assert trends(work, world.school_s)["people"].values[-7:] == [1, 2, 2, 2, 3, 3, 3]
    assert verified(work) == []


def test_every_day_kept_before_today_is_what_the_counters_showed_that_evening(
    work: Work, world: World, vault: Vault
) -> None:
    """Run night after night, the history is the counters' own."""
    shown = []
    for grown in (2, 0, 3, 1):
        add_files(work, vault, world.branch_t1, *[0] * grown)
        shown.append(counters.figures(WHOLE, work.session, world.city_b.path).get("people", 0))
        work.now += timedelta(days=1)
        history.keep_days(work)
    assert trends(work, world.city_b)["people"].values[-5:-1] == shown == [2, 2, 5, 6]


def test_only_changes_are_kept_and_only_where_there_is_something(work: Work, world: World, vault: Vault) -> None:
    add_files(work, vault, world.branch_e1, 20, 20, 4)
    history.keep_days(work)
    kept = work.session.execute(
        select(FigureDay.organisation_id, func.count()).group_by(FigureDay.organisation_id)
    ).all()
    days = history.FIRST_SPAN.days
    province = world.province.id
    assert dict(map(tuple, kept)) == {world.branch_e1.id: 2, world.enterprise_e.id: 2, province: days * len(MEASURES)}


def test_what_is_older_than_four_hundred_days_goes_but_the_line_does_not_break(
    work: Work, world: World, vault: Vault
) -> None:
    add_files(work, vault, world.branch_b1, 30, 10)
    history.keep_days(work)
    work.now += timedelta(days=450)
    history.keep_days(work)
    cutoff = work.today - history.KEPT_FOR
    old = select(FigureDay).where(FigureDay.day < cutoff, FigureDay.organisation_id == world.branch_b1.id)
    assert [row.value for row in work.session.scalars(old)] == [2]
    assert set(trends(work, world.branch_b1)["people"].values) == {2}


def test_before_the_first_night_there_is_no_line(work: Work, world: World, vault: Vault) -> None:
    add_files(work, vault, world.branch_b1, 3)
    assert trends(work, world.branch_b1) == {}


def test_verify_names_a_day_that_is_missing(work: Work, world: World, vault: Vault) -> None:
    history.keep_days(work)
    missing = work.today - timedelta(days=5)
    work.session.execute(delete(FigureDay).where(FigureDay.day == missing))
    [finding] = verified(work)
    assert str(missing) in finding
