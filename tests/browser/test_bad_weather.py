"""Bad weather in a real browser: whatever happens to a form, not one character of it is lost."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, Route, expect
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kernel.once import DoneForm
from app.kernel.vault import Vault
from app.league.accounts.models import SignIn
from app.surfaces.web.sessions import cookie_name
from tests import factories as make
from tests.helpers import sign_in
from tests.world import World

TYPED = "𬭊·买买提：会计 20184 班 <b>&\n第二行，" + "很长的话" * 40
TROUBLE = "/demo/trouble"
KINDS = {
    "400": "这次提交没有被收下",
    "403": "不在您的权限里",
    "404": "没有找到",
    "405": "不能直接打开",
    "409": "已经退回",
    "413": "文件太大",
    "422": "要改一改",
    "429": "47 秒",
    "500": "是我们这边出了问题",
    "503": "正在维护",
    "locked": "系统正忙",
}


@pytest.fixture
def as_youth(app: Flask, site: str, open_page: Callable[..., Page], world: World) -> Callable[..., Page]:
    """Opens windows of a youth who is signed in."""
    client = sign_in(app.test_client(), world.people["youth"])
    with app.app_context():
        name = cookie_name()
    cookie = client.get_cookie(name)
    assert cookie is not None

    def open_window(width: int = 390, *, javascript: bool = True) -> Page:
        page = open_page(width, javascript=javascript)
        page.context.add_cookies([{"name": name, "value": cookie.value, "url": site}])
        return page

    return open_window


def test_in_place_the_form_stays_as_it_was(as_youth: Callable[..., Page]) -> None:
    page = as_youth()
    page.goto(TROUBLE)
    for kind, words in KINDS.items():
        page.get_by_label("想说的话", exact=True).fill(TYPED)
        page.get_by_label("会发生什么", exact=True).select_option(kind)
        page.get_by_role("button", name="提交试试", exact=True).click()
        expect(page.locator("#trouble" if kind == "422" else "#problem")).to_contain_text(words)
        expect(page.get_by_label("想说的话", exact=True)).to_have_value(TYPED)


def test_without_script_the_page_carries_it(as_youth: Callable[..., Page]) -> None:
    page = as_youth(1280, javascript=False)
    for kind, words in KINDS.items():
        page.goto(TROUBLE)
        page.get_by_label("想说的话（整页）").fill(TYPED)
        page.get_by_label("会发生什么（整页）").select_option(kind)
        page.get_by_role("button", name="整页提交试试").click()
        expect(page.get_by_role("main")).to_contain_text(words)
        again = page.get_by_role("main").locator("[name=note]").first
        if again.count():
            assert (again.get_attribute("value") or again.input_value()).replace("\r\n", "\n") == TYPED
        else:
            expect(page.get_by_role("main")).to_contain_text("会计 20184 班 <b>&")


@pytest.mark.parametrize("which", ["提交试试", "整页提交试试"])
def test_offline_keeps_the_form_and_sends_it_when_asked(
    as_youth: Callable[..., Page], which: str, complaints: list[str]
) -> None:
    page = as_youth()
    page.goto(TROUBLE)
    label = "想说的话" if which == "提交试试" else "想说的话（整页）"
    page.get_by_label(label, exact=True).fill(TYPED)
    page.context.set_offline(True)
    page.get_by_role("button", name=which, exact=True).click()
    expect(page.locator("#offline")).to_be_visible()
    expect(page.get_by_label(label, exact=True)).to_have_value(TYPED)
    page.context.set_offline(False)
    page.get_by_role("button", name="点此重试").click()
    expect(page.get_by_text("收下了")).to_be_visible()
    complaints.clear()  # the library notes on the console that the network failed


def test_an_answer_lost_after_the_commit_has_one_effect(
    as_youth: Callable[..., Page], session: Session, complaints: list[str]
) -> None:
    page = as_youth()
    page.goto(TROUBLE)
    page.get_by_label("想说的话", exact=True).fill(TYPED)

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route(f"**{TROUBLE}", lose, times=1)
    page.get_by_role("button", name="提交试试", exact=True).click()
    expect(page.locator("#offline")).to_be_visible()
    expect(page.get_by_label("想说的话", exact=True)).to_have_value(TYPED)
    page.get_by_role("button", name="点此重试").click()
    expect(page.get_by_text("收下了")).to_be_visible()
    complaints.clear()
    assert session.scalar(select(func.count()).select_from(DoneForm)) == 1


def test_no_answer_at_all_is_a_timeout(as_youth: Callable[..., Page], complaints: list[str]) -> None:
    page = as_youth()
    page.clock.install()
    page.goto(TROUBLE)
    page.get_by_label("想说的话", exact=True).fill(TYPED)
    held: list[Route] = []
    page.route(f"**{TROUBLE}", lambda route: held.append(route), times=1)
    page.get_by_role("button", name="提交试试", exact=True).click()
    expect(page.get_by_role("button", name="正在提交…")).to_be_visible()
    page.clock.run_for(21_000)
    expect(page.locator("#offline")).to_be_visible()
    expect(page.get_by_label("想说的话", exact=True)).to_have_value(TYPED)
    page.clock.resume()
    page.get_by_role("button", name="点此重试").click()
    expect(page.get_by_text("收下了")).to_be_visible()
    complaints.clear()


def test_signing_in_again_above_the_form(
    as_youth: Callable[..., Page], world: World, session: Session, vault: Vault
) -> None:
    page = as_youth()
    page.goto("/jia/apply/name")
    youth = world.people["youth"]
    for row in session.scalars(select(SignIn)):
        row.revoked_at = make.NOW
    session.commit()
    page.get_by_label("姓名", exact=True).fill("欧阳·买买提")
    page.get_by_label("姓名", exact=True).blur()
    expect(page.get_by_role("heading", name="登录已到期")).to_be_focused()
    expect(page.get_by_label("姓名", exact=True)).to_have_value("欧阳·买买提")
    page.get_by_label("手机号").fill(vault.open("phone", youth.phone_sealed))
    page.get_by_label("密码", exact=True).fill(make.PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_text("请再按一次刚才的按钮")).to_be_visible()
    page.get_by_role("button", name="保存并继续").click()
    expect(page).to_have_url(re.compile("/jia/apply/(place|document)"))
    page.goto("/jia/apply/name")
    expect(page.get_by_label("姓名", exact=True)).to_have_value("欧阳·买买提")
