"""Giving, ending, prolonging, handing over: what it writes, whom it tells, and that rights end at the next request."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.kernel.access.rules import Role
from app.kernel.audit.models import AuditEntry
from app.kernel.errors import Invalid, NotFound
from app.kernel.outbox.models import OutboxMessage
from app.league.appointments import operations, queries, terms
from app.league.appointments.models import Appointment
from tests.factories import TODAY
from tests.helpers import sign_in

YEAR = TODAY + timedelta(days=365)


def messages(work) -> dict[str, list[int]]:
    """Title → the accounts it goes to."""
    found: dict[str, list[int]] = {}
    for row in work.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)):
        payload = json.loads(work.vault.open("outbox", row.payload_sealed))
        found.setdefault(payload["title"], []).append(payload["account_id"])
    return found


def post_of(work, account) -> Appointment:
    return work.session.scalars(select(Appointment).where(Appointment.account_id == account.id)).one()


def test_an_appointment_tells_both_sides_and_is_audited(work, world, acting):
    viewer = acting("school_s")
    youth = world.people["youth"]
    row = operations.appoint(
        work, viewer, youth, world.branch_b2, Role.BRANCH_SECRETARY, starts_on=TODAY, ends_on=YEAR
    )  # fmt: skip
    assert (row.granted_by_id, row.granted_under_id) == (viewer.account_id, viewer.posts[0].appointment_id)
    assert messages(work) == {"您有新的任职": [youth.id], "任命已生效": [viewer.account_id]}
    entry = work.session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.actor_account_id) == ("appointments:appointment:begin", viewer.account_id)
    assert world.branch_b2.in_use


@pytest.mark.parametrize(
    ("giver", "where", "role"),
    [
        ("system", "province", Role.COMMITTEE_ADMIN),
        ("province", "city_b", Role.COMMITTEE_ADMIN),
        ("province", "enterprise_e", Role.COMMITTEE_ADMIN),
        ("city_a", "county_a1", Role.COMMITTEE_ADMIN),
        ("school_s", "college_c", Role.COMMITTEE_ADMIN),
        ("college_c", "branch_b1", Role.BRANCH_SECRETARY),
        ("school_s", "school_s", Role.DELEGATE),
        ("school_s", "branch_b1", Role.DELEGATE),
        ("city_a", "city_a", Role.PUBLISHER),
    ],
)
def test_from_the_top_down(work, world, acting, giver, where, role):
    youth = world.people["youth"]
    operations.appoint(work, acting(giver), youth, world.orgs[where], role, starts_on=TODAY, ends_on=YEAR)
    assert [post.role for post in queries.live_posts(work.session, youth.id, TODAY)] == [role]


def test_a_post_that_begins_tomorrow_gives_nothing_today(work, world, acting):
    youth, tomorrow = world.people["youth"], TODAY + timedelta(days=1)
    operations.appoint(
        work, acting("school_s"), youth, world.branch_b2, Role.BRANCH_SECRETARY, starts_on=tomorrow, ends_on=YEAR
    )
    assert queries.live_posts(work.session, youth.id, TODAY) == ()
    assert queries.live_posts(work.session, youth.id, tomorrow) != ()


def test_rights_end_at_the_next_request(client, work, world, acting):
    session = work.session
    sign_in(client, world.people["college_c"])
    url = f"/twt/organisations/{world.college_c.public_id}"
    assert client.get(url).status_code == 200
    operations.end(work, acting("school_s"), post_of(work, world.people["college_c"]), "毕业")
    session.commit()
    assert client.get(url).status_code == 404
    assert client.get("/twt").status_code == 404


def test_rights_end_when_the_last_day_is_over(client, clock, work, world):
    post = post_of(work, world.people["college_c"])
    post.ends_on = TODAY
    work.session.commit()
    sign_in(client, world.people["college_c"])
    assert client.get("/twt").status_code == 200
    clock.advance(hours=14)  # 00:00 in Shanghai
    sign_in(client, world.people["college_c"])
    assert client.get("/twt").status_code == 404


def test_the_last_administrator_does_not_leave_unnoticed(work, world, acting):
    viewer = acting("school_s")
    ended = operations.end(work, viewer, post_of(work, world.people["school_s"]), "调离")
    assert (ended.orphaned, ended.told_above) == (True, 1)
    assert messages(work) == {"有团组织没有管理员了": [world.people["city_a"].id]}
    assert work.session.scalars(select(AuditEntry.action)).all() == ["appointments:appointment:resign"]


def test_who_leaves_the_province_is_missed_by_the_system_administrator(work, world, acting):
    operations.end(work, acting("province"), post_of(work, world.people["province"]), "调离")
    assert messages(work) == {"有团组织没有管理员了": [world.people["system"].id]}


def test_ending_wants_a_reason(work, world, acting):
    with pytest.raises(Invalid):
        operations.end(work, acting("school_s"), post_of(work, world.people["secretary_b1"]), "  ")


def test_a_handover_needs_the_superior(work, world, acting):
    """The successor proposed has no right until the superior confirms; then both happen at once."""
    school, youth = world.people["school_s"], world.people["youth"]
    post = post_of(work, school)
    assert operations.nominate(work, acting("school_s"), post, youth) == 1
    assert messages(work) == {"请确认接任人": [world.people["city_a"].id]}
    assert queries.live_posts(work.session, youth.id, TODAY) == ()
    operations.hand_over(work, acting("city_a"), post, youth, ends_on=YEAR)
    assert queries.live_posts(work.session, school.id, TODAY) == ()
    assert [p.path for p in queries.live_posts(work.session, youth.id, TODAY)] == [world.school_s.path]
    assert "有团组织没有管理员了" not in messages(work)


def test_nobody_nominates_for_another(work, world, acting):
    with pytest.raises(NotFound):
        operations.nominate(work, acting("college_c"), post_of(work, world.people["school_s"]), world.people["youth"])


def test_what_ends_within_fourteen_days_is_listed(work, world, acting):
    post_of(work, world.people["secretary_b1"]).ends_on = TODAY + timedelta(days=14)
    post_of(work, world.people["college_c"]).ends_on = TODAY + timedelta(days=15)
    post_of(work, world.people["secretary_t1"]).ends_on = TODAY + timedelta(days=1)
    work.session.flush()
    scope = queries.reading(acting("school_s"))
    rows = queries.listed(scope, work.session, TODAY, soon=True)
    assert [row.account_name for row in rows] == [world.people["secretary_b1"].name]


def test_a_term_is_prolonged_by_whoever_could_give_it(work, world, acting):
    post = post_of(work, world.people["secretary_b1"])
    operations.prolong(work, acting("college_c"), post, YEAR)
    assert post.ends_on == YEAR
    with pytest.raises(Invalid):
        operations.prolong(work, acting("college_c"), post, TODAY + timedelta(days=2000))


def test_time_ends_announces_and_begins(work, world, acting, session):
    """A term that ran out is written as ended; one that ends soon is told once; one that began marks its place."""
    youth, branch = world.people["youth"], world.branch_b2
    operations.appoint(
        work,
        acting("school_s"),
        youth,
        branch,
        Role.BRANCH_SECRETARY,
        starts_on=TODAY + timedelta(days=1),
        ends_on=YEAR,
    )
    assert not branch.in_use
    gone, soon = post_of(work, world.people["secretary_b1"]), post_of(work, world.people["college_c"])
    gone.ends_on, soon.ends_on = TODAY, TODAY + timedelta(days=14)
    session.commit()
    work.now += timedelta(days=1)
    assert terms.keep_terms(work) == 1
    assert terms.keep_terms(work) == 0
    session.expire_all()
    assert gone.end_reason == "任期届满"
    assert branch.in_use
    told = messages(work)
    assert told["任期快到了"] == [soon.account_id]
    assert told["下级有任期快到了"] == [world.people["school_s"].id]
    assert told["有团组织没有管理员了"] == [world.people["college_c"].id]
