"""What a youth and a secretary do in the browser, step by step, as they would."""

import re
from dataclasses import dataclass
from datetime import date

from playwright.sync_api import Page, expect

PASSWORD = "汾河边的路灯亮了"


@dataclass
class Youth:
    """Somebody at a browser who has never been here."""

    page: Page
    deliver: object
    name: str = "林晓春"
    phone: str = "13900012345"
    born: date = date(2006, 5, 17)

    def press(self, label: str) -> None:
        """Press the button that says so."""
        self.page.get_by_role("button", name=label, exact=True).first.click()

    def type_date(self, name: str, *parts: int) -> None:
        """Fill the inputs of a date, year first."""
        for box, part in zip(self.page.locator(f"input[name={name}]").all(), parts, strict=False):
            box.fill(str(part))

    def registers(self) -> None:
        """From the portal's front page to an account."""
        self.page.goto("/")
        self.page.get_by_role("link", name="青春家园").first.click()
        self.page.goto("/jia/start")
        self.page.get_by_role("link", name="开始登记").click()
        self.page.get_by_label("手机号").fill(self.phone)
        self.press("获取验证码")
        expect(self.page).to_have_url(re.compile("/jia/account/code"))
        self.page.get_by_label("短信验证码").fill(self.reads_code())
        self.press("下一步")
        self.page.get_by_label("姓名").fill(self.name)
        self.type_date("birth_date", self.born.year, self.born.month, self.born.day)
        self.press("下一步")
        self.agrees()
        self.page.locator("input[name=password]").fill(PASSWORD)
        self.press("建立账号")
        expect(self.page).to_have_url(re.compile("/jia$"))

    def agrees(self) -> None:
        """Tick what is to be agreed to, once the page that asks for it is there."""
        agree = self.page.get_by_role("button", name="同意，下一步", exact=True)
        expect(agree).to_be_visible()
        for tick in self.page.get_by_role("checkbox").all():
            tick.check()
        agree.click()

    def reads_code(self) -> str:
        """The code on the demonstration's page of text messages, in a window of its own."""
        self.deliver()  # type: ignore[operator]
        other = self.page.context.new_page()
        other.goto("/demo/messages")
        found = re.search(r"验证码 (\d{6})", other.inner_text("main"))
        other.close()
        assert found, "no code among the messages"
        return found[1]

    def applies(self, branch: str, id_number: str) -> str:
        """Find the branch, fill in the file, check it, hand it in. Returns the reference number."""
        page = self.page
        page.goto("/jia/apply")
        page.get_by_role("link", name="开始填写").click()
        page.locator("#q").fill(branch)
        page.locator("main").get_by_role("button", name="查找").click()
        page.get_by_role("link", name=branch).first.click()
        self.press("是，就是这里")
        page.get_by_label("姓名").fill(self.name)
        self.goes_on()
        page.get_by_label("身份证号", exact=True).fill(id_number.lower())
        self.goes_on()
        page.locator("select[name=ethnicity]").select_option("01")
        page.get_by_label("籍贯").fill("山西省朔州市应县")
        page.locator("select[name=education]").select_option("31")
        page.locator("select[name=political_status]").select_option("03")
        self.goes_on()
        self.type_date("joined_league_on", 2021, 5, 4)
        page.locator("input[name=joined_league_at]").fill("应县第一中学")
        page.locator("input[name=development_number]").fill("202114000123")
        self.goes_on()
        expect(page.get_by_role("heading", name="请核对，然后提交")).to_be_visible()
        self.press("提交申请")
        expect(page.get_by_role("heading", name="申请已提交")).to_be_visible()
        return page.inner_text("#reference").strip()

    def goes_on(self) -> None:
        """The step's main button."""
        with self.page.expect_navigation():
            self.page.locator("main form button[type=submit], main form .btn-primary").first.click()

    def corrects_the_place(self, place: str) -> None:
        """Only the returned field is asked for."""
        self.page.goto("/jia/application/fix")
        self.page.locator("input[name=joined_league_at]").fill(place)
        self.press("改好了，重新提交")


@dataclass
class Secretary:
    """The secretary at the review desk."""

    page: Page

    def signs_in(self, phone: str, password: str) -> None:
        """From the sign-in page to the back office."""
        self.page.goto("/login")
        self.page.get_by_label("手机号").fill(phone)
        self.page.locator("input[name=password]").fill(password)
        self.page.get_by_role("button", name="登录", exact=True).click()
        expect(self.page).to_have_url(re.compile("/twt"))

    def opens(self, name: str) -> None:
        """The application of ``name`` on the desk."""
        self.page.goto("/twt/queue")
        for lane in ("clean", "flagged", "off_roster", "duplicate"):
            self.page.goto(f"/twt/queue?lane={lane}")
            found = self.page.locator("#desk").get_by_role("link", name=name)
            if found.count():
                address = found.first.get_attribute("href") or ""
                found.first.click()
                # The card of the first row is there at once: only the address says that the click has arrived.
                expect(self.page).to_have_url(re.compile(re.escape(address) + "$"))
                break
        expect(self.page.locator("#card h2")).to_have_text(name)

    def returns(self, words: str, field: str) -> None:
        """Send it back with one field ticked."""
        panel = self.page.locator("#card [data-panel=return]")
        panel.locator("summary", has_text="退回补正").click()
        panel.get_by_text("自己写", exact=True).click()
        panel.locator(f"input[name=fields][value={field}]").check()
        panel.locator("textarea[name=reason]").fill(words)
        panel.get_by_role("button", name="退回补正", exact=True).click()
        self.hears("已退回")

    def approves(self) -> None:
        """审核通过."""
        self.page.locator("#card").get_by_role("button", name="审核通过").click()
        self.hears("已通过")

    def hears(self, words: str) -> None:
        """The server has said so: the row's tick comes before its answer."""
        expect(self.page.locator(".toast-text, .flash").first).to_contain_text(words)
