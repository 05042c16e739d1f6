"""Every journey with the keyboard alone: Tab, Enter, Space, arrows and what is typed. Whatever has the focus is seen."""

import re
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from app.demonstration import staff
from app.league.accounts import sms
from app.league.joining.models import RequestState, Verdict
from tests import factories as make
from tests.database import Database
from tests.gallery.look import HERE as INSTRUMENTS
from tests.gallery.stage import Stage, serving
from tests.gallery.states import decided

MOST_STEPS = 160
WHERE = """() => {
  const here = document.activeElement;
  const text = here.getAttribute('aria-label') || [...(here.labels || [])].map(l => l.innerText).join(' ')
    || here.innerText || here.value || '';
  // Past the last control the browser's own bar has the focus.
  return here === document.body ? ['', ''] : [text.trim(), __look.unseen(here)];
}"""


class Hands:
    """Somebody who presses keys and nothing else."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def go_to(self, name: str, back: bool = False) -> "Hands":
        """Press Tab until the control that is called ``name`` has the focus; all on the way is seen."""
        passed = []
        for _ in range(MOST_STEPS):
            self.page.keyboard.press("Shift+Tab" if back else "Tab")
            text, unseen = self.page.evaluate(WHERE)
            assert not unseen, f"{self.page.url}: {unseen}"
            if text == name or (len(name) > 1 and name in text):
                return self
            passed.append(text.replace("\n", " ")[:30])
        raise AssertionError(f"{self.page.url}: no way to {name!r}: {passed[:60]}")

    def press(self, name: str) -> "Hands":
        """Go to a button or link and press Enter; wait for the page it leads to."""
        self.go_to(name)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        return self

    def write(self, name: str, text: str) -> "Hands":
        """Go to a field and type over what is there."""
        self.go_to(name)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)
        return self

    def tick(self, name: str) -> "Hands":
        """Go to a box and press Space."""
        self.go_to(name)
        self.page.keyboard.press("Space")
        return self

    def choose(self, name: str, wanted: str) -> "Hands":
        """Go to a list and press the arrow down until it says what is wanted."""
        self.go_to(name)
        for _ in range(MOST_STEPS):
            if self.page.evaluate("document.activeElement.selectedOptions[0].text") == wanted:
                return self
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{name} has no {wanted}")

    def date(self, day: date) -> "Hands":
        """Type the three parts of the next date."""
        return self.write("年", str(day.year)).write("月", str(day.month)).write("日", str(day.day))


@pytest.fixture
def stage(app: Flask, database: Database) -> Iterator[Stage]:
    """The demonstration with everybody in their place."""
    stage = Stage(app, database)
    stage.begin()
    yield stage
    stage.close()


@pytest.fixture
def hands(stage: Stage, chromium: Browser) -> Iterator[Callable[..., Hands]]:
    """Opens a window: `hands("school_s", "/twt")`."""
    with serving(stage.app) as site:
        contexts = []

        def open_window(persona: str, address: str) -> Hands:
            context = chromium.new_context(
                base_url=site, locale="zh-CN", reduced_motion="reduce", service_workers="block"
            )
            context.add_init_script((INSTRUMENTS / "look.js").read_text())
            context.set_default_timeout(20_000)
            contexts.append(context)
            if persona != "anonymous":
                context.add_cookies([{"name": stage.cookie, "value": stage.tokens[persona], "url": site}])
            page = context.new_page()
            page.goto(address)
            return Hands(page)

        yield open_window
        for context in contexts:
            context.close()


@pytest.mark.slow
def test_a_youth_registers_and_applies(stage: Stage, hands: Callable[..., Hands]) -> None:
    phone, born = "13900018811", date(2006, 5, 17)
    youth = hands("anonymous", "/jia/start")
    youth.press("开始登记").write("手机号", phone).press("获取验证码")
    stage.deliver()
    code = re.search(r"验证码 (\d{6})", sms.shown(stage.work, phone)[0].text)
    stage.session.rollback()
    assert code
    youth.write("短信验证码", code[1]).press("下一步")
    youth.write("姓名", "林晓冬").date(born).press("下一步")
    youth.tick("我已阅读").tick("我单独同意").press("同意，下一步")
    youth.write("密码", "汾河边的路灯亮了").press("建立账号")

    youth.page.goto("/jia/apply")
    youth.press("开始填写").write("学校、单位或班级的名字", "会计20184班").go_to("查找")
    youth.page.keyboard.press("Enter")
    expect(youth.page.get_by_role("link", name="会计20184班").first).to_be_visible()
    youth.press("会计20184班").press("是，就是这里")
    youth.write("姓名", "林晓冬").press("保存并继续")
    youth.write("身份证号", make.id_number(born, n=88)).press("保存并继续")
    youth.choose("民族", "汉族").write("籍贯", "山西省朔州市应县")
    youth.choose("学历", "普通高中").choose("政治面貌", "共青团员").press("保存并继续")
    youth.date(date(2021, 5, 4)).write("入团地点或单位", "应县第一中学").tick("不记得发展团员编号").press("保存并继续")
    youth.press("提交申请")
    expect(youth.page.get_by_role("heading", level=1)).to_contain_text("已提交")


@pytest.mark.slow
def test_a_secretary_signs_in_reviews_returns_and_signs_out(stage: Stage, hands: Callable[..., Hands]) -> None:
    secretary = hands("anonymous", "/login")
    secretary.write("手机号", staff.SECRETARY).write("密码", stage.house.settings.demo_password).press("登录")
    secretary.press("审核")
    page = secretary.page
    said = page.locator("#say, .toast, .message")
    secretary.go_to("审核通过")
    page.keyboard.press("Enter")
    expect(said.filter(has_text="已通过").first).to_be_attached()
    secretary.go_to("退回补正")
    page.keyboard.press("Enter")
    secretary.go_to("请对照身份证改一下")
    page.keyboard.press("Enter")
    expect(said.filter(has_text="已退回").first).to_be_attached()
    page.goto("/twt")
    secretary.press("退出")
    page.goto("/twt")
    expect(page).to_have_url(re.compile("/login"))


def test_a_youth_mends_what_was_returned(stage: Stage, hands: Callable[..., Hands]) -> None:
    stage.begin(decided(Verdict.RETURN, RequestState.RETURNED))
    youth = hands("youth", "/jia/application/fix")
    youth.write("籍贯", "山西省大同市浑源县").press("改好了，重新提交")
    expect(youth.page.locator("main")).to_contain_text("重新提交")


def test_staff_make_branches_find_people_and_correct_a_field(stage: Stage, hands: Callable[..., Hands]) -> None:
    college = stage.world.college_c.public_id
    school = hands("school_s", f"/twt/organisations/{college}/paste")
    school.write("名称", "会计20261班")
    school.page.keyboard.press("Enter")
    school.page.keyboard.type("会计20262班")
    school.press("预览").press("新建这")
    expect(school.page.locator("main")).to_contain_text("会计20261班")

    school.page.goto("/twt/people")
    school.write("找人", staff.MEMBER).go_to("查找")
    school.page.keyboard.press("Enter")
    expect(school.page.locator("#people tbody tr")).to_have_count(1)
    school.press(school.page.locator("#people tbody th a").inner_text())
    school.go_to("查看完整证件号码")
    school.page.keyboard.press("Enter")
    expect(school.page.locator(".reveal form").first).to_be_visible()
    school.tick("核对身份").go_to("查看完整证件号码")
    school.page.keyboard.press("Enter")
    expect(school.page.locator("main")).to_contain_text(re.compile(r"\d{17}[\dX]"))


def test_a_province_writes_and_publishes_a_notice(hands: Callable[..., Hands]) -> None:
    officer = hands("province", "/twt/notices")
    officer.press("写通知").write("标题", "关于键盘的通知")
    officer.go_to("清除格式")
    officer.page.keyboard.press("Tab")
    officer.page.keyboard.type("不用鼠标也能写完。")
    officer.press("保存草稿")
    expect(officer.page.locator("main")).to_contain_text("不用鼠标也能写完。")
    officer.press("发布")
    expect(officer.page.locator("main")).to_contain_text("已发布")


def test_a_school_appoints_a_delegate_and_asks_for_a_correction(stage: Stage, hands: Callable[..., Hands]) -> None:
    school = hands("school_s", f"/twt/appointments/new?organisation={stage.world.school_s.public_id}")
    school.tick("协助审批").write("本人注册用的手机号", staff.YOUTH)
    school.press("下一步，核对本人").press("任命")
    expect(school.page.locator("main")).to_contain_text("协助审批")

    school.page.goto("/twt/people")
    name = school.page.locator("#people tbody th a").first.inner_text()
    school.press(name).press("申请更正").press("姓名")
    school.write("姓名应当是", "林晓明").write("为什么要更正", "户口簿上写的是明天的明").press("提交更正申请")
    expect(school.page.locator("main")).to_contain_text("更正申请已提交")


def test_the_skip_link_leads_past_the_navigation(hands: Callable[..., Hands]) -> None:
    reader = hands("anonymous", "/")
    reader.go_to("跳到正文")
    reader.page.keyboard.press("Enter")
    assert reader.page.evaluate("document.activeElement.id") == "main"
    reader.page.keyboard.press("Tab")
    assert reader.page.evaluate("document.querySelector('main').contains(document.activeElement)")
