"""Every journey to its end in a browser that runs no scripts. The first ways of a youth and a secretary: test_story."""

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from app.demonstration import staff
from tests.database import Database
from tests.gallery.stage import Stage, serving
from tests.gallery.states import PASSWORD


class Visitor:
    """Somebody who reads a page, follows its links and sends its forms."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def opens(self, address: str) -> "Visitor":
        """Go to an address; it is there."""
        answer = self.page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        return self

    def follows(self, name: str) -> "Visitor":
        """Follow the first link of the page's matter that is called so."""
        with self.page.expect_navigation():
            self.page.locator("main").get_by_role("link", name=name).first.click()
        return self

    def unfolds(self, name: str) -> "Visitor":
        """Open what is folded up under these words."""
        self.page.locator("main summary", has_text=name).first.click()
        return self

    def types(self, label: str, text: str) -> "Visitor":
        """Fill in the first field of that name that is to be seen."""
        self.page.get_by_label(label).locator("visible=true").first.fill(text)
        return self

    def ticks(self, label: str) -> "Visitor":
        """Tick a box, or choose one of several."""
        self.page.locator("main").get_by_label(label).first.check()
        return self

    def chooses(self, label: str, option: str) -> "Visitor":
        """Choose from a list."""
        self.page.get_by_label(label).first.select_option(label=option)
        return self

    def presses(self, name: str) -> "Visitor":
        """Press a button of the page's matter; the page after it is no error."""
        with self.page.expect_navigation() as moved:
            self.page.locator("main").get_by_role("button", name=name).locator("visible=true").first.click()
        assert moved.value is not None
        assert moved.value.status == 200, self.page.inner_text("main")
        return self

    def reads(self, *words: str) -> "Visitor":
        """The page says all of it."""
        for said in words:
            expect(self.page.locator("main")).to_contain_text(said)
        return self

    def figure(self, name: str) -> int:
        """A number of the page."""
        return int(self.page.locator(f"[data-figure={name}]").first.inner_text())


@pytest.fixture
def stage(app: Flask, database: Database) -> Iterator[Stage]:
    """The demonstration with everybody in their place."""
    stage = Stage(app, database)
    stage.begin()
    yield stage
    stage.close()


@pytest.fixture
def visitor(stage: Stage, chromium: Browser) -> Iterator[Callable[[str], Visitor]]:
    """Opens a browser without scripts for one of the cast."""
    with serving(stage.app) as site:
        contexts = []

        def open_window(persona: str) -> Visitor:
            context = chromium.new_context(base_url=site, locale="zh-CN", java_script_enabled=False)
            context.set_default_timeout(10_000)
            contexts.append(context)
            if persona != "anonymous":
                context.add_cookies([{"name": stage.cookie, "value": stage.tokens[persona], "url": site}])
            return Visitor(context.new_page())

        yield open_window
        for context in contexts:
            context.close()


Open = Callable[[str], Visitor]


def test_a_reviewer_decides_undoes_skips_and_passes_on(visitor: Open) -> None:
    reviewer = visitor("delegate_c").opens("/twt/queue")
    waiting = reviewer.figure("pending")
    reviewer.presses("审核通过").reads("已通过", "撤销")
    assert reviewer.figure("pending") == waiting - 1
    reviewer.presses("撤销").reads("已撤销")
    assert reviewer.figure("pending") == waiting
    reviewer.presses("通过勾选的人").reads("已通过")
    assert reviewer.figure("pending") < waiting - 1
    reviewer.opens("/twt/queue?lane=flagged").unfolds("退回补正").presses("出生日期").reads("已退回")
    reviewer.opens("/twt/queue?lane=off_roster").presses("跳过").reads("已跳过")
    reviewer.unfolds("转交").types("拿不准", "名字和花名册差一个字").presses("转交上级").reads("转交共青团")
    reviewer.opens("/twt/queue/history").reads("已退回")


def test_a_reviewer_finds_somebody_and_sees_the_whole_number(visitor: Open) -> None:
    reviewer = visitor("school_s").opens("/twt/queue")
    name = reviewer.page.locator("#rows .name").first.inner_text()
    reviewer.page.locator("input[type=search], input[name=q]").first.fill(name)
    with reviewer.page.expect_navigation():
        reviewer.page.keyboard.press("Enter")
    reviewer.reads("找到").follows(name).follows("看完整号码")
    reviewer.types("为什么", "核对身份证").presses("查看完整号码")
    expect(reviewer.page.locator("main")).to_contain_text(re.compile(r"\d{17}[\dX]"))


def test_practice_is_begun_answered_and_taken_back(visitor: Open) -> None:
    beginner = visitor("secretary_b1").opens("/twt/practice").presses("开始练习").reads("第 1 /")
    beginner.presses("审核通过").reads("第 2 /").unfolds("退回补正").presses("入团日期").reads("第 3 /")
    beginner.presses("撤销上一份").reads("第 2 /")


def test_a_member_asks_for_a_correction_and_the_school_decides(visitor: Open, stage: Stage) -> None:
    member = visitor("other_youth").opens("/jia/me").follows("申请更正").follows("更正")
    member.types("应当是", "林晓明").types("为什么要更正", "户口簿上写的是明天的明").presses("提交更正申请").reads(
        "更正申请"
    )
    member.opens("/jia/me/edit").types("职业或专业", "会计").presses("保存").reads("会计")
    school = visitor("school_s").opens("/twt/corrections")
    school.page.locator("main tbody a").first.click()
    school.types("说明", "看过户口簿").presses("同意更正").reads("已更正")


