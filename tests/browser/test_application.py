"""The application in a real browser: in a hand and on a desk, with scripts and without."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.league.joining.models import JoinRequest
from app.surfaces.web.sessions import cookie_name
from tests import factories as make
from tests.helpers import sign_in
from tests.world import World

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def open_as_youth(
    app: Flask, site: str, open_page: Callable[..., Page], world: World, session: Session
) -> Callable[..., Page]:
    """Opens windows of a youth who is signed in."""
    client = sign_in(app.test_client(), world.people["youth"])
    with app.app_context():
        name = cookie_name()
    cookie = client.get_cookie(name)
    assert cookie is not None

    def open_window(width: int, *, javascript: bool = True) -> Page:
        page = open_page(width, javascript=javascript)
        page.context.add_cookies([{"name": name, "value": cookie.value, "url": site}])
        return page

    return open_window


def go_on(page: Page) -> None:
    """Press the step's button; nothing on the way is wider than the screen."""
    assert page.evaluate(OVERFLOW) <= 0
    page.get_by_role("button", name="保存并继续").click()


@pytest.mark.parametrize(("width", "javascript"), [(390, True), (1280, False)])
def test_a_member_applies_and_gets_a_reference_number(
    open_as_youth: Callable[..., Page], session: Session, width: int, javascript: bool
) -> None:
    page = open_as_youth(width, javascript=javascript)
    page.goto("/jia/apply")
    page.get_by_role("link", name="开始填写").click()
    page.get_by_label("学校、单位或班级的名字").fill("会计")
    if not javascript:
        page.get_by_role("button", name="查找").click()
    page.get_by_role("link", name="会计20184班").click()
    page.get_by_role("button", name="是，就是这里").click()
    page.get_by_label("姓名").fill("李小明")
    go_on(page)

    number = make.id_number()
    wrong = number[:-1] + ("0" if number[-1] != "0" else "1")
    page.get_by_label("身份证号", exact=True).fill(wrong)
    go_on(page)
    expect(page.get_by_role("alert", name="请改正下面几处")).to_contain_text("前六位")
    expect(page.get_by_label("身份证号", exact=True)).to_have_value(wrong)
    page.get_by_label("身份证号", exact=True).fill(number)
    if javascript:
        expect(page.locator("#number-told")).to_contain_text("2006年5月17日")
    go_on(page)

    page.get_by_label("民族").select_option("汉族")
    page.get_by_label("籍贯").fill("山西省朔州市应县")
    page.get_by_label("学历").select_option("普通高中")
    page.get_by_label("政治面貌").select_option("共青团员")
    if javascript:
        expect(page.locator("#kept")).to_contain_text("已自动保存")
        page.get_by_label("职业或专业").fill("会计")
    go_on(page)

    joined = page.get_by_role("group", name="入团日期")
    for part, value in (("年", "2021"), ("月", "12"), ("日", "9")):
        joined.get_by_label(part, exact=True).fill(value)
    page.get_by_label("入团地点或单位", exact=True).fill("应县第一中学")
    page.get_by_label("不记得发展团员编号").check()
    go_on(page)

    page.get_by_role("link", name=re.compile("修改.*籍贯")).click()
    page.get_by_label("籍贯").fill("山西省大同市浑源县")
    go_on(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("请核对，然后提交")
    page.get_by_role("button", name="提交申请").click()

    reference = page.locator("#reference").inner_text()
    page.locator("#main").get_by_role("link", name="看进度").click()
    expect(page.get_by_text(reference).first).to_be_visible()
    request = session.scalars(select(JoinRequest)).one()
    assert (request.reference, request.native_place) == (reference, "山西省大同市浑源县")


def test_what_was_typed_outlives_a_dropped_line_a_crash_and_the_phone(
    open_as_youth: Callable[..., Page], complaints: list[str]
) -> None:
    page = open_as_youth(390)
    page.goto("/jia/apply/place?q=会计20184")
    page.get_by_role("link", name="会计20184班").click()
    page.get_by_role("button", name="是，就是这里").click()
    page.get_by_label("姓名").fill("李小明")
    go_on(page)
    page.get_by_label("身份证号", exact=True).fill(make.id_number())
    go_on(page)

    page.get_by_label("民族").select_option("汉族")
    expect(page.locator("#kept")).to_contain_text("已自动保存")
    page.context.set_offline(True)
    page.get_by_label("籍贯").fill("山西省朔州市应县")
    page.get_by_label("学历").select_option("普通高中")
    expect(page.locator("#kept")).to_contain_text("还没有保存")
    page.context.set_offline(False)
    expect(page.locator("#kept")).to_contain_text("已自动保存")
    page.context.close()  # nobody pressed a button
    complaints.clear()  # of the dropped line

    other = open_as_youth(1280, javascript=False)
    other.goto("/jia/apply/basics")
    expect(other.get_by_label("籍贯", exact=True)).to_have_value("山西省朔州市应县")
    expect(other.get_by_label("学历", exact=True).locator("[selected]")).to_have_text("普通高中")
