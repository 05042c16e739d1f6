"""What a first visit costs a phone: bytes, requests, the moment of the largest paint, what moves, how fast it answers.

`scripts/bench-pages` prints a table of it on a slow phone's network.
"""

import statistics
import sys
from dataclasses import dataclass

from playwright.sync_api import Browser, Page

from tests.gallery.chromium import started
from tests.gallery.pictures import own_stage
from tests.gallery.stage import Stage, serving

HAND = {"width": 390, "height": 844}
RURAL = {"offline": False, "latency": 400, "downloadThroughput": 400_000 / 8, "uploadThroughput": 400_000 / 8}
"""400 kbit/s, 400 ms there and back."""
SLOWDOWN = 4
"""How many times slower than this machine an old phone computes."""
OBSERVE = """
globalThis.__seen = {shift: 0, paint: 0, answers: []};
const watch = (type, note, more) =>
  new PerformanceObserver(list => list.getEntries().forEach(note)).observe({type, buffered: true, ...more});
watch('layout-shift', entry => { if (!entry.hadRecentInput) __seen.shift += entry.value; });
watch('largest-contentful-paint', entry => { __seen.paint = entry.startTime; });
watch('event', entry => { if (entry.interactionId) __seen.answers.push(entry.duration); }, {durationThreshold: 16});
"""
TABLE = (("/", "anonymous"), ("/jia/start", "anonymous"), ("/jia/account", "anonymous"), ("/jia/apply", "youth"),
         ("/twt", "school_s"), ("/twt/queue", "school_s"))  # fmt: skip
RUNS = 3


@dataclass(frozen=True)
class Seen:
    """One first visit. ``transferred`` in bytes, ``paint`` and ``answers`` in milliseconds, ``shift`` as CLS has it."""

    requests: int
    transferred: float
    paint: float
    shift: float
    answers: tuple[float, ...]


def visit(browser: Browser, stage: Stage, site: str, address: str, persona: str, *, slow: bool) -> Seen:
    """Open a page with nothing in the cache, on a rural line and an old phone when ``slow``; then press some keys."""
    context = browser.new_context(base_url=site, viewport=HAND, locale="zh-CN", has_touch=True)
    if persona != "anonymous":
        context.add_cookies([{"name": stage.cookie, "value": stage.tokens[persona], "url": site}])
    context.add_init_script(OBSERVE)
    page = context.new_page()
    inspector = context.new_cdp_session(page)
    inspector.send("Network.enable")
    if slow:
        inspector.send("Network.emulateNetworkConditions", RURAL)
        inspector.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    sizes: list[float] = []
    inspector.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(address, wait_until="networkidle", timeout=60_000)
    fetched = list(sizes)
    _use(page)
    told = page.evaluate("__seen")
    context.close()
    return Seen(len(fetched), sum(fetched), told["paint"], told["shift"], tuple(told["answers"]))


def _use(page: Page) -> None:
    """Move about the page as a reader does: by the tabulator, and by touching what has no way to another page."""
    for _ in range(12):
        page.keyboard.press("Tab")
    for control in page.locator("main :is(summary, input[type=text], input[type=tel], input[type=checkbox])").all()[:4]:
        if control.is_visible():
            control.tap()
            page.keyboard.press("1")
    page.wait_for_timeout(200)  # the browser tells of an interaction after it has painted


def main() -> int:
    """Print the table: the middle one of some visits to each page."""
    with own_stage() as stage, serving(stage.app) as site, started() as browser:
        sys.stdout.write(f"{'page':14}{'KB':>7}{'requests':>10}{'LCP ms':>9}{'CLS':>8}{'p75 ms':>8}\n")
        for address, persona in TABLE:
            seen = [visit(browser, stage, site, address, persona, slow=True) for _ in range(RUNS)]
            paint = statistics.median(one.paint for one in seen)
            answers = sorted(answer for one in seen for answer in one.answers) or [0]
            sys.stdout.write(
                f"{address:14}{seen[0].transferred / 1024:7.1f}{seen[0].requests:10}{paint:9.0f}"
                f"{max(one.shift for one in seen):8.3f}{answers[int(len(answers) * 0.75)]:8.0f}\n"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
