"""A first visit is light and stands still: what an old phone on a slow network has to fetch, and what moves under it."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.database import Database
from tests.gallery.first_visit import visit
from tests.gallery.stage import Stage, serving

MOST_BYTES = 60 * 1024
MOST_REQUESTS = 12
MOST_SHIFT = 0.1
FIRST_PAGES = {
    "/": "anonymous",
    "/jia/start": "anonymous",
    "/jia/account": "anonymous",
    "/jia/apply": "youth",
    "/twt": "school_s",
}


@pytest.fixture
def site(app: Flask, database: Database) -> Iterator[tuple[Stage, str]]:
    """The demonstration, full of news, served."""
    stage = Stage(app, database)
    with serving(app) as address:
        yield stage, address
    stage.close()


@pytest.mark.parametrize(("address", "persona"), FIRST_PAGES.items())
def test_a_first_visit_is_light_and_stands_still(
    address: str, persona: str, site: tuple[Stage, str], chromium: Browser
) -> None:
    seen = visit(chromium, *site, address, persona, slow=False)
    assert seen.requests >= 4, "the page with its style and scripts"
    assert seen.requests <= MOST_REQUESTS
    assert seen.transferred <= MOST_BYTES
    assert seen.shift <= MOST_SHIFT
