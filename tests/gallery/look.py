"""What is looked for on a page, in every size and light."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from tests.gallery.walk import Stop

HERE = Path(__file__).parent
AXE = HERE.parent / "browser/vendor/axe-core/axe-4.14.1.min.js"
INSTRUMENTS = AXE.read_text() + ";" + (HERE / "look.js").read_text()
HEIGHT = 900
DESK, HAND, ZOOMED = 1280, 390, 320
"""Widths in CSS pixels: a desk, a phone, and a desk at 400 %."""
THUMB = 44
RULES = {"target-size": {"enabled": True}}
ALL_RULES = {"rules": RULES, "resultTypes": ["violations"]}
ALL_BUT_COLOURS = {"rules": {**RULES, "color-contrast": {"enabled": False}}, "resultTypes": ["violations"]}
COLOURS = {"runOnly": ["color-contrast"], "resultTypes": ["violations"]}
INLINE = {
    "inline style": re.compile(r"<style\b|<[^>]*\sstyle\s*=", re.IGNORECASE),
    "inline script": re.compile(r"<script\b(?![^>]*\bsrc=)", re.IGNORECASE),
    "inline handler": re.compile(
        r"<[^>]*\s(?:on[a-z]+|hx-on[:\w-]*)\s*=|(?:href|action)=[\"']?javascript:", re.IGNORECASE
    ),
}


@dataclass(frozen=True)
class Finding:
    """Something that is wrong with a page. ``mode``: size and light; ``fault``: the rule; ``what``: the element."""

    page: str
    mode: str
    fault: str
    what: str

    def __str__(self) -> str:
        return f"{self.page} · {self.mode} · {self.fault} · {self.what}"


def judge(stop: Stop) -> Iterator[Finding]:
    """Look at a page in every size and light, at its text, and at what it complained about.

    The way there was walked with ``INSTRUMENTS``.
    """
    name, page = str(stop), stop.page
    yield from (Finding(name, "html", fault, what) for fault, what in inline_code(stop.html))
    for width in (DESK, HAND):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.emulate_media(color_scheme="light")
        if width == DESK:
            yield from _axe(page, name, f"{width} light", ALL_RULES)
            page.evaluate("__look.remember()")
        else:
            yield from _axe(page, name, f"{width} light", ALL_BUT_COLOURS)
            yield from _axe(page, name, f"{width} light", COLOURS, "axeOfNew")
        yield from _measured(page, name, f"{width}", "sideways scroll", "__look.overflow()")
        yield from _measured(page, name, f"{width}", "focus hidden", "__look.hiddenFocus()")
        page.emulate_media(color_scheme="dark")
        yield from _axe(page, name, f"{width} dark", COLOURS, "axe" if width == DESK else "axeOfNew")
    yield from _measured(page, name, f"{HAND}", "small button", f"__look.small({THUMB})")
    page.set_viewport_size({"width": ZOOMED, "height": 256})
    yield from _measured(page, name, "400 %", "sideways scroll", "__look.overflow()")
    yield from (Finding(name, "browser", "complaint", what) for what in stop.complaints)


def inline_code(html: str) -> Iterator[tuple[str, str]]:
    """Name the inline styles, scripts and handlers of a page's text."""
    for fault, pattern in INLINE.items():
        for found in pattern.finditer(html):
            yield fault, html[found.start() : found.start() + 120]


def _axe(page: Page, name: str, mode: str, options: Mapping[str, object], call: str = "axe") -> Iterator[Finding]:
    for rule, element, why in page.evaluate(f"options => __look.{call}(options)", options):
        yield Finding(name, mode, rule, f"{element}{why}")


def _measured(page: Page, name: str, mode: str, fault: str, call: str) -> Iterator[Finding]:
    yield from (Finding(name, mode, fault, what) for what in page.evaluate(call))
