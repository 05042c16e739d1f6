"""为什么我看不到: the table of powers in words, about oneself and about nothing else."""

from datetime import timedelta

import pytest

from app.kernel.access import words
from app.kernel.access.powers import Power
from app.kernel.access.rules import Role
from tests import factories as make
from tests.helpers import sign_in


def test_every_power_and_every_reach_has_words():
    assert set(words.POWER_WORDS) == set(Power)
    assert all(words.abilities(role) for role in Role)


def test_a_secretary_reads_what_the_post_gives_how_far_and_who_can_help(client, world):
    text = sign_in(client, world.people["secretary_b1"]).get("/twt/why").text
    assert "会计20184班 – 团支书" in text
    assert "看青年档案" in text
    assert "会计学院的团委管理员" in text
    assert "管理college_c" not in text, "an office, not a person"
    lacking = text[text.index("没有的权限") :]
    assert "看操作记录" in lacking
    assert "看青年档案" not in lacking


def test_the_help_above_an_empty_level_comes_from_the_next(client, session, world, vault):
    empty = make.organisation(session, world.college_c.kind, world.school_s, "空学院")
    branch = make.organisation(session, parent=empty)
    who = make.account(session, vault)
    make.appoint(session, who, branch, Role.BRANCH_SECRETARY)
    session.commit()
    assert "甲市师范学校的团委管理员" in sign_in(client, who).get("/twt/why").text


def test_a_post_that_has_just_ended_explains_itself(client, session, world, vault):
    who = make.account(session, vault)
    make.appoint(session, who, world.branch_b1, Role.BRANCH_SECRETARY, ends_on=make.TODAY - timedelta(days=1))
    session.commit()
    text = sign_in(client, who).get("/twt/why").text
    assert "您现在没有任职" in text
    assert "会计20184班 – 团支书" in text


@pytest.mark.parametrize("thing", ["queue", "people", "organisations", "roster"])
def test_what_is_absent_and_what_is_foreign_lead_to_the_same_page(thing, client, world, session, vault):
    sign_in(client, world.people["secretary_t1"])
    row = make.join_request(session, vault, world.branch_b1)
    foreign = {"queue": row.public_id}.get(thing, world.branch_b1.public_id)
    session.commit()
    found, none = client.get(f"/twt/{thing}/{foreign}"), client.get(f"/twt/{thing}/{'x' * 22}")
    assert found.status_code == none.status_code == 404
    links = ['href="/twt/why"' in answer.text for answer in (found, none)]
    assert links == [True, True]
    assert client.get("/twt/why").text.count(world.branch_b1.name) == 0
