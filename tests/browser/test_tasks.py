"""A task's page in Chromium: it follows the work by itself, in place, and shows the end without being asked."""

from collections.abc import Callable

from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from app.kernel.jobs.models import Job, JobState
from app.surfaces.web.sessions import cookie_name
from tests import factories as make
from tests.helpers import sign_in
from tests.world import World


def test_the_page_follows_the_work_and_stops_at_its_end(
    app: Flask, world: World, session: Session, site: str, open_page: Callable[..., Page]
) -> None:
    row = Job(
        kind="count", title="清点", payload={}, state=JobState.RUNNING, done=10, total=100, created_at=make.NOW,
        account_id=world.people["school_s"].id,
    )  # fmt: skip
    session.add(row)
    session.commit()
    client = sign_in(app.test_client(), world.people["school_s"])
    with app.app_context():
        cookie = client.get_cookie(cookie_name())
    assert cookie is not None
    page = open_page(390)
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": site}])
    page.goto(f"{site}/twt/jobs/{row.public_id}")
    expect(page.locator("[data-figure=done]")).to_have_text("10")
    row.done = 55
    session.commit()
    expect(page.locator("[data-figure=done]")).to_have_text("55")
    expect(page.locator("#say")).to_have_text("已完成百分之 55")
    row.state, row.done, row.finished_at = JobState.DONE, 100, make.NOW
    session.commit()
    expect(page.locator("#progress")).to_contain_text("已完成")
    assert page.locator("#task").count() == 1
    assert page.locator("[hx-trigger]").count() == 0
