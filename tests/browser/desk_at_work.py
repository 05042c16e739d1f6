"""A reviewer at the desk who reads what the page shows and presses keys, with a clock that counts the thinking."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Page, expect

PER_SHEET, PER_CARD = 7.0, 3.0
"""Seconds a person looks at a sheet of twenty clean ones, and at one with a flag."""
KEYS = {"F12": ("a",), "F03": ("r", "3"), "F09": ("r", "4"), "F06": ("x", "2")}
"""What this reviewer does about a flag: the keys in their order."""
REALLY_WAITS = "DESK_PAUSES" in os.environ


@dataclass
class Reviewer:
    """``tick``: moves the application's time by as many seconds as the reviewer thought."""

    page: Page
    tick: Callable[..., None]
    thought: float = 0.0
    sheets: int = 0
    cards: int = 0
    checks: int = 0
    slowest: list[float] = field(default_factory=list)

    def thinks(self, seconds: float) -> None:
        """Look at the screen. The pause is counted, and only slept through when the run is to be watched."""
        self.thought += seconds
        self.tick(seconds=seconds)
        if REALLY_WAITS:
            time.sleep(seconds)

    def waiting(self) -> int:
        """How many wait, as the page says."""
        return int(self.page.inner_text("[data-figure=pending]"))

    def clears_the_clean_ones(self) -> None:
        """Sheet after sheet, and those that are drawn for a closer look in between."""
        while self.page.locator("#desk-lanes [aria-current] .count").inner_text() != "0":
            if self.page.locator("#spot-check").count():
                self.checks += 1
                self.decides("a")
                continue
            self.thinks(PER_SHEET)
            picked = self.page.locator("#rows input:checked").count()
            left = self.waiting() - picked
            self.page.keyboard.press("Shift+A")
            expect(self.page.locator("[data-figure=pending]")).to_have_text(str(left))
            self.sheets += 1

    def clears_the_flagged_ones(self) -> None:
        """One after the other, by what the card says."""
        self.page.locator("#desk-lanes").get_by_role("link", name="有疑点").click()
        while self.page.locator("#card .flags li").count():
            self.thinks(PER_CARD)
            self.cards += 1
            self.decides(*KEYS[self.page.locator("#card .flags li").first.get_attribute("data-flag") or ""])

    def decides(self, *keys: str) -> None:
        """Press the keys; the next card, or the rest of the desk, is on the screen when this returns."""
        before = self.page.get_attribute("#card", "data-id")
        began = time.monotonic()
        for key in keys:
            self.page.keyboard.press(key)
        self.page.wait_for_function(
            "id => { const card = document.getElementById('card'); return !card || card.dataset.id !== id; }",
            arg=before,
        )
        self.slowest.append(time.monotonic() - began)
