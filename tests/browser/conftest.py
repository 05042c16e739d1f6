"""Chromium, and the application for it to look at.

`site`       the address of the application of this test, served from this process: `world`, `session` and `clock` are
             its own (commit what you prepare)
`open_desk`  opens a window in which somebody of `world` is signed in: `open_desk("college_c")`
`open_page`  opens a browser window of somebody who has no cookies yet: `open_page(width=390, javascript=False)`,
             with `worker=True` one whose service worker may come.
             A script error, a breach of the content policy or a request to another host fails the test at its end
"""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

from tests.gallery.chromium import NoBrowser, started
from tests.gallery.stage import serving
from tests.helpers import sign_in
from tests.loopback import is_loopback
from tests.world import World

HEIGHT = 900
PATIENCE = 20_000
"""Milliseconds that an expectation waits: the whole suite runs beside it."""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium, started once per process."""
    expect.set_options(timeout=PATIENCE)
    try:
        with started() as browser:
            yield browser
    except NoBrowser as problem:
        pytest.fail(str(problem))


@pytest.fixture
def site(app: Flask) -> Iterator[str]:
    """Serve the application on a free port until the test is over."""
    with serving(app) as address:
        yield address


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What the browser complained about; it must be empty when the test is over."""
    heard: list[str] = []
    yield heard
    assert heard == []


@pytest.fixture
def open_page(chromium: Browser, site: str, complaints: list[str]) -> Iterator[Callable[..., Page]]:
    """Return an opener of windows, each a visitor of its own."""
    contexts: list[BrowserContext] = []

    def listen_to_console(message: ConsoleMessage) -> None:
        # Chromium also reports every 4xx answer as an error; what the page does with it is the test's business.
        if message.type == "error" and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    def note_foreign_requests(request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and not is_loopback(parts.hostname):
            complaints.append(f"request to another host: {request.url}")

    def open_window(width: int = 1280, *, javascript: bool = True, worker: bool = False) -> Page:
        context = chromium.new_context(
            base_url=site,
            service_workers="allow" if worker else "block",
            viewport={"width": width, "height": HEIGHT},
            java_script_enabled=javascript,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        context.set_default_timeout(PATIENCE)
        context.on("console", listen_to_console)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        context.on("request", note_foreign_requests)
        contexts.append(context)
        return context.new_page()

    yield open_window
    for context in contexts:
        context.close()


@pytest.fixture
def open_desk(
    open_page: Callable[..., Page], site: str, make_client: Callable[[], Any], world: World
) -> Callable[..., Page]:
    """Return an opener of windows in which somebody of the world is signed in: `open_desk("college_c", width=390)`."""

    def open_window(who: str, width: int = 1280, *, javascript: bool = True) -> Page:
        page = open_page(width, javascript=javascript)
        client = sign_in(make_client(), world.people[who])
        cookie = client.get_cookie("signin")
        page.context.add_cookies([{"name": "signin", "value": cookie.value, "url": site}])
        return page

    return open_window
