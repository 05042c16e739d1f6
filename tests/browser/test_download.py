"""A file that comes without a new page: the button is itself again, and the page tells how often it still may be had."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.kernel.db.unit import writing
from app.kernel.work import Work
from app.surfaces.web.sessions import cookie_name
from tests.exports.asking import asks, worker_works
from tests.helpers import sign_in
from tests.people.files import file_at
from tests.world import World


@pytest.mark.embedded
def test_the_button_comes_back_after_a_download(
    app: Flask, world: World, work: Work, site: str, open_page: Callable[..., Page]
) -> None:
    who = world.people["school_s"]
    with writing(work.session):
        file_at(work, world.branch_b1)
    row = asks(work, who, world.branch_b1)
    with writing(work.session):
        row.taken = 1
    assert worker_works(app)
    client = sign_in(app.test_client(), who)
    with app.app_context():
        cookie = client.get_cookie(cookie_name())
    assert cookie is not None
    page = open_page(390)
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": site}])
    page.goto(f"{site}/twt/exports/{row.public_id}")
    for left in ("还能下载 1 次", "已经下载过 3 次"):
        with page.expect_download():
            page.get_by_role("button", name="下载文件").click()
        expect(page.locator("#file")).to_contain_text(left, timeout=15_000)
    expect(page.get_by_role("link", name="重新申请")).to_be_visible()
