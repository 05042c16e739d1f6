"""The first day: an office with nobody on file and nothing to do, a portal without news."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

OVERFLOW = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
WIDTHS = (320, 390, 1280)
DESK = (
    "/twt",
    "/twt/queue",
    "/twt/queue/history",
    "/twt/people",
    "/twt/organisations",
    "/twt/appointments",
    "/twt/corrections",
    "/twt/corrections/cases",
    "/twt/overview",
    "/twt/jobs",
    "/twt/audit",
    "/inbox",
)
YOUTH = ("/jia", "/jia/apply", "/jia/application", "/jia/me", "/jia/msg", "/inbox")
PUBLIC = ("/", "/notices", "/archive", "/columns/news", "/orgs", "/search?q=没有")


def leaf_through(page: Page, addresses: tuple[str, ...]) -> dict[str, str]:
    """Open the pages in every width. Returns what is wrong: address → fault."""
    wrong = {}
    for address in addresses:
        answer = page.goto(address)
        assert answer is not None
        told = page.locator("main").inner_text().strip()
        if answer.status != 200 or len(told) < 10:
            wrong[address] = f"{answer.status} {told}"
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            if page.evaluate(OVERFLOW):
                wrong[address] = f"sideways scroll at {width}"
    return wrong


@pytest.mark.parametrize(
    ("who", "addresses"), [("school_s", DESK), ("publisher", ("/twt", "/twt/notices")), ("youth", YOUTH)]
)
def test_who_signs_in_first_finds_pages_that_say_what_comes_next(
    who: str, addresses: tuple[str, ...], open_desk: Callable[..., Page]
) -> None:
    assert leaf_through(open_desk(who), addresses) == {}


def test_the_portal_stands_before_there_is_news(open_page: Callable[..., Page], world: object) -> None:
    assert leaf_through(open_page(), PUBLIC) == {}
