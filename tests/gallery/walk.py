"""The way from page to page."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response

from tests.gallery.inventory import Scene, Visit
from tests.gallery.stage import Stage
from tests.loopback import is_loopback

BREACHES = """addEventListener('securitypolicyviolation', breach => console.error(
  'Content Security Policy: ' + breach.violatedDirective + ' ' + breach.blockedURI + ' ' + breach.sourceFile))"""
NO_WORKER = "delete Navigator.prototype.serviceWorker"
"""What is looked at comes from the server each time; the site's own worker has tests of its own."""
Choose = Callable[[Visit], Iterable[str]]


@dataclass
class Stop:
    """A page that stands open. ``html``: what the server sent; ``complaints``: what the browser said about it."""

    visit: Visit
    persona: str
    page: Page
    status: int
    html: str
    complaints: list[str]

    def __str__(self) -> str:
        return f"{self.visit.name} ({self.persona})"


@dataclass
class _Ears:
    """What a window says and gets."""

    complaints: list[str] = field(default_factory=list)
    document: Response | None = None

    def listen(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._request)
        page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        # Chromium reports every 4xx answer as an error; for documents that is the page's matter, for files see below.
        if "Failed to load resource" not in message.text:
            self.complaints.append(f"{message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and not is_loopback(parts.hostname):
            self.complaints.append(f"request to another host: {request.url}")

    def _response(self, response: Response) -> None:
        if response.request.is_navigation_request():
            self.document = response
        elif response.status >= 400:
            self.complaints.append(f"{response.status} for {urlsplit(response.url).path}")


def walk(
    browser: Browser, site: str, stage: Stage, scenes: Iterable[Scene], who: Choose, instruments: str = ""
) -> Iterator[Stop]:
    """Open every page of ``scenes`` as each persona that ``who`` names; yields while the page stands open.

    ``instruments``: a script that every page finds laid out before its own begin.

    Everybody begins a scene afresh, in a window of their own; a visit without an address goes on from the one before.
    """
    for scene in scenes:
        personas = list(dict.fromkeys(persona for visit in scene.visits for persona in who(visit)))
        for number, persona in enumerate(personas):
            wanted = [visit for visit in scene.visits if persona in who(visit)]
            if number == 0 or any(visit.act for visit in wanted):
                names = stage.begin(scene.prepare)
            context = browser.new_context(
                base_url=site,
                viewport={"width": 1280, "height": 900},
                locale="zh-CN",
                timezone_id="Asia/Shanghai",
                reduced_motion="reduce",
            )
            context.set_default_timeout(20_000)
            context.add_init_script(f"{NO_WORKER};{BREACHES};{instruments}")
            if persona != "anonymous":
                context.add_cookies([{"name": stage.cookie, "value": stage.tokens[persona], "url": site}])
            page, ears = context.new_page(), _Ears()
            ears.listen(page)
            for visit in wanted:
                yield _stop(stage, visit, persona, page, ears, names)
            context.close()


def _stop(stage: Stage, visit: Visit, persona: str, page: Page, ears: _Ears, names: Mapping[str, Any]) -> Stop:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")
    ears.complaints = []
    if visit.address:
        page.goto(fill(visit.address, names))
    if visit.act:
        visit.act(page, stage)
    page.wait_for_load_state("load")
    assert ears.document is not None
    return Stop(visit, persona, page, ears.document.status, ears.document.text(), ears.complaints)


def fill(address: str, names: Mapping[str, Any]) -> str:
    """Put the names of a scene's things into an address."""
    for name, value in names.items():
        for form in (f"<{name}>", f"<path:{name}>", f"<int:{name}>"):
            address = address.replace(form, str(value))
    assert "<" not in address, f"{address}: the scene does not fill the rule"
    return address
