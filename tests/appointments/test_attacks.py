"""Fourteen ways of coming by a right one should not have (T03), each refused without a trace."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from app.kernel.access.rules import Role
from app.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused
from app.league.accounts.models import AccountStatus
from app.league.appointments import operations, queries
from app.league.appointments.models import Appointment
from app.league.organisations import reshaping
from tests.factories import TODAY

YEAR = TODAY + timedelta(days=365)


@pytest.fixture
def give(work, world, acting):
    """Return a function by which one persona appoints another."""

    def appoint(giver, taker, where, role, *, starts_on=TODAY, ends_on=YEAR):
        return operations.appoint(
            work, acting(giver), world.people[taker], world.orgs[where], role, starts_on=starts_on, ends_on=ends_on
        )

    return appoint


@pytest.fixture(autouse=True)
def nothing_given(work, world):
    """An attack that fails leaves no post behind."""
    before = work.session.scalar(select(func.count()).select_from(Appointment))
    yield
    assert work.session.scalar(select(func.count()).select_from(Appointment)) == before


ADMIN, SECRETARY, DELEGATE, PUBLISHER = (
    Role.COMMITTEE_ADMIN, Role.BRANCH_SECRETARY, Role.DELEGATE, Role.PUBLISHER,
)  # fmt: skip


@pytest.mark.parametrize(
    ("giver", "taker", "where", "role"),
    [
        pytest.param("province", "province", "city_a", ADMIN, id="1 oneself, below"),
        pytest.param("school_s", "school_s", "school_s", PUBLISHER, id="2 oneself, a right apart"),
        pytest.param("school_s", "youth", "city_a", ADMIN, id="3 upward"),
        pytest.param("school_s", "youth", "school_s", ADMIN, id="4 one's own level"),
        pytest.param("school_s", "youth", "school_t", ADMIN, id="5 sideways, another's school"),
        pytest.param("school_s", "youth", "branch_t1", SECRETARY, id="6 sideways, another's branch"),
        pytest.param("delegate_c", "youth", "branch_b1", DELEGATE, id="7 delegating a delegation"),
        pytest.param("publisher", "youth", "city_a", PUBLISHER, id="8 passing the publishing right on"),
        pytest.param("secretary_b1", "youth", "branch_b1", DELEGATE, id="9 a branch secretary naming helpers"),
        pytest.param("province", "youth", "province", ADMIN, id="10 the province appointing its own level"),
        pytest.param("system", "youth", "city_a", ADMIN, id="11 the machine's keeper reaching into the tree"),
        pytest.param("province", "youth", "province", Role.SYSTEM_ADMIN, id="12 a system administrator by form"),
        pytest.param("province", "youth", "branch_b1", ADMIN, id="13 a role that does not fit the kind"),
    ],
)
def test_refused(give, giver, taker, where, role):
    with pytest.raises(Refused):
        give(giver, taker, where, role)


def test_14_a_giver_whose_own_post_ran_out_while_the_form_was_open(work, world, acting):
    viewer = acting("school_s")
    post = work.session.get_one(Appointment, viewer.posts[0].appointment_id)
    post.ends_on = TODAY - timedelta(days=1)
    work.session.flush()
    assert viewer.posts, "the stale viewer still believes"
    with pytest.raises(Refused):
        operations.appoint(
            work, viewer, world.people["youth"], world.branch_b1, SECRETARY, starts_on=TODAY, ends_on=YEAR
        )


def test_moving_a_branch_under_oneself_is_no_way_either(work, world, acting):
    with pytest.raises(NotFound):
        reshaping.move(work, acting("school_s"), world.branch_t1, world.school_s, version=1)


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "field"),
    [
        (TODAY - timedelta(days=1), YEAR, "starts_on"),
        (TODAY, None, "ends_on"),
        (TODAY, date(2031, 4, 23), "ends_on"),
        (TODAY + timedelta(days=9), TODAY, "ends_on"),
        (date(2028, 1, 1), date(2029, 1, 1), "starts_on"),
    ],
)
def test_no_term_without_end_too_long_or_in_the_past(give, starts_on, ends_on, field):
    with pytest.raises(Invalid) as problem:
        give("school_s", "youth", "branch_b2", SECRETARY, starts_on=starts_on, ends_on=ends_on)
    assert list(problem.value.errors) == [field]


@pytest.mark.parametrize(
    ("role", "where", "born", "allowed"),
    [
        (ADMIN, "college_c", date(2008, 4, 23), False),  # 18 tomorrow
        (DELEGATE, "college_c", date(2008, 4, 23), False),
        (SECRETARY, "branch_b2", date(2012, 4, 23), False),  # 14 tomorrow
    ],
)
def test_nobody_too_young_answers_for_others(give, world, role, where, born, allowed):
    world.people["youth"].birth_date = born
    with pytest.raises(Invalid):
        give("school_s", "youth", where, role)


@pytest.mark.parametrize("status", [AccountStatus.DISABLED, AccountStatus.GUARDIAN_PENDING])
def test_only_an_active_account(give, world, status):
    world.people["youth"].status = status
    with pytest.raises(Invalid):
        give("school_s", "youth", "branch_b2", SECRETARY)


def test_not_the_same_post_twice(give):
    with pytest.raises(Conflict):
        give("school_s", "secretary_b1", "branch_b1", SECRETARY)


@pytest.mark.parametrize(
    ("who", "whose"),
    [("school_t", "secretary_b1"), ("college_c", "school_s"), ("delegate_c", "secretary_b1"), ("system", "city_a")],
)
def test_nobody_ends_a_post_he_could_not_give(work, world, acting, who, whose):
    viewer = acting(who)
    post = work.session.scalars(select(Appointment).where(Appointment.account_id == world.people[whose].id)).one()
    with pytest.raises(Problem):
        operations.end(work, viewer, post, "夺权")
    assert post.ended_at is None


def test_a_request_can_never_make_a_system_administrator(work, world, acting):
    acting("province")
    with pytest.raises(Refused):
        operations.appoint_system_admin(work, world.people["youth"], world.province)


def test_deciders_are_the_nearest_first_and_nobody_from_beside(work, world):
    found = queries.deciders_for(work.session, world.branch_b1.path, TODAY)
    names = [next(name for name, account in world.people.items() if account.id == i) for i in found]
    assert names == ["secretary_b1", "college_c", "delegate_c", "school_s", "city_a", "province"]
