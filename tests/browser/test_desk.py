"""The review desk under a reviewer's fingers: what shows at once, what the server says then, and who else looks."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy.orm import Session

from app.kernel.vault import Vault
from app.league.joining.models import JoinRequest, RequestState
from app.surfaces.tuanwutong import sheet
from tests import factories as make
from tests.world import World

AT_ONCE = 100
"""Milliseconds within which the screen answers a key."""


@pytest.fixture
def waiting(world: World, session: Session, vault: Vault) -> Callable[..., JoinRequest]:
    """Return a maker of applications that wait at B1."""

    def request(**values: Any) -> JoinRequest:
        row = make.join_request(session, vault, world.branch_b1, **values)
        session.commit()
        return row

    return request


def row_of(page: Page, request: JoinRequest) -> Any:
    """Its line of the list."""
    return page.locator(f"#row-{request.public_id}")


def state_of(session: Session, request: JoinRequest) -> RequestState:
    """Its state as the database has it now."""
    session.rollback()
    session.refresh(request)
    return request.state


def test_the_row_and_the_next_card_answer_before_the_server(
    open_desk: Callable[..., Page], session: Session, waiting: Callable[..., JoinRequest]
) -> None:
    first, second, third = waiting(name="甲一"), waiting(name="乙二"), waiting(name="丙三")
    page = open_desk("college_c")
    held: list[Route] = []
    answering: list[bool] = []
    page.route(re.compile("/decide$"), lambda route: route.continue_() if answering else held.append(route))
    page.goto("/twt/queue")
    page.wait_for_function("() => performance.getEntriesByType('resource').some(e => e.initiatorType === 'fetch')")
    page.wait_for_load_state("networkidle")
    page.evaluate(
        """() => { addEventListener('keydown', () => { window.pressed = performance.now(); }, true);
        new MutationObserver(() => { const name = document.querySelector('#card h2').textContent;
          if (name === '乙二') window.shown ??= performance.now();
        }).observe(document.body, {subtree: true, childList: true}); }"""
    )
    page.keyboard.press("a")
    expect(page.locator("#card h2")).to_have_text(second.name)
    expect(row_of(page, first)).to_contain_text("✓ 已通过")
    assert page.evaluate("window.shown - window.pressed") < AT_ONCE
    assert state_of(session, first) is RequestState.SUBMITTED, "the server has not been asked yet"
    page.keyboard.press("a")
    expect(page.locator("#card h2")).to_have_text(third.name)
    answering.append(True)
    held[0].continue_()
    expect(page.locator("[data-figure=pending]")).to_have_text("1")
    expect(page.locator(".toast-text")).to_have_text("已通过 乙*")
    expect(page.locator("#card h2")).to_have_text(third.name)
    assert [state_of(session, row) for row in (first, second)] == [RequestState.APPROVED] * 2


@pytest.mark.parametrize(
    ("status", "words"),
    [(429, "请过 7 秒再按一次"), (500, "服务器出了问题"), (503, "服务器出了问题"), (None, "网络不稳")],
    ids=str,
)
def test_what_the_server_could_not_do_comes_back_and_can_be_sent_again(
    status: int | None,
    words: str,
    open_desk: Callable[..., Page],
    session: Session,
    waiting: Callable[..., JoinRequest],
) -> None:
    first, second = waiting(name="甲一"), waiting(name="乙二")
    page = open_desk("college_c")
    page.goto("/twt/queue")

    def fail(route: Route) -> None:
        if status is None:
            route.abort()
        else:
            route.fulfill(status=status, body="<p>…</p>", headers={"Retry-After": "7"})

    page.route(re.compile("/decide$"), fail)
    page.keyboard.press("a")
    expect(page.locator("#card h2")).to_have_text(first.name)
    expect(page.locator("#card .desk-trouble")).to_be_focused()
    expect(page.locator("#card .desk-trouble")).to_contain_text(words)
    expect(row_of(page, first)).to_contain_text(words)
    expect(page.locator("#say")).to_contain_text(words)
    page.unroute(re.compile("/decide$"))
    page.keyboard.press("a")
    expect(page.locator(".toast-text")).to_have_text("已通过 甲*")
    expect(page.locator("#card h2")).to_have_text(second.name)
    assert state_of(session, first) is RequestState.APPROVED


def test_a_server_that_never_answers_is_not_waited_for_for_ever(
    open_desk: Callable[..., Page], session: Session, waiting: Callable[..., JoinRequest]
) -> None:
    first = waiting(name="甲一")
    waiting(name="乙二")
    page = open_desk("college_c")
    page.add_init_script(
        "const plain = AbortSignal.timeout; AbortSignal.timeout = () => plain.call(AbortSignal, 4000);"
    )
    page.goto("/twt/queue")
    page.route(re.compile("/decide$"), lambda route: None)
    page.keyboard.press("a")
    expect(page.locator("#card .desk-trouble")).to_contain_text("很久没有回答")
    expect(page.locator("#card h2")).to_have_text(first.name)


def test_when_a_colleague_was_faster_the_row_returns_with_the_name(
    open_desk: Callable[..., Page], session: Session, world: World, waiting: Callable[..., JoinRequest]
) -> None:
    first, second = waiting(name="甲一"), waiting(name="乙二")
    slow, fast = open_desk("college_c"), open_desk("secretary_b1")
    slow.goto("/twt/queue")
    fast.goto(f"/twt/queue/{first.public_id}")
    fast.keyboard.press("r")
    fast.keyboard.press("4")
    expect(fast.locator(".toast-text")).to_have_text("已退回 甲*")
    slow.keyboard.press("a")
    said = "管理secretary_b1 10:00 已退回"
    expect(slow.locator("#card .notice-box")).to_contain_text(said)
    expect(slow.locator("#card .notice-box")).to_be_focused()
    expect(row_of(slow, first)).to_contain_text(said)
    expect(slow.locator("#say")).to_have_text(said)
    slow.keyboard.press("j")
    expect(slow.locator("#card h2")).to_have_text(second.name)
    assert state_of(session, first) is RequestState.RETURNED


def test_a_return_without_words_comes_back_as_it_was_typed(
    open_desk: Callable[..., Page], waiting: Callable[..., JoinRequest]
) -> None:
    waiting(name="甲一")
    waiting(name="乙二")
    page = open_desk("college_c")
    page.goto("/twt/queue")
    page.keyboard.press("r")
    panel = page.locator("[data-panel=return]")
    panel.get_by_text("自己写", exact=True).click()
    panel.locator("textarea").fill("请写全称")
    panel.get_by_role("button", name="退回补正", exact=True).click()
    expect(page.locator("#card .card-head h2")).to_have_text("甲一")
    expect(page.locator("#card .error-summary")).to_be_focused()
    expect(page.locator("[data-panel=return] textarea")).to_have_value("请写全称")


def test_keys_rest_outside_the_desk_while_typing_and_in_an_input_method(
    open_desk: Callable[..., Page], session: Session, waiting: Callable[..., JoinRequest]
) -> None:
    first = waiting(name="甲一")
    waiting(name="乙二")
    page = open_desk("college_c")
    page.goto("/twt/queue")
    page.locator(".office-head a").first.focus()
    page.keyboard.press("a")
    page.locator("#card").focus()
    page.keyboard.press("x")
    page.locator("#card").focus()
    for detail in (
        "{code: 'KeyA', isComposing: true}",
        "{code: 'KeyA', keyCode: 229}",
        "{code: 'KeyA', ctrlKey: true}",
    ):
        page.evaluate(
            "detail => document.querySelector('#card').dispatchEvent(new KeyboardEvent('keydown', {bubbles: true, ...detail}))",
            page.evaluate(f"() => ({detail})"),
        )
    page.keyboard.press("/")
    expect(page.locator("#desk-q")).to_be_focused()
    page.keyboard.type("aa")
    expect(page.locator("#desk-list")).to_contain_text("没有这个名字")
    assert state_of(session, first) is RequestState.SUBMITTED


def test_undo_says_how_long_and_brings_the_card_back(
    open_desk: Callable[..., Page], session: Session, waiting: Callable[..., JoinRequest]
) -> None:
    first = waiting(name="甲一")
    waiting(name="乙二")
    page = open_desk("college_c")
    page.clock.install()
    page.goto("/twt/queue")
    page.keyboard.press("a")
    left = page.locator(".toast-left")
    expect(left).to_have_text("30 秒")
    page.clock.run_for(9_000)
    expect(left).to_have_text("30 秒")
    page.clock.run_for(2_000)
    expect(left).to_have_text("20 秒")
    page.keyboard.press("u")
    expect(page.locator("#card h2")).to_have_text("甲一")
    expect(page.locator(".toast-text")).to_contain_text("已回到待审")
    assert state_of(session, first) is RequestState.SUBMITTED


def test_a_chosen_key_is_on_the_button_and_works(
    open_desk: Callable[..., Page], session: Session, waiting: Callable[..., JoinRequest]
) -> None:
    first = waiting(name="甲一")
    page = open_desk("college_c")
    page.goto("/twt/queue/keys")
    page.get_by_label("通过", exact=True).fill("q")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#card").get_by_role("button", name="审核通过").locator("kbd")).to_have_text("Q")
    page.locator("#card").focus()
    page.keyboard.press("a")
    page.keyboard.press("q")
    expect(page.locator("#desk")).to_contain_text("全部审完")
    assert state_of(session, first) is RequestState.APPROVED


def test_a_colleague_who_looks_is_named_and_nobody_is_locked_out(
    open_desk: Callable[..., Page], session: Session, waiting: Callable[..., JoinRequest]
) -> None:
    first = waiting(name="甲一")
    one, other = open_desk("secretary_b1"), open_desk("college_c")
    with one.expect_response(re.compile("/here$")):
        one.goto(f"/twt/queue/{first.public_id}")
    other.goto(f"/twt/queue/{first.public_id}")
    expect(other.locator("#card")).to_contain_text("管理secretary_b1正在看这一条")
    other.keyboard.press("a")
    expect(other.locator("#desk")).to_contain_text("全部审完")
    assert state_of(session, first) is RequestState.APPROVED


def test_twenty_rows_the_card_and_its_buttons_stand_on_one_screen(
    open_desk: Callable[..., Page], waiting: Callable[..., JoinRequest]
) -> None:
    for _ in range(sheet.SIZE):
        waiting()
    page = open_desk("college_c")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto("/twt/queue")
    for part in ("#rows li:last-child", "#card h2", "#card .decide-bar", "[data-sheet] .btn"):
        box = page.locator(part).bounding_box()
        assert box is not None
        assert box["y"] >= 0, part
        assert box["y"] + box["height"] <= 800, part


def test_on_a_phone_two_buttons_stay_under_the_thumb(
    open_desk: Callable[..., Page], waiting: Callable[..., JoinRequest]
) -> None:
    waiting()
    page = open_desk("college_c", 390)
    page.goto("/twt/queue")
    for name in ("审核通过", "退回补正"):
        box = page.locator("#card .decide-bar > *").filter(has_text=name).locator(".btn").first.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert 900 - 90 <= box["y"] <= 900 - box["height"]
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
