"""Practice by keyboard alone: the keys of the desk, the reasons by their digits, the result."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.league.joining import practice, practice_cases
from app.surfaces.web.sessions import cookie_name
from tests import factories as make
from tests.helpers import sign_in
from tests.world import World

SEED = 5


@pytest.fixture
def page(app: Flask, site: str, open_page: Callable[..., Page], world: World, monkeypatch: pytest.MonkeyPatch) -> Page:
    """A delegate's window."""
    monkeypatch.setattr(practice, "draw_seed", lambda below: SEED)
    client = sign_in(app.test_client(), world.people["delegate_c"])
    with app.app_context():
        name = cookie_name()
    cookie = client.get_cookie(name)
    assert cookie is not None
    window = open_page()
    window.context.add_cookies([{"name": name, "value": cookie.value, "url": site}])
    return window


def decide(page: Page, case: practice_cases.Case) -> None:
    """Approve by A, or return by R and the digit of a reason that fits."""
    for key in f"r{case.flaw.reasons[0]}" if case.flaw else "a":
        page.keyboard.press(key)


def test_a_whole_run_by_keys(page: Page) -> None:
    page.goto("/twt/practice")
    page.get_by_role("button", name="开始练习").click()
    page.wait_for_load_state()
    count, card = page.locator(".practice-count"), page.locator("#practice-card")
    for number, case in enumerate(practice_cases.cases(SEED, make.TODAY), 1):
        expect(count).to_contain_text(f"第 {number} / 20 份")
        expect(card).to_be_focused()
        decide(page, case)
        if number == 3:
            expect(count).to_contain_text("第 4 / 20 份")
            expect(card).to_be_focused()
            page.keyboard.press("u")
            expect(count).to_contain_text("第 3 / 20 份")
            expect(card).to_be_focused()
            decide(page, case)
    expect(page.get_by_text("全对，一份也没有看漏。")).to_be_visible()
