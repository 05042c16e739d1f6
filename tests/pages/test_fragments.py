"""One address, two renderings: what htmx gets is what stands in the full page.

Every GET page of the tables is asked for both ways, for each part of it that htmx may name. A partial that a view can
answer with and that no page here has met fails the suite.
"""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask, template_rendered
from flask.testing import FlaskClient

from tests.database import Database
from tests.gallery.inventory import Scene, Visit, chief, from_tables
from tests.gallery.stage import Stage
from tests.gallery.states import STATES
from tests.gallery.walk import fill

SURFACES = Path(__file__).resolve().parents[2] / "app/surfaces"
ANSWERS = {
    "inbox/_receipt.html",
    "portal/_demonstration_trouble.html",
    "qingchun/application/_kept.html",
    "qingchun/application/_number.html",
    "qingchun/messages/_read.html",
    "tuanwutong/practice/_card.html",
    "tuanwutong/queue/_answer.html",
    "tuanwutong/queue/_watching.html",
}
"""What answers a POST alone: there is no page to compare it with."""
CHANCE = (
    re.compile(r'<input[^>]*\bname="(?:csrf_token|once|sheet)"[^>]*>'),
    re.compile(r' hx-swap-oob="[^"]*"'),
    re.compile(r"\bv1\.\w+\.[\w%/+=-]+"),  # sealed: another text each time
    re.compile(r"\s+"),
)
"""What differs from one drawing to the next: tokens, keys of forms, seals, where a piece is put, white space."""
VOID = {"input", "img", "br", "hr", "meta", "link", "source", "use", "path", "col", "wbr"}


def same_each_time(html: str) -> str:
    """The markup without what chance puts into it."""
    for pattern in CHANCE:
        html = pattern.sub("", html)
    return html


class _Pieces(HTMLParser):
    """Cuts a fragment into its outermost elements."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self.html, self.depth, self.begin, self.found = html, 0, 0, list[str]()
        self.lines = [0]
        for line in html.splitlines(keepends=True):
            self.lines.append(self.lines[-1] + len(line))
        self.feed(html)
        self.close()

    @property
    def here(self) -> int:
        line, column = self.getpos()
        return self.lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if self.depth == 0:
            self.begin = self.here
        if tag not in VOID:
            self.depth += 1

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        """An element that ends at once opens nothing."""

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        self.depth -= 1
        if self.depth == 0:
            self.found.append(self.html[self.begin : self.html.index(">", self.here) + 1])


def targets(html: str) -> Iterator[str]:
    """How htmx would name the parts that the page's own attributes point to; first no name at all."""
    yield ""
    for name in sorted(set(re.findall(r'hx-target="#([\w-]+)"', html))):
        if found := re.search(rf'<(\w+)[^>]*\sid="{name}"', html):
            yield f"{found[1]}#{name}"


def partials_of_views() -> set[str]:
    """The partials named in the views that answer with a page or a part of it."""
    found = set()
    for path in SURFACES.rglob("*.py"):
        tree = ast.parse(path.read_text())
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _two_renderings(node)]
        if calls:
            found |= {text for text in _strings(tree) if re.search(r"(^|/)_\w+\.html$", text)}
    return found


def _two_renderings(call: ast.Call) -> bool:
    named = isinstance(call.func, ast.Name) and call.func.id == "page"
    return named and (len(call.args) > 1 or any(isinstance(one, ast.Starred) for one in call.args))


def _strings(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.fixture
def stage(app: Flask, database: Database) -> Iterator[Stage]:
    """The demonstration with everybody in their place."""
    stage = Stage(app, database)
    yield stage
    stage.close()


def pages() -> Iterator[tuple[Scene, list[Visit]]]:
    """The pages that a plain GET reaches."""
    for scene in [*from_tables(), *STATES]:
        visits = [visit for visit in scene.visits if visit.address and visit.act is None]
        if visits:
            yield scene, visits


def ask(client: FlaskClient, address: str, **headers: str) -> tuple[str, str]:
    """The template that was drawn, and the markup."""
    drawn: list[str] = []

    def note(_app: Flask, template: object, **_values: object) -> None:
        drawn.append(str(getattr(template, "name", "")))

    with template_rendered.connected_to(note, client.application):
        answer = client.get(address, headers=headers, follow_redirects=True)
    return drawn[-1] if drawn else "", answer.get_data(as_text=True)


@pytest.mark.slow
@pytest.mark.embedded
def test_htmx_gets_what_stands_in_the_full_page(stage: Stage) -> None:
    met, differ = set(), []
    for scene, visits in pages():
        names = stage.begin(scene.prepare)
        for visit in visits:
            client = stage.app.test_client()
            [persona] = chief(visit)[:1]
            if persona != "anonymous":
                client.set_cookie(stage.cookie, stage.tokens[persona])
            address = fill(visit.address, names)
            whole, page = ask(client, address)
            for target in targets(page):
                partial, fragment = ask(client, address, **{"HX-Request": "true", "HX-Target": target})
                if partial in ("", whole):  # sent to another page, or drawn whole
                    continue
                met.add(partial)
                full = same_each_time(page)
                pieces = _Pieces(fragment).found
                assert pieces, f"{visit.name}: {partial} holds nothing"
                differ += [
                    f"{visit.name} · {partial} · {target}: {piece[:300]}"
                    for piece in pieces
                    if same_each_time(piece) not in full
                ]
    assert not differ, "\n".join(differ)
    known = met | ANSWERS
    assert {name for name in partials_of_views() if not any(one.endswith(name) for one in known)} == set()


def test_a_piece_is_found_and_a_difference_is_seen() -> None:
    fragment = '<p class="a">x<br></p>\n<ul hx-swap-oob="true"><li>y</li></ul>'
    first, second = _Pieces(fragment).found
    assert (first, second) == ('<p class="a">x<br></p>', '<ul hx-swap-oob="true"><li>y</li></ul>')
    assert same_each_time(second) in same_each_time("<main>\n<ul>\n<li>y</li>\n</ul></main>")
    assert same_each_time(second) not in same_each_time("<ul><li>z</li></ul>")