def test_staff_change_a_file_and_read_its_history(visitor: Open) -> None:
    school = visitor("school_s").opens("/twt/people").types("找人", staff.MEMBER).presses("查找")
    school.page.locator("#people tbody th a").click()
    school.follows("修改").types("职业或专业", "电子商务").presses("保存").reads("电子商务")
    school.follows("变更记录").reads("电子商务")
    school.page.go_back()
    school.follows("查看完整证件号码").ticks("核对身份").presses("查看完整证件号码")
    expect(school.page.locator("main")).to_contain_text(re.compile(r"\d{17}[\dX]"))


def test_organisations_are_made_renamed_moved_merged_and_closed(visitor: Open, stage: Stage) -> None:
    college = stage.world.college_c.public_id
    school = visitor("school_s").opens(f"/twt/organisations/{college}")
    school.follows("新建下级").chooses("类别", "团支部").types("名称", "会计20271班").presses("新建").reads(
        "会计20271班"
    )
    school.follows("改名").types("新名称", "会计20272班").presses("保存新名称").reads("会计20272班")
    school.follows("换上级").types("名称、拼音或首字母", "朔州师范").presses("查找").follows("选这个").presses("确认")
    school.reads("会计20272班").follows("合并").types("名称、拼音或首字母", "会计20184").presses("查找").follows(
        "选这个"
    )
    school.presses("确认").reads("已并入")
    school.opens(f"/twt/organisations/{college}/paste").types("名称", "会计20281班\n会计20282班").presses("预览")
    school.presses("新建这 2 个").reads("会计20281班").follows("会计20281班")
    school.follows("撤销").types("撤销的原因", "没有招生").presses("确认撤销").reads("已撤销")


def test_a_roster_is_pasted_and_the_missing_are_reminded(visitor: Open, stage: Stage) -> None:
    secretary = visitor("secretary_b1").opens(f"/twt/roster/{stage.world.branch_b1.public_id}")
    secretary.page.locator("textarea[name=names]").fill("张小三\n李小四")
    secretary.presses("看").reads("要添加").presses("添加").reads("张*三")


def test_somebody_is_appointed_prolonged_and_ended_and_another_hands_over(visitor: Open, stage: Stage) -> None:
    school = visitor("school_s").opens(f"/twt/appointments/new?organisation={stage.world.school_s.public_id}")
    school.ticks("协助审批").types("本人注册用的手机号", staff.YOUTH).presses("下一步，核对本人").presses("任命").reads(
        "协助审批"
    )
    school.opens("/twt/appointments").follows("林晓春").follows("调整任期")
    school.page.locator("input[name=ends_on]").last.fill("2")
    school.presses("保存任期").follows("结束任职").types("原因", "任务完成").presses("结束任职").reads("已结束")
    secretary = visitor("secretary_b1").opens("/twt/appointments/mine").follows("交接")
    secretary.types("手机号", staff.YOUTH).presses("下一步，核对本人").presses("请上级确认").reads("上级")


def test_a_notice_is_written_read_and_withdrawn(visitor: Open) -> None:
    publisher = visitor("publisher").opens("/twt/notices").follows("写通知")
    publisher.types("标题", "关于不用脚本的通知").types("正文", "没有脚本也能写。\n\n第二段。").ticks("团干部").presses(
        "保存草稿"
    )
    publisher.reads("第二段。").follows("修改").types("正文", "改过一次。").presses("保存草稿").reads("改过一次。")
    publisher.presses("发布").reads("已发布")
    reader = visitor("school_s").opens("/inbox").follows("关于不用脚本的通知").reads("改过一次。")
    here = reader.page.url
    reader.presses("我已阅读").reads("已记下")
    publisher.types("原因", "发错了范围").presses("撤回").reads("已撤回")
    reader.opens(here).reads("撤回：发错了范围")


def test_an_account_is_guarded_and_closed(visitor: Open, stage: Stage) -> None:
    youth = visitor("youth").opens("/jia/security").follows("修改密码")
    youth.types("现在的密码", stage.house.settings.demo_password).types("新密码", PASSWORD).presses("保存新密码").reads(
        "账号安全"
    )
    youth.follows("注销账号").types("现在的密码", PASSWORD).presses("注销账号")
    assert youth.page.goto("/jia/security") is not None
    expect(youth.page).to_have_url(re.compile("/login"))


def test_a_reader_searches_leafs_and_enlarges_the_text(visitor: Open) -> None:
    reader = visitor("anonymous").opens("/")
    reader.page.get_by_role("search").get_by_role("textbox").or_(reader.page.locator("input[name=q]")).first.fill(
        "电子档案"
    )
    with reader.page.expect_navigation():
        reader.page.keyboard.press("Enter")
    reader.reads("电子档案").opens("/archive").follows("4 月").reads("2026 年 4 月")
    reader.opens("/a11y").presses("大字版")
    assert reader.page.get_attribute("html", "data-text")
    staff_member = visitor("school_s").opens("/twt/people").unfolds("选择显示的列")
    staff_member.page.locator("main").get_by_label("手机号", exact=True).uncheck()
    staff_member.presses("只显示这些列")
    expect(staff_member.page.locator("#people thead")).not_to_contain_text("手机号")
