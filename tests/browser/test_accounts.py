"""Registering, signing in and guarding an account in a real browser: on a desk and in a hand, with scripts and without."""

import re
from collections.abc import Callable

import pyotp
import pytest
from playwright.sync_api import Page, expect

from app.kernel.work import Work
from tests.accounts.steps import code_of, texts
from tests.clock import StillClock

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
PHONE, CHILD, GUARDIAN = "13900018001", "13900018002", "13900018003"
PASSWORD = "汾河边的路灯亮了"


def press(page: Page, name: str) -> None:
    """Press a button, and see that the page it leads to is no wider than the screen."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).first.click()
    assert page.evaluate(OVERFLOW) == 0, page.url


def fill(page: Page, **typed: str) -> None:
    """Type into fields by their labels."""
    for label, value in typed.items():
        page.get_by_label(label, exact=True).fill(value)


def register(page: Page, work: Work, phone: str, year: str) -> None:
    """Up to the consent."""
    page.goto("/jia/start")
    page.get_by_role("link", name="开始登记").click()
    fill(page, 手机号=phone)
    press(page, "获取验证码")
    fill(page, 短信验证码=code_of(work, phone))
    press(page, "下一步")
    fill(page, 姓名="青年丙", 年=year, 月="5", 日="4")
    press(page, "下一步")


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (390, False)])
def test_a_youth_registers_guards_the_account_and_comes_back(
    open_page: Callable[..., Page], work: Work, clock: StillClock, width: int, javascript: bool
) -> None:
    page = open_page(width, javascript=javascript)
    register(page, work, PHONE, "2006")
    page.get_by_label("我已阅读并同意这份说明").check()
    press(page, "同意，下一步")
    expect(page).to_have_title(re.compile("^错误："))
    page.get_by_label("我单独同意处理我的身份证号").check()
    press(page, "同意，下一步")
    fill(page, 密码=PASSWORD)
    press(page, "显示密码")
    assert page.get_by_label("密码", exact=True).input_value() == PASSWORD
    press(page, "建立账号")
    expect(page.get_by_role("heading", level=1)).to_have_text("青年丙，您好")

    page.goto("/jia/security/factor")
    press(page, "开始设置")
    secret = page.locator("#secret").inner_text().replace(" ", "")
    assert page.evaluate("document.images[0].naturalWidth") > 0
    page.get_by_label("填写验证器显示的 6 位数字").fill(pyotp.TOTP(secret).at(clock.now()))
    press(page, "开启")
    code = page.locator("#codes li").first.inner_text()
    press(page, "我已收好")
    press(page, "退出")
    page.go_back()
    page.reload()
    assert "/login" in page.url

    page.goto("/login")
    fill(page, 手机号=PHONE, 密码="不对的密码啊")
    press(page, "登录")
    assert page.get_by_label("手机号").input_value() == PHONE
    fill(page, 密码=PASSWORD)
    press(page, "登录")
    fill(page, 动态口令=code)
    press(page, "登录")
    expect(page.get_by_role("heading", level=1)).to_have_text("青年丙，您好")


def test_a_child_and_a_guardian_on_two_phones(open_page: Callable[..., Page], work: Work, clock: StillClock) -> None:
    child, guardian = open_page(390), open_page(390, javascript=False)
    register(child, work, CHILD, "2014")
    fill(child, 监护人姓名="家长甲", 监护人手机号=GUARDIAN)
    press(child, "下一步")
    fill(child, 密码=PASSWORD)
    press(child, "建立账号")
    link = re.search(r"/guardian/\S+", texts(work, GUARDIAN)[0])
    assert link
    guardian.goto(link[0])
    clock.advance(minutes=1)
    work.now = clock.now()
    press(guardian, "获取验证码")
    boxes = [guardian.get_by_role("button", name=name, exact=True).bounding_box() for name in ("同意", "不同意")]
    sizes = {(box["width"], box["height"]) for box in boxes if box}
    assert len(sizes) == 1
    fill(guardian, 短信验证码=code_of(work, GUARDIAN))
    guardian.get_by_label("我已满 18 周岁").check()
    press(guardian, "同意")
    expect(guardian.get_by_role("heading", level=1)).to_have_text("您已同意")
    child.get_by_role("link", name="看看同意了没有").click()
    expect(child.get_by_role("heading", level=1)).to_have_text("监护人同意了")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_code_that_does_not_come_is_explained(open_page: Callable[..., Page], javascript: bool) -> None:
    page = open_page(390, javascript=javascript)
    if javascript:
        page.clock.install()
    page.goto("/jia/account")
    page.get_by_label("手机号", exact=True).fill("13900004321")
    page.get_by_role("button", name="获取验证码").click()
    question = page.get_by_text("收不到短信验证码怎么办？")
    advice = page.get_by_text("看看短信是否被手机拦截")
    expect(question).to_be_visible()
    expect(advice).to_be_hidden()
    if javascript:
        page.clock.fast_forward(61_000)
    else:
        question.click()
    expect(advice).to_be_visible()
