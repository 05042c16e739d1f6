"""CSRF: a request that another site makes a browser send changes nothing, at any address of the URL map."""

import itertools
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.helpers import sign_in
from tests.security.site import MACHINES, Place, digest
from tests.world import World

# What the doors say is the same on both databases.
pytestmark = pytest.mark.embedded

BrowserOf = Callable[[str], FlaskClient]
Attack = Callable[[Place], dict[str, object]]

# What a browser says of a page that is not ours.
FOREIGN = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://localhost:81"},
)


def token_of(browser: FlaskClient) -> str:
    """The CSRF token of this browser's pages."""
    found = re.search(r'name="csrf_token"[^>]*\bvalue="([^"]+)"', browser.get("/jia/account").text)
    assert found
    return found[1]


def changing(everything: list[Place]) -> list[Place]:
    return [place for place in everything if place.method not in ("GET", "HEAD", "OPTIONS")]


@pytest.fixture
def statuses(everything: list[Place], session: Session, browser_of: BrowserOf) -> Callable[[str, Attack], set[int]]:
    """Return an attacker of every changing address; the database must come out as it went in."""

    def attack_all(name: str, attack: Attack) -> set[int]:
        browsers = {place.persona: browser_of(place.persona) for place in changing(everything)}
        for browser in browsers.values():
            browser.get("/")
        before, got = digest(session), {}
        for place in changing(everything):
            with browsers[place.persona].open(place.address, method=place.method, **attack(place)) as answer:
                got[place.rule] = answer.status_code
        assert digest(session) == before, name
        assert {rule: status for rule, status in got.items() if status not in (400, 401)} == {}
        return set(got.values())

    return attack_all


def test_no_token(statuses) -> None:
    assert statuses("no token", lambda place: {"data": {"reason": "伪造"}}) == {400}


def test_a_token_of_another_session(statuses, browser_of: BrowserOf, world: World) -> None:
    """A visitor is asked to sign in as the token's owner; nobody's form is taken."""
    foreign = token_of(browser_of("city_b"))
    assert statuses("foreign", lambda place: {"data": {"csrf_token": foreign}}) == {400, 401}
    assert statuses("foreign in the header", lambda place: {"headers": {"X-CSRFToken": foreign}}) == {400, 401}


def test_a_body_of_plain_text_or_json(statuses) -> None:
    """What a foreign form can send without asking the browser's leave."""
    plain = {"data": '{"csrf_token": "x"}', "content_type": "text/plain"}
    assert statuses("text", lambda place: plain) == {400}
    assert statuses("json", lambda place: {"data": "{}", "content_type": "application/json"}) == {400}


def test_another_site_even_with_a_stolen_token(
    everything: list[Place], session: Session, browser_of: BrowserOf
) -> None:
    browsers = {place.persona: browser_of(place.persona) for place in changing(everything)}
    tokens = {persona: token_of(browser) for persona, browser in browsers.items()}
    before, got = digest(session), {}
    for headers, place in itertools.product(FOREIGN, changing(everything)):
        data = {"csrf_token": tokens[place.persona], "reason": "伪造"}
        with browsers[place.persona].open(place.address, method=place.method, data=data, headers=headers) as answer:
            got[place.rule, str(headers)] = answer.status_code, "伪造" in answer.text
    assert {where: found for where, found in got.items() if found != (400, False)} == {}
    assert digest(session) == before


def test_the_right_token_is_let_through(everything: list[Place], browser_of: BrowserOf) -> None:
    """The negative control: what refuses above is the missing token, and nothing else."""
    for place in changing(everything):
        browser = browser_of(place.persona)
        token = token_of(browser)
        headers = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
        data = {"csrf_token": token}
        with browser.open(place.address, method=place.method, data=data, headers=headers) as answer:
            assert answer.status_code != 400, place.rule


def test_a_token_from_before_signing_in_is_dead_after_it(make_client, world: World) -> None:
    browser = make_client()
    planted = token_of(browser)
    sign_in(browser, world.people["youth"])
    assert browser.post("/jia/msg/read", data={"csrf_token": planted}).status_code == 400
    assert browser.post("/jia/msg/read", data={"csrf_token": token_of(browser)}).status_code == 303


def test_tokens_of_two_sessions_of_one_account_differ(make_client, world: World) -> None:
    first, second = (sign_in(make_client(), world.people["youth"]) for _ in range(2))
    assert second.post("/jia/msg/read", data={"csrf_token": token_of(first)}).status_code == 400


def test_a_forged_form_is_not_offered_for_sending_again(make_client, world: World) -> None:
    """A refusal page that kept a stranger's fields beside a good token would finish the stranger's work."""
    browser = sign_in(make_client(), world.people["youth"])
    fields = {"reason": "外站填写的内容"}
    forged = browser.post("/jia/security/close", data=fields, headers={"Origin": "https://evil.example"})
    unknown = browser.post("/jia/security/close", data=fields)
    expired = browser.post("/jia/security/close", data=fields, headers={"Origin": "http://localhost"})
    assert ["外站填写的内容" in answer.text for answer in (forged, unknown, expired)] == [False, False, True]


def test_every_changing_address_of_the_application_was_attacked(app: Flask, everything: list[Place]) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if not rule.rule.startswith(MACHINES)]
    mutating = {rule.rule for rule in rules if (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}}
    assert mutating == {place.rule for place in changing(everything)}
