"""The pilot's best way in, to the letter: staff → secretary → twenty members → review, through WeChat, on a phone.

Nobody takes a short cut: what is not in the chat or on the page before cannot be reached. To save time most of the
members have no browser and send each form themselves; `MEMBERS=20 IN_BROWSERS=20` gives all of them one, twice.
"""

import os
import re
from collections.abc import Callable
from datetime import date
from types import SimpleNamespace

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.extensions import db
from app.kernel.outbox.operations import deliver_due
from app.kernel.work import Actor, Work
from app.league.accounts import sms
from app.league.organisations.models import Organisation
from app.league.people.models import Door, Person
from tests import factories as make
from tests.wechat.conftest import follow as follow
from tests.wechat.conftest import standin as standin
from tests.wechat.pockets import PASSWORD, Pocket

CLASS = "会计20188班"
AGAIN = int(os.environ.get("MEMBERS", "4"))
"""How many come the second time, without scripts."""
IN_BROWSERS = int(os.environ.get("IN_BROWSERS", "1"))
PHONE = "13900011"
BORN = date(2006, 5, 17)


@pytest.fixture
def worker(app: Flask, clock) -> Callable[[], None]:
    """What the worker does, half a minute later."""

    def run() -> None:
        with app.app_context():
            here = app.extensions["house"]
            clock.advance(seconds=31)
            deliver_due(Work(db.session(), here.clock.now(), Actor("worker"), here.vault, here.settings))
            db.session.remove()

    return run


@pytest.fixture
def code_to(app: Flask, worker: Callable[[], None]) -> Callable[[str], str]:
    """The code that came by SMS to a phone."""

    def read(phone: str) -> str:
        worker()
        with app.app_context():
            here = app.extensions["house"]
            work = Work(db.session(), here.clock.now(), Actor("worker"), here.vault, here.settings)
            text = sms.shown(work, phone)[0].text
            db.session.remove()
        return re.search(r"\d{6}", text)[0]  # type: ignore[index]

    return read


class InHand:
    """Somebody with a browser of 390 px inside WeChat."""

    def __init__(self, page: Page, scene: SimpleNamespace, openid: str) -> None:
        self.page, self.scene, self.openid = page, scene, openid

    def taps(self, key: str) -> None:
        """Press a button of the menu, and the address in the answer."""
        here = self.scene
        now = int(here.clock.now().timestamp())
        xml = here.standin.xml(self.openid, now, MsgType="event", Event="CLICK", EventKey=key)
        answer = here.standin.says(here.site, xml, now)
        here.standin.holder = self.openid
        self.page.goto(re.search(r"https?://\S+", answer)[0])  # type: ignore[index]

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def registers(self, name: str, phone: str) -> None:
        """From the class's or the invitation's page to an account, and back to that page."""
        page = self.page
        page.get_by_role("link", name="第一次来，建账号").click()
        page.get_by_role("link", name="开始登记").click()
        page.get_by_label("手机号").fill(phone)
        self.press("获取验证码")
        box = page.get_by_label("短信验证码")
        expect(box).to_be_visible()
        box.fill(self.scene.code_to(phone))
        self.press("下一步")
        page.get_by_label("姓名").fill(name)
        for place, part in enumerate((BORN.year, BORN.month, BORN.day)):
            page.locator("input[name=birth_date]").nth(place).fill(str(part))
        self.press("下一步")
        expect(page.get_by_role("button", name="同意，下一步")).to_be_visible()
        for tick in page.get_by_role("checkbox").all():
            tick.check()
        self.press("同意，下一步")
        page.locator("input[name=password]").fill(PASSWORD)
        self.press("建立账号")

    def finds_class(self, code: str) -> None:
        self.page.get_by_label("班级认证码").fill(code)
        self.press("下一步")
        self.page.get_by_text(CLASS).click()
        self.press("下一步")

    def fills(self, id_number: str) -> None:
        """The file, a screen at a time, to the end."""
        page = self.page
        expect(page.get_by_role("main")).to_contain_text("团支书：王**")
        self.press("是，开始填写")
        self.press("绑定")
        self.goes_on()
        page.locator("input[name=id_number]").fill(id_number)
        self.goes_on()
        page.locator("select[name=ethnicity]").select_option("01")
        page.get_by_label("籍贯").fill("山西省朔州市应县")
        page.locator("select[name=education]").select_option("31")
        page.locator("select[name=political_status]").select_option("03")
        self.goes_on()
        for place, part in enumerate((2021, 5, 4)):
            page.locator("input[name=joined_league_on]").nth(place).fill(str(part))
        page.locator("input[name=joined_league_at]").fill("应县第一中学")
        page.locator("input[name=development_number]").fill(f"202114{make.serial():06d}")
        self.goes_on()
        self.press("提交申请")
        expect(page.get_by_role("heading", name="申请已提交")).to_be_visible()

    def goes_on(self) -> None:
        with self.page.expect_navigation():
            self.page.locator("main form button[type=submit], main form .btn-primary").first.click()


