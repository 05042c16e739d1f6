"""The portal in a real browser: on a desk and in a hand, with scripts and without."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_visitor_finds_the_youth_home_from_the_front_page(
    open_page: Callable[..., Page], width: int, javascript: bool
) -> None:
    page = open_page(width, javascript=javascript)
    answer = page.goto("/")
    assert answer is not None
    assert answer.ok
    assert page.get_by_role("link", name="青春家园").first.is_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_front_page_is_never_wider_than_the_screen(open_page: Callable[..., Page], width: int) -> None:
    page = open_page(width)
    page.goto("/")
    assert page.evaluate(OVERFLOW) == 0


@pytest.mark.parametrize(
    ("deed", "complaint"),
    [
        (
            "const s = document.createElement('script'); s.text = '1'; document.body.append(s)",
            "Content Security Policy",
        ),
        ("setTimeout(() => { throw new Error('broken script') })", "broken script"),
        ("fetch('http://portal.example/').catch(() => {})", "portal.example"),
    ],
)
def test_what_a_page_must_not_do_is_heard(
    open_page: Callable[..., Page], complaints: list[str], deed: str, complaint: str
) -> None:
    page = open_page()
    page.goto("/")
    page.evaluate(f"() => {{ {deed} }}")
    page.wait_for_timeout(100)
    assert any(complaint in heard for heard in complaints)
    complaints.clear()
