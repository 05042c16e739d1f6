"""An album of every page as every persona: full-page pictures to leaf through, and what is wrong on the way.

Called by `scripts/gallery`.
"""

import argparse
import html
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from flask_migrate import upgrade
from playwright.sync_api import Page

from app import create_app
from app.config import Settings
from app.extensions import db
from app.kernel.vault import Key, Vault
from tests.clock import StillClock
from tests.database import SqliteDatabase
from tests.gallery.cast import PERSONAS
from tests.gallery.chromium import NoBrowser, started
from tests.gallery.inventory import Scene, Visit, scenes
from tests.gallery.look import DESK, HAND, HEIGHT, ZOOMED, inline_code
from tests.gallery.stage import Stage, serving
from tests.gallery.walk import Stop, walk

MODES = ("light", "dark", "large")
TEXT_SIZE = """size => {
  if (size) document.documentElement.dataset.text = size;
  else delete document.documentElement.dataset.text;
}"""
OVERFLOW = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
ALBUM = """<!doctype html>
<html lang="zh-CN"><meta charset="utf-8"><title>团务通：全部页面</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem; }
section { display: flex; gap: 1rem; overflow-x: auto; align-items: start; padding-bottom: 1rem; }
img { height: 420px; object-fit: cover; object-position: top; border: 1px solid #bbb; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
</style>
<h1>团务通：全部页面</h1>
"""


def say(text: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{text}\n")


@dataclass(frozen=True)
class Choice:
    """What is asked for: personas, words in the names of pages, widths, modes."""

    personas: tuple[str, ...]
    words: tuple[str, ...]
    widths: tuple[int, ...]
    modes: tuple[str, ...]

    def who(self, visit: Visit) -> Iterable[str]:
        """Which of those who see a page open it."""
        return (persona for persona in visit.personas if persona in self.personas)

    def scenes(self) -> Iterator[Scene]:
        """The scenes with the pages asked for. A chain is walked whole, for its pages lead to one another."""
        for scene in scenes():
            wanted = tuple(v for v in scene.visits if not self.words or any(word in v.name for word in self.words))
            if wanted:
                whole = any(visit.act and not visit.address for visit in scene.visits)
                yield scene if whole else replace(scene, visits=wanted)


def main(arguments: list[str]) -> int:
    """Make the album. Returns 0 when nothing was wrong on the way."""
    options = _options(arguments)
    folder = Path(options.folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    choice = Choice(tuple(options.persona), tuple(options.page), tuple(options.width), tuple(options.mode))
    began, taken, wrong = time.monotonic(), [], []
    try:
        with own_stage() as stage, serving(stage.app, options.port) as site, started() as browser:
            for stop in walk(browser, site, stage, choice.scenes(), choice.who):
                wrong += _faults(stop)
                taken.append((stop, list(_pictures(stop, choice, folder))))
    except NoBrowser as problem:
        say(str(problem))
        return 2
    (folder / "index.html").write_text(_album(taken))
    _report(taken, wrong, time.monotonic() - began, folder)
    return bool(wrong)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/gallery", description=__doc__)
    parser.add_argument("page", nargs="*", help="only pages whose names contain one of these words")
    parser.add_argument("--persona", action="append", choices=PERSONAS, help="only as this persona (may be repeated)")
    parser.add_argument("--width", action="append", type=int, help="only in this width (1280 and 390 otherwise)")
    parser.add_argument("--mode", action="append", choices=MODES, help="only in this mode (all three otherwise)")
    parser.add_argument("--folder", default="gallery", help="where the album goes (gallery)")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (any that is free)")
    options = parser.parse_args(arguments)
    options.persona = options.persona or PERSONAS
    options.width, options.mode = options.width or (DESK, HAND), options.mode or MODES
    return options


@contextmanager
def own_stage() -> Iterator[Stage]:
    """A demonstration of its own, in a folder that goes when it is done."""
    with tempfile.TemporaryDirectory(prefix="tuanwutong-gallery-") as directory:
        instance = Path(directory) / "instance"
        instance.mkdir()
        database = SqliteDatabase(Path(directory))
        settings = Settings(
            instance_dir=instance, database_url=str(database.url), password_cost=64, log_level="CRITICAL"
        )
        vault = Vault([Key("k1", b"seal" * 8, b"find" * 8, b"sign" * 8)])
        app = create_app(settings, vault=vault, clock=StillClock())
        with app.app_context():
            upgrade()
            db.engine.dispose()
        stage = Stage(app, database)
        yield stage
        stage.close()


def _faults(stop: Stop) -> Iterator[str]:
    """What must not be on any page."""
    yield from (f"{stop} · {complaint}" for complaint in stop.complaints)
    yield from (f"{stop} · {fault} · {what}" for fault, what in inline_code(stop.html))
    for width, mode in ((DESK, "light"), (HAND, "light"), (HAND, "large"), (ZOOMED, "light")):
        stop.page.set_viewport_size({"width": width, "height": HEIGHT})
        _show(stop.page, mode)
        if stop.page.evaluate(OVERFLOW):
            yield f"{stop} · sideways scroll at {width} {mode}"
    _show(stop.page, "light")


def _pictures(stop: Stop, choice: Choice, folder: Path) -> Iterator[Path]:
    """Take the page in each width and mode asked for."""
    for width in choice.widths:
        for mode in choice.modes:
            stop.page.set_viewport_size({"width": width, "height": HEIGHT})
            _show(stop.page, mode)
            name = Path(stop.persona) / f"{stop.visit.name}-{width}-{mode}.png"
            stop.page.screenshot(path=folder / name, full_page=True)
            yield name
    _show(stop.page, "light")


def _show(page: Page, mode: str) -> None:
    page.emulate_media(color_scheme="dark" if mode == "dark" else "light")
    page.evaluate(TEXT_SIZE, "larger" if mode == "large" else "")


def _album(taken: list[tuple[Stop, list[Path]]]) -> str:
    parts = [ALBUM]
    for stop, pictures in sorted(taken, key=lambda one: one[0].visit.name):
        parts.append(f"<h2>{html.escape(str(stop))}</h2>\n<section>")
        parts += [f'<a href="{name}"><img src="{name}" alt="{name.stem}" loading="lazy"></a>' for name in pictures]
        parts.append("</section>")
    return "\n".join(parts)


def _report(taken: list[tuple[Stop, list[Path]]], wrong: list[str], seconds: float, folder: Path) -> None:
    for line in wrong:
        say(line)
    pages = len({stop.visit.name for stop, _ in taken})
    pictures = sum(len(names) for _, names in taken)
    scrolling = sum("sideways scroll" in line for line in wrong)
    breaches = sum("Content Security Policy" in line for line in wrong)
    inline = sum("· inline " in line for line in wrong)
    console = len(wrong) - scrolling - breaches - inline
    say(
        f"{pages} pages, {len(taken)} times opened, {pictures} pictures in {seconds:.0f} s: {folder / 'index.html'}\n"
        f"console and network {console}, content policy {breaches}, inline code {inline}, sideways scroll {scrolling}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
