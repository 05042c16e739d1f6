"""Reading: no link changes anything, no page tells a number that counts, no title names a person."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.audit.models import AuditEntry
from app.league.accounts.models import Account
from app.league.joining.models import JoinRequest
from app.league.people.models import Person
from app.tables import metadata
from tests.security.site import Place, Seen, crawl, digest

# What the doors say is the same on both databases.
pytestmark = pytest.mark.embedded

BrowserOf = Callable[[str], FlaskClient]
CRAWLERS = ("anonymous", "youth", "other_youth", "secretary_b1", "school_s", "city_a", "publisher", "system")
STARTS = ["/", "/jia", "/twt", "/inbox", "/login", "/reset", "/sitemap"]
# 未成年人网络保护条例 asks for a record of each access to a minor's data: the one thing that reading leaves behind.
# So is each file that leaves the house.
NOTED_READING = {"people:file:look", "people:file:history", "imports:batch:download"}
# The API counts each call; to open the chat that plays WeChat in the demonstration is to follow the account.
NOT_MERELY_READ = ("/api/", "/demo/wechat")
# Digits that count nothing of ours: pages, sizes, days.
PLAIN = re.compile(r"^/(?:static|jia/apply/step)\b|\?(?:page|size|year)=\d+$")


@pytest.fixture
def pages(everything: list[Place], browser_of: BrowserOf) -> Callable[[FlaskClient], list[Seen]]:
    """Return a reader of all a persona can come to: by links, and by every address there is."""

    def read_all(browser: FlaskClient) -> list[Seen]:
        reading = [
            place.address
            for place in everything
            if place.method == "GET" and not place.rule.startswith(NOT_MERELY_READ)
        ]
        return list(crawl(browser, [*STARTS, *reading], without=NOT_MERELY_READ))

    return read_all


@pytest.mark.parametrize("persona", CRAWLERS)
def test_what_a_persona_reads(
    persona: str, browser_of: BrowserOf, pages: Callable[[FlaskClient], list[Seen]], session: Session
) -> None:
    browser = browser_of(persona)
    before, noted = digest(session), noted_actions(session)
    seen = pages(browser)
    assert len([page for page in seen if page.status == 200]) >= 10
    after = digest(session)
    assert noted_actions(session) - noted <= NOTED_READING
    if noted_actions(session) != noted:
        after["audit_entries"] = before["audit_entries"]
    assert {table for table in after if after[table] != before[table]} == set(), "reading changed something"
    assert [(page.address, page.status) for page in seen if page.status >= 500] == []
    assert {page.address: counted(page) for page in seen if counted(page)} == {}, "integer ids"
    assert {page.address: page.title for page in seen if names_somebody(page.title, session)} == {}


def noted_actions(session: Session) -> set[str]:
    return set(session.scalars(select(AuditEntry.action)))


def counted(page: Seen) -> list[str]:
    """Addresses and field values of the page that are, or end in, a bare number."""
    links = [
        link for link in page.links if re.search(r"/\d+(?:[/?#]|$)|[?&]\w*id=\d+\b", link) and not PLAIN.search(link)
    ]
    hidden = [
        f"{name}={value}"
        for form in page.forms
        for name, value in form.values
        if value.isdigit() and re.search(r"(?:^|_)id$|organisation|person|account|request|appointment|branch", name)
    ]
    ids = [f"#{at['id']}" for _, at in page.tags if re.search(r"-\d{1,9}$", at.get("id", "")) and is_row(at)]
    return links + hidden + ids


def is_row(at: dict[str, str]) -> bool:
    return bool({"data-row", "data-id", "hx-get", "hx-post"} & at.keys())


def names_somebody(title: str, session: Session) -> bool:
    names = [*session.scalars(select(Person.name)), *session.scalars(select(JoinRequest.name))]
    names += session.scalars(select(Account.name))
    return any(name in title for name in names if len(name) >= 2)


def test_the_fixed_links_of_every_page_lead_somewhere(app: Flask) -> None:
    template = app.jinja_env.get_template("layouts/_places.html")
    places = template.make_module({}).places
    adapter = app.url_map.bind("localhost")
    missing = {name: path for name, path in places.items() if not adapter.test(path, "GET") and name != "sign_out"}
    assert missing == {}
    assert adapter.test(places["sign_out"], "POST")


def test_the_digest_notices_any_table(session: Session, world) -> None:
    """The negative control of everything above: one changed letter is seen."""
    before = digest(session)
    world.people["youth"].name = "青年丙"
    session.add(world.people["youth"])
    session.commit()
    after = digest(session)
    assert [table for table in after if after[table] != before[table]] == ["accounts"]
    assert after.keys() == set(metadata.tables)
