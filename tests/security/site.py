"""The whole application as an attacker sees it: every address filled in, every page read, the database's digest."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.kernel.vault import Vault
from app.tables import metadata
from tests.pages.matrix import Row, Thing
from tests.pages.test_every_page import TABLES
from tests.world import World

# When a session was last used is noted on reading, and is nobody's data.
MOVING = {("sessions", "seen_at")}
ALIKE = 3
"""How many addresses of one shape a crawler visits: those of every id would tell it nothing new."""
MACHINES = ("/api/", "/wx/callback", "/demo/wechat/")
"""Where machines call: tokens and signatures open these doors, no cookie does; a page of another site gains nothing."""


@dataclass(frozen=True)
class Place:
    """An address of the URL map with its names filled in, and somebody who may use it."""

    method: str
    rule: str
    address: str
    persona: str


@dataclass
class Form:
    """A form of a page: where it goes, what it would send, and which of its fields take text."""

    action: str
    method: str
    values: list[tuple[str, str]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)

    def filled(self, text: str) -> dict[str, list[str]]:
        """The form as a browser sends it, with ``text`` in every field for text."""
        sent: dict[str, list[str]] = {}
        for name, value in self.values:
            sent.setdefault(name, []).append(value)
        return sent | {name: [text] for name in self.texts}


def digest(session: Session) -> dict[str, str]:
    """Table → digest of its rows, whatever their order."""
    session.rollback()
    found = {}
    for table in metadata.sorted_tables:
        columns = [c for c in table.columns if (table.name, c.name) not in MOVING]
        rows = sorted(repr(tuple(row)) for row in session.execute(select(*columns)))
        found[table.name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    session.rollback()
    return found


def places(world: World, session: Session, vault: Vault) -> list[Place]:
    """Every address of the tables of pages, each with a thing behind it, all in one database."""
    made: dict[int, dict[str, Any]] = {}
    return [
        place for table in TABLES for row in table.ROWS for place in [_place(table, row, made, world, session, vault)]
    ]


def _place(
    table: ModuleType, row: Row, made: dict[int, dict[str, Any]], world: World, session: Session, vault: Vault
) -> Place:
    names = {}
    if row.thing:
        maker = table.THINGS[row.thing]
        if id(maker) not in made:
            made[id(maker)] = _make(maker, world, session, vault)
        names = made[id(maker)]
    address = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(names.get(found[1], "A" * 22)), row.rule)
    allowed = [name for name, status in row.expected.items() if status not in (303, 404) and name != "anonymous"]
    allowed += [name for name, status in row.expected.items() if status != 404 and name != "anonymous"]
    return Place(row.method, row.rule, address, allowed[0] if allowed else "anonymous")


def _make(maker: Thing, world: World, session: Session, vault: Vault) -> dict[str, Any]:
    """The thing, unless another table has already made the one of its kind that can be."""
    try:
        with session.begin_nested():
            return dict(maker(world, session, vault))
    except IntegrityError:
        return {}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.forms: list[Form] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.title = ""
        self._form: Form | None = None
        self._select: str | None = None
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        self.tags.append((tag, at))
        self._in_title = tag == "title"
        self.links += [at[name] for name in ("href", "hx-get", "src") if name in at and tag != "link"]
        if tag == "form":
            self._form = Form(at.get("action", ""), at.get("method", "get").lower())
            self.forms.append(self._form)
        elif self._form is not None:
            self._control(tag, at, self._form)

    def _control(self, tag: str, at: dict[str, str], form: Form) -> None:
        name, kind = at.get("name", ""), at.get("type", "text")
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in at or all(n != self._select for n, _ in form.values)):
            form.values = [(n, v) for n, v in form.values if n != self._select] + [(self._select, at.get("value", ""))]
        elif tag == "textarea":
            form.texts.append(name)
        elif name and tag in ("input", "button") and kind != "file":
            first = kind == "radio" and all(n != name for n, _ in form.values)
            if first or (kind == "checkbox" and "checked" in at):
                form.values.append((name, at.get("value", "on")))
            elif kind in ("hidden", "submit") and (tag == "input" or name not in dict(form.values)):
                form.values.append((name, at.get("value", "")))
            elif kind in ("text", "search", "tel", "password", "email", "number", "url", "date"):
                form.texts.append(name)
                form.secrets += [name] if kind == "password" else []

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        if tag == "select":
            self._select = None
        if tag == "title":
            self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data


@dataclass
class Seen:
    """A page a crawler has read."""

    address: str
    status: int
    text: str
    links: list[str]
    forms: list[Form]
    tags: list[tuple[str, dict[str, str]]]
    title: str


def read(address: str, status: int, text: str) -> Seen:
    """Take a page apart."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return Seen(address, status, text, reader.links, reader.forms, reader.tags, reader.title)


def shape(address: str) -> tuple[str, ...]:
    """What an address is like: its path without names of things and days, and which questions it asks."""
    parts = urlsplit(address)
    return re.sub(r"[\w-]{22}|\d[\d-]*", "*", parts.path), *sorted({name for name, _ in parse_qsl(parts.query)})


def crawl(client: FlaskClient, starts: list[str], without: tuple[str, ...] = ()) -> Iterator[Seen]:
    """Read ``starts``, and follow every link from there on; of each shape of address a few, below ``without`` none."""
    waiting, known = list(starts), set(starts)
    visited = Counter(map(shape, known))
    while waiting:
        address = waiting.pop(0)
        with client.get(address) as answer:
            html = answer.mimetype == "text/html"
            seen = read(address, answer.status_code, answer.text if html else "")
            found = [*seen.links, answer.headers.get("Location", "")]
        yield seen
        for link in found:
            target = urldefrag(urljoin(f"http://localhost{address}", link)).url
            parts = urlsplit(target)
            path = parts.path + ("?" + parts.query if parts.query else "")
            ours = parts.netloc == "localhost" and not path.startswith(("/static/", *without))
            if link and ours and path not in known:
                known.add(path)
                visited[shape(path)] += 1
                if visited[shape(path)] <= ALIKE:
                    waiting.append(path)
