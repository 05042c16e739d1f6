"""What every answer carries, and what a browser may keep of it."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.surfaces.web.page_cache import OFTEN
from tests.conftest import Client
from tests.factories import PASSWORD
from tests.helpers import sign_in, with_token
from tests.security.site import Place
from tests.world import World

# What the doors say is the same on both databases.
pytestmark = pytest.mark.embedded

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# Pages of the portal are the same for every visitor.
PORTAL = {"", "notices", "orgs", "help", "search", "privacy", "a11y", "status", "sitemap", "out", "favicon.ico"}
# The bytes of a public picture are the same for all, signed in or not.
PICTURE = "/notices/<public_id>/images/<image_id>/<int:width>.webp"
PORTAL |= {"columns", "archive", "feed.xml", "atom.xml", "sitemap.xml", "robots.txt"}


@pytest.fixture
def answers(everything: list[Place], browser_of: Callable[[str], FlaskClient]) -> Iterator[list[tuple[Place, object]]]:
    """Every address, asked by who may use it and by a visitor; changing ones without a token."""
    browsers = {name: browser_of(name) for name in {"anonymous", *(place.persona for place in everything)}}
    got = []
    for place in everything:
        for name in {place.persona, "anonymous"}:
            with browsers[name].open(place.address, method=place.method) as answer:
                got.append((name, place, answer))
    return got


def test_every_answer_is_armoured(answers, client: FlaskClient) -> None:
    others = [client.get("/static/app.css"), client.get("/static/none.css"), client.get("/none"), client.delete("/")]
    for answer in [answer for _, _, answer in answers] + others:
        where = f"{answer.request.method} {answer.request.path}"
        assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS, where
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'"), where
        assert "frame-ancestors 'none'" in policy, where
        assert not {"'unsafe-eval'", "*", "http:", "https:"} & set(policy.split()), where
        scripts = next((part for part in policy.split(";") if "script-src" in part), "")
        assert "unsafe" not in scripts, where
        assert answer.headers["Cache-Control"], where
        answer.close()


def test_nothing_personal_is_kept_by_a_browser(answers) -> None:
    for persona, place, answer in answers:
        public = persona == "anonymous" and place.method == "GET" and place.address.split("/")[1] in PORTAL
        if place.rule == PICTURE:
            assert answer.status_code != 200 or "Cookie" not in answer.vary, persona
            continue
        if not public or answer.status_code >= 400:
            assert "no-store" in answer.headers["Cache-Control"], f"{persona} {place.rule}"
        assert {"Cookie", "HX-Request"} <= set(answer.vary), place.rule


def test_a_guardian_and_an_applicant_on_the_way_leave_no_copy(everything: list[Place], client: FlaskClient) -> None:
    link = next(place.address for place in everything if place.rule == "/guardian/<token>")
    for address in (link, "/jia/account", "/login"):
        assert client.get(address).headers["Cache-Control"] == "no-store"


def test_no_visitor_gets_a_page_that_was_drawn_with_the_token_of_another(make_client, world: World) -> None:
    """However often it is asked for: a page with a form belongs to one visitor."""
    first = make_client()
    own = with_token(first, "/a11y")["csrf_token"]
    answers = [first.get("/a11y") for _ in range(OFTEN + 3)]
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-cache, private"}
    other = make_client()
    found = [with_token(other, "/a11y")["csrf_token"] for _ in range(OFTEN + 3)]
    assert own not in found
    assert not {answer.text.split('name="csrf_token"')[1][:200] for answer in answers} & {
        other.get("/a11y").text.split('name="csrf_token"')[1][:200]
    }
    fields = {"csrf_token": found[-1], "size": "large"}
    assert other.post("/a11y", data=fields).status_code == 303


def test_a_reader_of_the_portal_gets_no_cookie(client: FlaskClient, world: World) -> None:
    for address in ("/", "/notices", "/columns/news", "/archive", "/feed.xml", "/orgs", "/help", "/privacy"):
        assert "Set-Cookie" not in client.get(address).headers, address


def test_static_files_are_kept_for_ever_and_unknown_names_are_404(client: FlaskClient) -> None:
    with client.get("/static/app.css?v=0123456789") as kept:
        assert "Cookie" not in kept.vary
        assert "immutable" in kept.headers["Cache-Control"]
    for name in ("none.css", "..%2fapp/config.py", "%2e%2e/wsgi.py", "app.css/jia.css", "editor/", "app.css%00.js"):
        with client.get(f"/static/{name}") as answer:
            assert answer.status_code == 404, name
            assert answer.headers["Cache-Control"] == "no-store", name
            assert "Set-Cookie" not in answer.headers


def test_a_personal_page_under_the_name_of_a_static_file_is_not_there(client: Client, world: World) -> None:
    """Web cache deception: a shared cache keeps what ends in .css."""
    sign_in(client, world.people["youth"])
    for address in ("/jia/x.css", "/jia;x.css", "/jia/file/x.js", "/twt/x.png"):
        assert client.get(address).status_code == 404, address


def test_signing_out_clears_the_browser(client: Client, world: World) -> None:
    sign_in(client, world.people["youth"])
    answer = client.post("/logout", data=with_token(client, "/jia"))
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert client.get_cookie("signin") is None
    assert client.get("/jia").status_code == 303


def test_a_cookie_kept_by_somebody_is_worthless_after_signing_out(make_client, world: World) -> None:
    browser, thief = make_client(), make_client()
    sign_in(browser, world.people["youth"])
    for name in ("signin", "visit"):
        if cookie := browser.get_cookie(name):
            thief.set_cookie(name, cookie.value)
    assert thief.get("/jia").status_code == 200
    browser.post("/logout", data=with_token(browser, "/jia"))
    assert thief.get("/jia").status_code == 303


def test_signing_in_gives_a_token_of_its_own(client: Client, app: Flask, world: World, vault) -> None:
    """Session fixation: neither a planted sign-in nor a planted visit survives."""
    client.set_cookie("signin", "planted")
    client.get("/login")
    planted = client.get_cookie("visit")
    phone = vault.open("phone", world.people["youth"].phone_sealed)
    fields = with_token(client, "/login", phone=phone, password=PASSWORD)
    answer = client.post("/login", data=fields)
    assert answer.status_code == 303
    cookies = [value for name, value in answer.headers if name == "Set-Cookie" and value.startswith("signin=")]
    assert len(cookies) == 1
    assert "planted" not in cookies[0]
    assert "HttpOnly" in cookies[0]
    assert "SameSite=Lax" in cookies[0]
    visit = client.get_cookie("visit")
    assert visit is None or planted is None or visit.value != planted.value


def test_over_https_cookies_are_bound_to_the_host(make_app, world: World) -> None:
    app = make_app(secure_cookies=True)
    config = app.config
    assert config["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert (config["SESSION_COOKIE_SECURE"], config["SESSION_COOKIE_HTTPONLY"]) == (True, True)
    answer = app.test_client().get("/static/none")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_only_known_hosts_are_answered(make_app) -> None:
    app = make_app(trusted_hosts="qingnian.example,www.qingnian.example")
    browser = app.test_client()
    for host in ("evil.example", "qingnian.example.evil.example", "evil.example:80", "x@qingnian.example", "[::1]"):
        for address in ("/help", "/static/app.css", "/none", "/login"):
            with browser.get(address, headers={"Host": host}) as answer:
                assert answer.status_code == 400, (host, address)
                assert "evil" not in answer.text, (host, address)
                assert "evil" not in str(answer.headers), (host, address)
    for name in ("X-Forwarded-Host", "X-Host", "Forwarded", "X-Original-Host"):
        with browser.get("/static/app.css", headers={"Host": "qingnian.example", name: "evil.example"}) as answer:
            assert answer.status_code == 200, name


def test_no_page_repeats_the_host_it_was_asked_under(client: FlaskClient, world: World) -> None:
    for address in ("/", "/login", "/jia", "/none", "/orgs"):
        answer = client.get(address, headers={"Host": "evil.example"})
        assert "evil.example" not in answer.text + str(answer.headers), address
