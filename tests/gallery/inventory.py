"""Which pages there are, and who sees them: every GET row of the tables, every form sent empty, and `states.py`.

A new page enters by its row in `tests/pages`; nothing is to be done here.
"""

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from playwright.sync_api import Page

from tests import pages
from tests.gallery.cast import PERSONAS
from tests.gallery.stage import Preparation, Stage
from tests.pages.matrix import Row

TABLES: list[ModuleType] = [
    importlib.import_module(f"tests.pages.{module.name}")
    for module in pkgutil.iter_modules(pages.__path__)
    if module.name.startswith("table_")
]
NO_PAGE = re.compile(r"\.\w+$|/files/<|^/api/|^/demo/wechat/")
"""Addresses that answer with something other than a page: pictures, feeds, downloads, JSON."""
CHIEFS = ("anonymous", "school_s", "youth")
FRONT_PAGES = {"/": CHIEFS, "/jia": CHIEFS, "/jia/me": CHIEFS, "/twt": PERSONAS}
"""Pages that differ from one to another, and for whom they are opened."""
CHOSEN_FIRST = {"/twt/organisations/<public_id>/move", "/twt/organisations/<public_id>/merge"}
"""Pages whose form comes only after a choice on them."""
EMPTIED = """form => {
  for (const box of form.querySelectorAll('input:not([type=hidden]):not([type=radio]):not([type=checkbox]), textarea'))
    box.value = '';
  form.submit();
}"""
Act = Callable[[Page, Stage], None]


@dataclass(frozen=True)
class Visit:
    """One page. ``address`` may name things of its scene; ``act`` presses what leads from there to the page."""

    name: str
    address: str
    personas: tuple[str, ...]
    act: Act | None = None


@dataclass(frozen=True)
class Scene:
    """Pages that show the same things."""

    name: str
    visits: tuple[Visit, ...]
    prepare: Preparation | None = None


@dataclass
class _Rows:
    """The rows of one table that need the same thing."""

    table: ModuleType
    thing: str | None
    rows: list[Row] = field(default_factory=list)


def scenes() -> list[Scene]:
    """The whole inventory."""
    from tests.gallery.states import STATES

    return [*from_tables(), *STATES]


def from_tables() -> list[Scene]:
    """The scenes that the tables of pages describe."""
    found = []
    for table in TABLES:
        wanted: dict[str | None, _Rows] = {}
        for row in table.ROWS:
            wanted.setdefault(row.thing, _Rows(table, row.thing)).rows.append(row)
        for group in wanted.values():
            visits = tuple(_visits(group.rows, group.thing))
            name = table.__name__.rpartition("table_")[2]
            if visits and group.thing:
                found.append(Scene(f"{name}.{group.thing}", visits, _maker(table.THINGS[group.thing])))
            elif visits:
                found.append(Scene(name, visits))
    return found


def chief(visit: Visit) -> tuple[str, ...]:
    """The one persona who stands for all that see the same page; several for pages that differ from one to another."""
    if visit.address in FRONT_PAGES:
        return tuple(persona for persona in visit.personas if persona in FRONT_PAGES[visit.address])
    return (next(persona for persona in (*CHIEFS, *visit.personas) if persona in visit.personas),)


def everybody(visit: Visit) -> tuple[str, ...]:
    """All who see the page."""
    return visit.personas


def _maker(thing: Callable[..., Mapping[str, Any]]) -> Preparation:
    return lambda stage: thing(stage.world, stage.session, stage.vault)


def _visits(rows: list[Row], thing: str | None) -> Iterator[Visit]:
    get = {row.rule: row for row in rows if row.method == "GET" and not NO_PAGE.search(row.rule)}
    for rule, row in get.items():
        seen = tuple(persona for persona in PERSONAS if row.status_for(persona) == 200)
        if seen:
            yield Visit(slug(rule, thing), rule, seen)
    for row in rows:
        seen = tuple(persona for persona in PERSONAS if row.status_for(persona) == 422)
        if row.method == "POST" and row.rule in get.keys() - CHOSEN_FIRST and seen:
            yield Visit(f"{slug(row.rule, thing)}~empty", row.rule, seen[:1], send_empty)


def slug(rule: str, thing: str | None) -> str:
    """A rule as a file name."""
    plain = re.sub(r"[^a-z0-9-]+", "-", rule.lower()).strip("-") or "front"
    return plain + (f".{thing}" if thing else "")


def send_empty(page: Page, _stage: Stage) -> None:
    """Send the page's own form with nothing typed, as a browser without scripts does."""
    forms = page.locator("main form[method=post]")
    here = page.evaluate("location.pathname")
    own = [form for form in forms.all() if form.evaluate("form => new URL(form.action).pathname") == here]
    with page.expect_navigation():
        (own or forms.all())[0].evaluate(EMPTIED)
