"""Pages that are reached by doing something first."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pyotp
from playwright.sync_api import Page
from sqlalchemy import select

from app.league.accounts import sms
from app.league.joining.models import JoinRequest, PracticeRun, RequestState, SpotCheck, Verdict
from app.surfaces.web.errors import error_page
from tests import factories as make
from tests.gallery import extremes, sheets
from tests.gallery.inventory import Act, Scene, Visit
from tests.gallery.stage import Stage

PHONE, PASSWORD = "13900018888", "汾河边的路灯亮了"
PRESS = """button => {
  const said = document.createElement('input');
  Object.assign(said, {type: 'hidden', name: button.name, value: button.value});
  if (button.name) button.form.append(said);
  if (button.hasAttribute('formaction')) button.form.action = button.formAction;
  HTMLFormElement.prototype.submit.call(button.form);
}"""
ERRORS = (400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503)


def sends(button: str = "", /, within: str = "", **typed: str) -> Act:
    """An act: fill inputs by their names in the main form that has them, and send it by its button without scripts.

    ``within``: which form, where names do not tell.
    """

    def act(page: Page, _stage: Stage) -> None:
        forms = page.locator(within or "main form[method=post]")
        for name in typed:
            forms = forms.filter(has=page.locator(f"[name={name}]"))
        if button:
            forms = forms.filter(has=page.locator(f"button:has-text('{button}')"))
        form = forms.first
        for name, value in typed.items():
            _type(form.locator(f"[name={name}]"), value)
        pressed = form.locator(f"button:has-text('{button}')") if button else form.locator("[type=submit]")
        with page.expect_navigation():
            pressed.first.evaluate(PRESS)

    return act


def _type(boxes: Any, value: str) -> None:
    """Text, a date in its three boxes, an option, or a tick."""
    first = boxes.first
    kind = first.evaluate("box => box.type")
    if kind == "select-one":
        first.select_option(value)
    elif kind in ("radio", "checkbox"):
        boxes.and_(boxes.page.locator(f"[value='{value}']")).first.check() if value else first.check()
    elif boxes.count() == 3:
        for box, part in zip(boxes.all(), value.split("-"), strict=True):
            box.fill(str(int(part)))
    else:
        first.fill(value)


def types_code(phone: str, **more: str) -> Act:
    """An act: type the code that the phone was sent."""

    def act(page: Page, stage: Stage) -> None:
        stage.deliver()
        found = re.search(r"验证码 (\d{6})", sms.shown(stage.work, phone)[0].text)
        stage.session.rollback()
        assert found
        sends(code=found[1], **more)(page, stage)

    return act


def follows(label: str) -> Act:
    """An act: follow the link that says so."""

    def act(page: Page, _stage: Stage) -> None:
        with page.expect_navigation():
            page.locator("main").get_by_role("link", name=label).first.click()

    return act


def opens_codes(page: Page, stage: Stage) -> None:
    """An act: prove the authenticator whose secret the page shows."""
    secret = page.locator("#secret").inner_text().replace(" ", "")
    sends(code=pyotp.TOTP(secret).at(stage.house.clock.now()))(page, stage)


def shows_error(status: int) -> Act:
    """An act: get the page of an error, as it is drawn when things fail."""

    def act(page: Page, stage: Stage) -> None:
        with stage.app.test_request_context("/"):
            text = error_page(status).get_data(as_text=True)
        page.route("**/failing", lambda route: route.fulfill(status=status, content_type="text/html", body=text))
        page.goto("/failing")

    return act


def chain(name: str, persona: str, *steps: tuple[str, str, Act | None], prepare: Any = None) -> Scene:
    """A scene of one person, each page going on from the one before. A step: name, address or "", act."""
    visits = tuple(Visit(f"{name}~{step}", address, (persona,), act) for step, address, act in steps)
    return Scene(f"~{name}", visits, prepare)


def decided(verdict: Verdict, state: RequestState) -> Callable[[Stage], Mapping[str, Any]]:
    """A preparation: the youth's application with a decision on it."""

    def prepare(stage: Stage) -> Mapping[str, Any]:
        from tests.joining.test_own import decide

        world = stage.world
        make.join_request(stage.session, stage.vault, world.branch_b1, world.people["youth"])
        mine = select(JoinRequest).order_by(JoinRequest.id.desc()).limit(1)
        decide(stage.work, world, stage.session.scalars(mine).one(), verdict, state)
        return {}

    return prepare


