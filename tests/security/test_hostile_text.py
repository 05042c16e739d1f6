"""Text that wants to be more than text, typed into every field of every form, is shown as text wherever it shows.

Each form is sent as a browser would send it, by several personas, with all probes at once (which is mostly refused,
and comes back in the form) and with some alone (which are mostly kept); afterwards others read everything again.
A page that lets a probe through has a tag or an attribute that only the probe can have brought.
"""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete
from sqlalchemy.orm import Session
from werkzeug.datastructures import Headers

from app.kernel.limits import LimitCounter
from tests.security.site import Form, Place, Seen, crawl, digest, read

BrowserOf = Callable[[str], FlaskClient]
MARK = "zq7"
PROBES = (
    f"<{MARK}>", f"\"><{MARK} x=\"", f"'><{MARK}>", f"</textarea><{MARK}>", f"</title><{MARK}>", f"--><{MARK}>",
    f"<script>{MARK}</script>", f"<img src={MARK} onerror={MARK}>", f"<svg onload={MARK}>", f"\" onfocus={MARK} x=\"",
    f"' onmouseover={MARK} x='", f"\" hx-get=\"/{MARK}\" x=\"", f"' hx-on:load='{MARK}' x='", f"` onclick={MARK}",
    f"<a href=javascript:{MARK}>a</a>", f"<iframe src=/{MARK}>", f"<style>@import '{MARK}'</style>",
    f"<form action=/{MARK}>", f"<base href=//{MARK}>", f"<meta http-equiv=refresh content=0;{MARK}>",
    f"<math><mtext></form><{MARK}>", f"<!--{MARK}--!><{MARK}>", f"<![CDATA[<{MARK}>]]>", f"<noscript></noscript><{MARK}>",
    f"&lt;{MARK}&gt;", f"&#60;{MARK}&#62;", f"%3C{MARK}%3E", f"\\u003c{MARK}\\u003e", f"{{{{7*7}}}}{MARK}",
    f"{{% if 1 %}}{MARK}{{% endif %}}", f"${{7*7}}{MARK}", f"＜{MARK}＞", f"<\x00{MARK}>", f"<{MARK}\x0b>", f"\u202e<{MARK}>",
    f"\ufeff<{MARK}>", f"<<{MARK}>>", f"\r\nX-{MARK}: 1\r\n\r\n<{MARK}>", f"javascript:{MARK}", f"=HYPERLINK(\"{MARK}\")",
)  # fmt: skip
READERS = ("anonymous", "youth", "school_s")
SHARE = 3
# These end a session or a thing that the other forms need.
LEFT_OUT = re.compile(r"/logout|/close$|/end|/discard|/merge|/retire|/factor|/security/password|/reset/password")


def let_through(page: Seen) -> list[str]:
    """Tags and attributes of the page that a probe has brought."""
    found = []
    for tag, at in page.tags:
        active = {name: value for name, value in at.items() if name.startswith(("on", "hx-"))}
        if MARK in tag or any(MARK in name for name in at) or any(MARK in value for value in active.values()):
            found.append(f"<{tag} {at}>")
        if tag in ("script", "iframe", "base", "style", "img", "svg") and any(MARK in value for value in at.values()):
            found.append(f"<{tag} {at}>")
        address = at.get("href", at.get("src", at.get("action", ""))).strip().lower()
        if address.startswith(("javascript:", "data:", "vbscript:", f"//{MARK}")):
            found.append(f"<{tag} {address}>")
    return found + (["49" + MARK] if f"49{MARK}" in page.text else [])


def test_a_page_that_lets_a_probe_through_is_noticed() -> None:
    """The negative control: unescaped, most of the probes are found."""
    naive = [read("", 200, f"<p title=\"{probe}\">{probe}</p><input value='{probe}'>") for probe in PROBES]
    assert sum(bool(let_through(page)) for page in naive) >= 24
    assert let_through(read("", 200, f'<p>&lt;{MARK}&gt;</p><input name=x value="{MARK}">')) == []


@dataclass
class Typing:
    """What became of the probes. ``broken``: (form, its fields, probe) → what was wrong; ``shown``: how many were."""

    broken: dict[tuple[str, tuple[str, ...], str], object] = field(default_factory=dict)
    shown: int = 0

    def look(self, key: tuple[str, tuple[str, ...], str], page: Seen, headers: Headers) -> None:
        """Note what is wrong with an answer."""
        self.shown += MARK in page.text
        if page.status >= 500 or let_through(page):
            self.broken[key] = page.status, let_through(page)
        if any(MARK in name for name, _ in headers):
            self.broken[key] = page.status, "a header"


def forms_of(browser: FlaskClient, reading: list[str]) -> dict[tuple[str, tuple[str, ...]], tuple[str, Form]]:
    """Every form with fields for text that somebody comes to, once."""
    forms = {}
    for page in crawl(browser, reading):
        for form in page.forms:
            action = form.action or page.address
            if form.texts and not LEFT_OUT.search(action):
                forms.setdefault((re.sub(r"[\w-]{22}", "*", action.split("?")[0]), tuple(form.texts)), (action, form))
    return forms


def type_into_all(browser: FlaskClient, reading: list[str], session: Session) -> Typing:
    """Send every form with all probes at once, and with some alone."""
    forms, found = forms_of(browser, reading), Typing()
    assert forms
    for number, ((shape, texts), (action, form)) in enumerate(forms.items()):
        for probe in [" ".join(PROBES), *(PROBES[(number * SHARE + n) % len(PROBES)] for n in range(SHARE))]:
            session.execute(delete(LimitCounter))
            session.commit()
            fields = form.filled(probe) | {name: [probe * 2] for name in form.secrets}
            if "once" in fields:
                fields["once"] = [secrets.token_urlsafe(16)]
            where = "data" if form.method == "post" else "query_string"
            with browser.open(action, method=form.method, **{where: fields}) as answer:
                text = answer.text if answer.mimetype == "text/html" else ""
                found.look((shape, texts, probe), read(action, answer.status_code, text), answer.headers)
    return found


# What pages do with strange text is the same on both databases.
@pytest.mark.parametrize(
    "typists",
    [("school_s",), ("anonymous", "youth", "secretary_b1"), ("province", "publisher", "system")],
    ids="-".join,
)
@pytest.mark.slow
@pytest.mark.embedded
def test_every_field_of_every_form(
    typists: tuple[str, ...], everything: list[Place], browser_of: BrowserOf, session: Session
) -> None:
    reading = ["/", "/jia", "/twt", *(place.address for place in everything if place.method == "GET")]
    before = digest(session)
    for persona in typists:
        found = type_into_all(browser_of(persona), reading, session)
        assert found.broken == {}, persona
        assert found.shown, "no probe was ever shown: nothing was tested"
    after = digest(session)
    changed = {table for table in after if after[table] != before[table]}
    assert "publisher" not in typists or "notices" in changed, "no probe was kept: nothing was tested"
    for reader in READERS:
        seen = list(crawl(browser_of(reader), reading))
        assert {page.address: let_through(page) for page in seen if let_through(page)} == {}, changed
        assert [page.address for page in seen if page.status >= 500] == []
