"""团干认证码: opening branches and inviting those who are to lead them."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.kernel.access.rules import Role
from app.kernel.access.viewer import Viewer
from app.kernel.errors import Invalid, Refused
from app.league.appointments.models import Appointment
from app.league.appointments.queries import live_posts
from app.league.codes import cadres
from app.league.codes.cadres import Said
from app.league.codes.models import CadreCode
from app.league.organisations.models import Organisation
from tests import factories as make

LINES = "会计20186班,42,王小明,13900010901\n会计20187班\t40人\t李小红\t13900010902"


@pytest.fixture
def leader(world, work):
    """Whoever leads the school."""
    account = world.people["school_s"]
    return Viewer(account.id, account.public_id, account.name)


@pytest.fixture
def invitee(session, vault):
    """王小明, who has registered by the invited phone."""
    return make.account(session, vault, "王小明", number="13900010901")


def test_many_branches_are_opened_at_once(work, session, world, leader):
    rows = cadres.open_branches(work, leader, world.college_c, LINES)
    made = session.scalars(select(Organisation).where(Organisation.name.like("会计2018_班")).order_by(Organisation.id))
    assert [(b.name, b.expected_members) for b in made][-2:] == [("会计20186班", 42), ("会计20187班", 40)]
    assert [row.name for row in rows] == ["王小明", "李小红"]
    assert {len(cadres.token_of(work, row)) for row in rows} == {cadres.LENGTH}


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("会计1班,42,王小明", "四项"),
        ("会计1班,许多,王小明,13900010901", "人数"),
        ("会计1班,42,王小明,1390001", "手机"),
        ("会计1班,42,,13900010901", "姓名"),
    ],
)
def test_a_line_that_is_wrong_says_what_to_mend(work, world, line, fault):
    assert fault in cadres.read(work, world.college_c, line)[0].fault


def test_nothing_is_opened_when_one_line_is_wrong(work, world, leader):
    with pytest.raises(Invalid):
        cadres.open_branches(work, leader, world.college_c, LINES + "\n会计9班")


def test_the_invited_becomes_secretary_once(work, session, world, leader, invitee):
    row = cadres.invite(work, leader, world.branch_b2, name="王小明", phone="13900010901")
    token = cadres.token_of(work, row)
    said, branch = cadres.accept(work, invitee, f" {token[:13].lower()}-{token[13:]} ")
    assert (said, branch) == (Said.DONE, world.branch_b2)
    posts = live_posts(session, invitee.id, work.today)
    assert [(post.role, post.organisation_id) for post in posts] == [(Role.BRANCH_SECRETARY, world.branch_b2.id)]
    assert row.used_by_id == invitee.id
    assert cadres.accept(work, invitee, token)[0] is Said.USED


def test_a_link_that_went_astray_opens_nothing_and_burns(work, session, vault, world, leader, invitee):
    row = cadres.invite(work, leader, world.branch_b2, name="王小明", phone="13900010901")
    token = cadres.token_of(work, row)
    thieves = [make.account(session, vault, "王小明") for _ in range(cadres.MOST_STRANGERS)]
    assert {cadres.accept(work, thief, token)[0] for thief in thieves} == {Said.NOT_YOURS}
    assert cadres.accept(work, invitee, token)[0] is Said.WRONG


def test_one_account_tries_five_codes_a_day(work, invitee):
    said = [cadres.accept(work, invitee, "A" * cadres.LENGTH)[0] for _ in range(6)]
    assert said == [Said.WRONG] * 5 + [Said.LOCKED]


def test_after_three_days_it_is_over(work, world, leader, invitee):
    row = cadres.invite(work, leader, world.branch_b2, name="王小明", phone="13900010901")
    work.now += timedelta(hours=72)
    assert cadres.accept(work, invitee, cadres.token_of(work, row))[0] is Said.EXPIRED


def test_a_second_invitation_ends_the_first(work, session, world, leader, invitee):
    first = cadres.invite(work, leader, world.branch_b2, name="王小明", phone="13900010901")
    cadres.invite(work, leader, world.branch_b2, name="李小红", phone="13900010902")
    assert cadres.accept(work, invitee, cadres.token_of(work, first))[0] is Said.WRONG
    open_ones = session.scalars(select(CadreCode).where(CadreCode.revoked_at.is_(None))).all()
    assert [row.name for row in open_ones] == ["李小红"]


def test_whoever_lost_the_right_gives_nothing_by_an_old_code(work, session, world, leader, invitee):
    row = cadres.invite(work, leader, world.branch_b2, name="王小明", phone="13900010901")
    (post,) = live_posts(session, leader.account_id, work.today)
    lost = session.get_one(Appointment, post.appointment_id)
    lost.ended_at, lost.end_reason = work.now, "换届"
    session.flush()
    with pytest.raises(Refused):
        cadres.accept(work, invitee, cadres.token_of(work, row))


def test_a_sibling_school_invites_nobody_here(work, world):
    stranger = world.people["school_t"]
    viewer = Viewer(stranger.id, stranger.public_id, stranger.name)
    with pytest.raises(Refused):
        cadres.invite(work, viewer, world.branch_b2, name="王小明", phone="13900010901")
