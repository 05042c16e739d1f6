"""No address given in a link or a form leads off the site."""

from urllib.parse import quote, urljoin, urlsplit

import pytest
from flask import Flask

from app.surfaces.web.pages import local_path, local_target
from tests.conftest import Client
from tests.factories import PASSWORD
from tests.helpers import sign_in, with_token
from tests.world import World

# What the doors say is the same on both databases.
pytestmark = pytest.mark.embedded

AWAY = [
    "https://evil.example", "http://evil.example", "//evil.example", "///evil.example", "////evil.example",
    "/\\evil.example", "\\\\evil.example", "\\/evil.example", "/\\/evil.example", "https:evil.example",
    "https:/evil.example", "https:\\\\evil.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)",
    "data:text/html,x", "vbscript:x", " //evil.example", "\t//evil.example", "/\t/evil.example", "/\n/evil.example",
    "/\r\n/evil.example", "/\r\nSet-Cookie: a=b", "\x00//evil.example", "/\x00/evil.example", "http:///evil.example",
    "//evil.example@localhost", "https://localhost@evil.example", "https://localhost.evil.example", "/\x0b/evil.example",
    "//evil。example", "//evil%E3%80%82example", "evil.example", "../evil", "?x", "#x", "", "//[::1]", "//0x7f000001",
    "http:evil.example", "ftp://evil.example", "/\x7f/evil.example/..//", "//\u2028evil.example", "/\u00a0/evil.example",
]  # fmt: skip


@pytest.mark.parametrize("address", AWAY, ids=ascii)
def test_what_a_browser_would_make_of_it(app: Flask, address: str) -> None:
    with app.test_request_context("/login"):
        target = local_target(address, "/jia")
        assert urlsplit(urljoin("http://localhost/login", target)).netloc == "localhost"
        assert target.startswith("/")
        assert not target.startswith(("//", "/\\"))
        assert all(ord(c) > 31 for c in target)
        assert not urlsplit(local_path(address)).netloc


def test_a_page_of_this_site_is_kept(app: Flask) -> None:
    with app.test_request_context("/login"):
        assert local_target("/jia/apply?step=2", "/") == "/jia/apply?step=2"
        assert local_path("http://localhost/jia?x=1") == "/jia?x=1"
        assert local_path("http://evil.example/jia") == ""


def test_signing_in_never_leads_away(make_client, world: World, vault, app: Flask) -> None:
    phone = vault.open("phone", world.people["youth"].phone_sealed)
    for address in AWAY[:30]:
        browser: Client = make_client()
        fields = with_token(browser, "/login", phone=phone, password=PASSWORD, next=address)
        location = browser.post("/login", data=fields).headers.get("Location", "/")
        assert urlsplit(urljoin("http://localhost/login", location)).netloc == "localhost", address


def test_whoever_is_signed_in_already_is_not_led_away(client: Client, world: World) -> None:
    sign_in(client, world.people["youth"])
    for address in AWAY:
        location = client.get(f"/login?next={quote(address)}").headers.get("Location", "/")
        assert urlsplit(urljoin("http://localhost/login", location)).netloc == "localhost", address


def test_the_switch_of_text_size_does_not_lead_away(client: Client) -> None:
    for address in AWAY:
        fields = with_token(client, "/a11y", size="large", back=address)
        location = client.post("/a11y", data=fields).headers["Location"]
        assert urlsplit(urljoin("http://localhost/a11y", location)).netloc == "localhost", address


def test_the_leaving_page_links_to_the_web_alone(client: Client) -> None:
    for address in ("javascript:alert(1)", "data:text/html,x", "//evil.example", "ftp://evil.example", ""):
        assert client.get(f"/out?to={quote(address)}").status_code == 400, address