def name_of(n: int) -> str:
    """What the member ``n`` is called."""
    return f"林晓{make.CHARACTERS[n]}"


def people_of(province: Page) -> int:
    """The files in the whole province, as its overview says."""
    province.goto("/twt")
    province.get_by_role("navigation", name="我的工作").get_by_role("link", name="进度总览").click()
    return int(province.locator("[data-figure=people]").first.inner_text())


@pytest.mark.slow
@pytest.mark.parametrize(("javascript", "members"), [(True, 20), (False, AGAIN)], ids=["with scripts", "without"])
def test_a_class_of_twenty_comes_through_wechat(
    javascript,
    members,
    open_page,
    open_desk,
    site,
    app,
    world,
    session,
    vault,
    clock,
    standin,
    follow,
    make_client,
    worker,
    code_to,
):
    follow(site)
    scene = SimpleNamespace(site=site, standin=standin, clock=clock, code_to=code_to)
    province = open_desk("province", 390, javascript=javascript)
    before = people_of(province)

    staff = open_desk("college_c", 390, javascript=javascript)
    staff.goto("/twt")
    staff.get_by_role("navigation", name="我的工作").get_by_role("link", name="班级认证码").click()
    staff.get_by_label("班级、人数、团支书、手机号").fill(f"{CLASS},{members},王小明,{PHONE}800")
    staff.get_by_role("button", name="先看一遍").click()
    staff.get_by_role("button", name="开通这 1 个班").click()
    token = staff.locator("#code-1").inner_text()

    secretary = InHand(open_page(390, javascript=javascript), scene, "o-secretary")
    secretary.taps("CADRE")
    secretary.page.get_by_label("团干认证码").fill(token)
    secretary.press("下一步")
    secretary.registers("王小明", f"{PHONE}800")
    secretary.press("接受，担任团支书")
    secretary.press("绑定")
    secretary.press("开通班级认证码")
    code = secretary.page.locator("#class-code").inner_text()
    assert code in secretary.page.get_by_label("发到班级群的话").input_value()

    for n in range(min(IN_BROWSERS, members)):
        one = InHand(open_page(390, javascript=javascript), scene, f"o-{n}")
        one.taps("MEMBER")
        one.finds_class(code)
        one.registers(name_of(n), f"{PHONE}8{n + 1:02d}")
        one.fills(make.id_number(BORN, n=400 + n))
    for n in range(IN_BROWSERS, members):
        one = Pocket(make_client(), scene, f"o-{n}")
        one.finds_class(code, CLASS)
        back = one.answer.request.path
        one.registers(name_of(n), f"{PHONE}8{n + 1:02d}", BORN)
        assert one.answer.request.path == back
        one.applies(make.id_number(BORN, n=400 + n))

    secretary.taps("CADRE")
    page = secretary.page
    expect(page.locator("main")).to_contain_text(f"已审/已填/总数：0/{members}/{members}")
    expect(page.locator("#rows li")).to_have_count(members)
    expect(page.locator("#rows li").first).to_contain_text("未审核")
    expect(page.locator("main")).to_contain_text("没有更多数据了")
    page.locator("#rows").get_by_role("link", name=name_of(0)).click()
    for left in range(members, 0, -1):
        expect(page.locator("main")).to_contain_text(f"待审 {left}")
        page.locator("#card").get_by_role("button", name="审核通过").click()
    expect(page.locator("main")).to_contain_text("全部审完")

    assert people_of(province) == before + members
    session.rollback()
    branch = session.scalars(select(Organisation).where(Organisation.name == CLASS)).one()
    rows = session.scalars(select(Person).where(Person.organisation_id == branch.id)).all()
    assert [row.door for row in rows] == [Door.WECHAT] * members
    secretary.taps("CADRE")
    expect(page.locator("main")).to_contain_text(f"已审/已填/总数：{members}/{members}/{members}")
    worker()
    worker()  # what arrived in the inbox goes on to WeChat
    results = [message["data"]["phrase2"]["value"] for message in standin.inbox["o-0"]]
    assert results == ["已提交", "已通过"]
    assert not any(name_of(0) in str(message) for message in standin.inbox["o-0"])
