"""Every page of the site in a real browser: sound for eye, ear, thumb and keyboard, in every size and light."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from tests.database import Database
from tests.gallery.cast import PERSONAS
from tests.gallery.inventory import NO_PAGE, TABLES, Scene, Visit, chief, from_tables, scenes
from tests.gallery.look import INSTRUMENTS, judge
from tests.gallery.stage import Stage, serving
from tests.gallery.walk import walk

FAULTY = """<!doctype html><html lang="zh"><title>错</title><link rel="stylesheet" href="/static/app.css"><b>窄</b>
<main><h1>错</h1><p style="color: red">x</p><img src="/static/favicon.svg"><script>console.error('broken')</script>
<button class="btn-primary">小</button><p>{wide}</p><div class="bar"><button>下面</button></div><div class="lid"></div>
</main><style>.lid {{ position: fixed; inset: 0; }} .bar {{ color-scheme: light; }} p {{ overflow-wrap: normal; }}
b {{ display: none; }} @media (width < 600px) {{ b {{ display: inline-block; color: #999; background: #fff; }} }}
@media (prefers-color-scheme: dark) {{ .bar button {{ color: #333; background: #222; }} }}</style>"""


@pytest.fixture
def stage(app: Flask, database: Database) -> Iterator[Stage]:
    """The demonstration with everybody in their place; each process builds it once."""
    stage = Stage(app, database)
    yield stage
    stage.close()


@pytest.mark.slow
@pytest.mark.parametrize("scene", scenes(), ids=lambda scene: scene.name)
def test_every_page_is_sound(scene: Scene, stage: Stage, chromium: Browser) -> None:
    with serving(stage.app) as site:
        found = [
            str(finding) for stop in walk(chromium, site, stage, [scene], chief, INSTRUMENTS) for finding in judge(stop)
        ]
    assert not found, "\n".join(found)


def test_the_inventory_has_every_page_that_somebody_sees() -> None:
    rows = [row for table in TABLES for row in table.ROWS if row.method == "GET"]
    seen = {row.rule for row in rows if any(row.status_for(persona) == 200 for persona in PERSONAS)}
    assert {visit.address for scene in from_tables() for visit in scene.visits} == {
        rule for rule in seen if not NO_PAGE.search(rule)
    }


def test_what_is_wrong_with_a_page_is_found(stage: Stage, chromium: Browser) -> None:
    def open_faulty(page: Page, _stage: Stage) -> None:
        text = FAULTY.format(wide="x" * 2000)
        page.route("**/faulty", lambda route: route.fulfill(content_type="text/html", body=text))
        page.goto("/faulty")

    scene = Scene("faulty", (Visit("faulty", "", ("anonymous",), open_faulty),))
    with serving(stage.app) as site:
        found = {
            (finding.fault, finding.mode)
            for stop in walk(chromium, site, stage, [scene], chief, INSTRUMENTS)
            for finding in judge(stop)
        }
    assert found >= {
        ("image-alt", "1280 light"),
        ("image-alt", "390 light"),
        ("color-contrast", "1280 dark"),
        ("color-contrast", "390 light"),
        ("sideways scroll", "1280"),
        ("sideways scroll", "400 %"),
        ("focus hidden", "390"),
        ("small button", "390"),
        ("inline style", "html"),
        ("inline script", "html"),
        ("complaint", "browser"),
    }
    assert ("color-contrast", "1280 light") not in found