def _waiting(stage: Stage) -> Mapping[str, Any]:
    """One application of each sort at the branch: clean, and with doubts."""
    world = stage.world
    row = make.join_request(stage.session, stage.vault, world.branch_b1)
    names = {"request": row.public_id, "school": world.school_s.public_id, "branch": world.branch_b1.public_id}
    return names | {"college": world.college_c.public_id, "other_branch": world.branch_b3.public_id}


NUMBER = make.id_number(date(2006, 5, 17), n=77)
REGISTRATION = (
    ("phone-wrong", "/jia/account", sends(phone="12345")),
    ("code", "/jia/account", sends(phone=PHONE)),
    ("code-wrong", "", sends(code="000000")),
    ("about", "", types_code(PHONE)),
    ("about-wrong", "", sends(name="甲", birth_date="2006-13-40")),
)


def _practised(stage: Stage) -> Mapping[str, Any]:
    """A run of practice that missed a few; a spot check that holds the next sheet."""
    who = stage.world.people["school_s"]
    answers = [["approve", ""]] * 15 + [["return", "4"]] * 5
    run = PracticeRun(account_id=who.id, seed=5, started_at=make.NOW, answers=answers, right=12, missed=4, refused=4)
    run.finished_at = make.NOW
    rows = [make.join_request(stage.session, stage.vault, stage.world.branch_b1) for _ in range(4)]
    check = SpotCheck(account_id=who.id, passed=0, picked=[row.public_id for row in rows[:3]], asked_at=make.NOW)
    stage.session.add_all([run, check])
    stage.session.flush()
    return {"run": run.public_id}


