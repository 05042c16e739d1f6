"""The first request after a right ended is without it, two hundred times out of two hundred (T32)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.kernel.access.powers import Power
from app.kernel.access.rules import Role
from app.league.accounts.models import AccountStatus
from app.league.accounts.sessions import open_session, session_of
from app.league.appointments import operations
from app.league.organisations.models import OrganisationStatus
from tests.factories import TODAY


def by_ending(work, world, post, acting):
    operations.end(work, acting("school_s"), post, "毕业")


def by_its_last_day(work, world, post, acting):
    post.starts_on, post.ends_on = TODAY - timedelta(days=2), TODAY - timedelta(days=1)


def by_closing_the_place(work, world, post, acting):
    world.branch_b2.status = OrganisationStatus.CLOSED


def by_disabling_the_account(work, world, post, acting):
    world.people["youth"].status = AccountStatus.DISABLED


def by_moving_the_place_away(work, world, post, acting):
    post.organisation_id = world.branch_t1.id


@pytest.mark.parametrize(
    "revoke",
    [by_ending, by_its_last_day, by_closing_the_place, by_disabling_the_account, by_moving_the_place_away],
)
def test_the_first_request_after_the_commit_is_denied(engine, session, work, world, acting, revoke):
    youth, branch = world.people["youth"], world.branch_b2
    token = open_session(work, youth, second_factor=False, device="测试浏览器")

    def may_decide() -> bool:
        """What a request sees, on a connection of its own."""
        session.commit()
        with Session(engine) as other:
            found = session_of(replace(work, session=other), token)
            return found is not None and found.viewer.scope(Power.JOINING_DECIDE).covers(branch.path)

    denied = 0
    for _ in range(40):
        youth.status, branch.status = AccountStatus.ACTIVE, OrganisationStatus.OPEN
        post = operations.appoint(
            work, acting("school_s"), youth, branch, Role.BRANCH_SECRETARY, starts_on=TODAY,
            ends_on=TODAY + timedelta(days=30),
        )  # fmt: skip
        assert may_decide()
        revoke(work, world, post, acting)
        denied += not may_decide()
        if post.ended_at is None:
            post.ended_at, post.end_reason = work.now, "试验"
            session.flush()
    assert denied == 40