STATES: tuple[Scene, ...] = (
    chain(
        "register",
        "anonymous",
        *REGISTRATION,
        ("consent", "", sends(name="青年丙", birth_date="2006-05-04")),
        ("consent-not-ticked", "", sends()),
        ("password", "", sends(terms="", sensitive="")),
        ("password-weak", "", sends(password="123456")),
        ("password-shown", "", sends("显示密码", password="123456")),
        ("welcome", "", sends(password=PASSWORD)),
    ),
    chain(
        "register-teen",
        "anonymous",
        *[(step, address, act) for step, address, act in REGISTRATION if step in ("code", "about")],
        ("consent", "", sends(name="青年丁", birth_date="2011-05-04")),
    ),
    chain(
        "register-child",
        "anonymous",
        *[(step, address, act) for step, address, act in REGISTRATION if step in ("code", "about")],
        ("guardian", "", sends(name="小学生甲", birth_date="2014-05-04")),
        ("guardian-same-phone", "", sends(guardian_name="家长甲", guardian_phone=PHONE)),
        ("password", "", sends(guardian_name="家长甲", guardian_phone="13900018889")),
        ("waiting", "", sends(password=PASSWORD)),
    ),
    chain("sign-in", "anonymous", ("wrong", "/login", sends(phone="13900000006", password="不对的密码啊"))),
    chain(
        "reset",
        "anonymous",
        ("code", "/reset", sends(phone="13900000006")),
        ("password", "", types_code("13900000006")),
        ("password-weak", "", sends(password="123")),
    ),
    chain(
        "factor",
        "youth",
        ("secret", "/jia/security/factor", sends("开始")),
        ("wrong-code", "", sends(code="000000")),
        ("codes", "", opens_codes),
        ("on", "/jia/security/factor", None),
    ),
    chain(
        "apply",
        "youth",
        ("found", "/jia/apply/place?q=会计", None),
        ("none-found", "/jia/apply/place?q=没有这样的地方", None),
        ("this-one", "/jia/apply/place/<branch>", None),
        ("name", "", sends("是，就是这里")),
        ("document", "", sends(name="林晓春")),
        ("document-wrong", "", sends(id_number=NUMBER[:-1] + ("0" if NUMBER[-1] != "0" else "1"))),
        ("basics", "", sends(id_number=NUMBER)),
        ("basics-empty", "", sends(native_place="")),
        (
            "league",
            "",
            sends(ethnicity="01", native_place="山西省朔州市应县", education="31", political_status="03"),
        ),
        ("league-empty", "", sends()),
        (
            "check",
            "",
            sends(
                joined_league_on="2021-05-04",
                joined_league_at="应县第一中学",
                certificate_number="64912345",
                development_number="202114000123",
            ),
        ),
        ("begun", "/jia/apply", None),
        ("done", "/jia/apply/check", sends("提交申请")),
        ("progress", "/jia/application", None),
        ("home", "/jia", None),
        prepare=_waiting,
    ),
    chain(
        "returned",
        "youth",
        ("home", "/jia", None),
        ("progress", "/jia/application", None),
        ("fix", "/jia/application/fix", None),
        ("fix-empty", "", sends(native_place="")),
        prepare=decided(Verdict.RETURN, RequestState.RETURNED),
    ),
    chain(
        "rejected",
        "youth",
        ("home", "/jia", None),
        ("progress", "/jia/application", None),
        ("again", "/jia/apply", None),
        prepare=decided(Verdict.REJECT, RequestState.REJECTED),
    ),
    chain(
        "review",
        "school_s",
        ("flagged", "/twt/queue?lane=flagged", None),
        ("duplicate", "/twt/queue?lane=duplicate", None),
        ("off-roster", "/twt/queue?lane=off_roster", None),
        ("return", "/twt/queue/<request>?panel=return", None),
        ("return-empty", "", sends("退回补正", within="main form[aria-label^='退回补正']")),
        ("reject", "/twt/queue/<request>?panel=reject", None),
        ("empty", "/twt/queue?branch=<other_branch>", None),
        ("approved", "/twt/queue/<request>", sends("审核通过")),
        ("history", "/twt/queue/history", None),
        ("decided", "/twt/queue/<request>", None),
        prepare=_waiting,
    ),
    chain(
        "people",
        "school_s",
        ("found", "/twt/people", sends(q="13900000007")),
        ("none-found", "/twt/people", sends(q="没有这个人")),
        ("too-short", "/twt/people", sends(q="王")),
    ),
    chain(
        "organise",
        "school_s",
        ("found", "/twt/organisations?q=会计", None),
        ("none-found", "/twt/organisations?q=没有这样的地方", None),
        ("everything", "/twt/organisations?all=1", None),
        ("paste-seen", "/twt/organisations/<college>/paste", sends(names="会计20261班\n会计20262班\n会计20261班")),
        ("appoint", "/twt/appointments/new?organisation=<college>", None),
        ("appoint-empty", "", sends()),
        ("appoint-unknown", "", sends(phone="13900018880")),
        ("appoint-seen", "", sends(phone="13900000006")),
        ("roster", "/twt/roster/<branch>", None),
        ("roster-seen", "", sends("看", names="张小三\n李小四\n李小四\n???")),
        ("appointments-soon", "/twt/appointments?soon=1", None),
        prepare=_waiting,
    ),
    chain(
        "import",
        "secretary_b1",
        *sheets.STEPS,
        ("columns-wrong", "", sends("下一步", name="-1", heading="99")),
        ("preview", "", sends("下一步", name="0", heading="2")),
        ("done", "", sends("导入这")),
        ("taken-back", "", sends("撤回这次导入")),
        ("begun", "/twt/imports", None),
    ),
    chain(
        "export",
        "school_s",
        ("empty", "/twt/exports/new", sends("申请导出", reason="")),
        ("asked", "", sends("申请导出", reason="核对全校团员名单", columns="id_number", whole="y")),
        ("mine", "/twt/exports", None),
    ),
    Scene(
        "~practised",
        (
            Visit("practice~records", "/twt/practice", ("school_s",)),
            Visit("practice~result", "/twt/practice/<run>/result", ("school_s",)),
            Visit("queue~spot-check", "/twt/queue?lane=clean", ("school_s",)),
        ),
        _practised,
    ),
    Scene(
        "~move",
        (Visit("move~seen", "/twt/organisations/<college>/move?to=<school_t>", ("city_a",)),),
        lambda stage: {"college": stage.world.college_c.public_id, "school_t": stage.world.school_t.public_id},
    ),
    chain(
        "search",
        "anonymous",
        ("found", "/search?q=团员", None),
        ("none-found", "/search?q=没有这样的事", None),
        ("notices", "/notices?q=团员", None),
        ("notices-none", "/notices?category=学习", None),
        ("not-there", "/nothing-here", None),
        ("leaving", "/out?to=https://www.gov.cn/", None),
    ),
    extremes.SCENE,
    Scene("~lost", (Visit("not-there", "/nothing-here", ("youth", "school_s")),)),
    Scene("~errors", tuple(Visit(f"error-{status}", "", ("anonymous",), shows_error(status)) for status in ERRORS)),
)
