"""A session that ends in the middle of a form: nothing typed is lost, and nobody else reads it."""

import html
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.kernel.vault import Vault
from app.league.accounts.models import Account
from tests import factories as make
from tests.clock import StillClock
from tests.helpers import sign_in, with_token
from tests.world import World

# What the doors say is the same on both databases.
pytestmark = pytest.mark.embedded

TYPED = "𬭊·买买提 <b>“会计 20184 班”</b>\n第二行 & 100%"
BRANCH = "/twt/organisations/{branch_b1}"
FORMS = [
    ("youth", "/jia/apply/name", "name"),
    ("youth", "/jia/apply/document", "id_number"),
    ("youth", "/jia/apply/basics", "native_place"),
    ("youth", "/jia/apply/league", "joined_league_at"),
    ("youth", "/jia/apply/check", "statement"),
    ("youth", "/jia/apply/place/{branch_b1}", "statement"),
    ("youth", "/jia/application/fix", "native_place"),
    ("youth", "/jia/application/withdraw", "note"),
    ("youth", "/jia/me/edit", "native_place"),
    ("youth", "/jia/me/correct/name", "reason"),
    ("youth", "/jia/security/close", "reason"),
    ("youth", "/jia/msg/read", "note"),
    ("school_s", f"{BRANCH}/rename", "name"),
    ("school_s", f"{BRANCH}/close", "reason"),
    ("school_s", f"{BRANCH}/move", "reason"),
    ("school_s", "/twt/roster/{branch_b1}/names", "names"),
    ("school_s", "/twt/people/search", "q"),
    ("school_s", "/twt/queue/sheet", "reason"),
    ("publisher", "/twt/notices/new", "body"),
    ("publisher", "/twt/notices/new", "title"),
]


def fields_of(answer: TestResponse) -> dict[str, str]:
    """The hidden fields of the page's own form."""
    found = re.findall(r'<input[^>]*?name="([^"]+)"[^>]*?value="([^"]*)"', answer.text.split("<main")[-1])
    return {name: html.unescape(value) for name, value in found}


@pytest.fixture
def phone_of(session: Session, vault: Vault) -> Callable[[Account], str]:
    return lambda account: vault.open("phone", account.phone_sealed)


def log_in(client: FlaskClient, page: TestResponse, phone: str, **headers: str) -> TestResponse:
    """Sign in on the page that carries the form."""
    fields = {**fields_of(page), "phone": phone, "password": make.PASSWORD}
    return client.post("/login", data=fields, headers=headers)


@pytest.mark.parametrize(("persona", "path", "name"), FORMS)
def test_every_character_comes_back_after_signing_in_again(
    client, world: World, clock: StillClock, phone_of, persona: str, path: str, name: str
) -> None:
    path = path.format(branch_b1=world.branch_b1.public_id)
    sign_in(client, world.people[persona])
    form = with_token(client, "/jia/security", once="the same key", **{name: TYPED})
    clock.advance(hours=13)
    asked = client.post(path, data={**form, "password": "不该留下的密码"})
    assert asked.status_code == 401
    assert "会计 20184 班" not in asked.text, "what was typed lies in the page only sealed"
    assert path not in asked.request.query_string.decode()
    given = log_in(client, asked, phone_of(world.people[persona]))
    back = fields_of(given)
    assert given.status_code == 200
    assert (back[name], back["once"]) == (TYPED, "the same key")
    assert "不该留下的密码" not in given.text
    assert f'action="{path}"' in given.text
    assert client.post(path, data=back).status_code not in (400, 401), "one press sends it under the new session"


def test_somebody_else_never_sees_it(client, world: World, clock: StillClock, phone_of) -> None:
    sign_in(client, world.people["youth"])
    form = with_token(client, "/jia/security", name=TYPED)
    clock.advance(hours=1)
    asked = client.post("/jia/apply/name", data=form)
    given = log_in(client, asked, phone_of(world.people["other_youth"]))
    assert given.status_code == 303
    home = client.get(given.location).text
    assert "会计 20184 班" not in given.text + home
    assert "不属于这个账号" in home


def test_a_form_of_the_account_before_waits_for_that_account(client, world: World, phone_of) -> None:
    """On a shared computer: one's form is still open in a window when somebody else signs in in another."""
    sign_in(client, world.people["youth"])
    form = with_token(client, "/jia/security", name=TYPED)
    sign_in(client, world.people["other_youth"])
    asked = client.post("/jia/apply/name", data=form, headers={"Origin": "http://localhost"})
    assert asked.status_code == 400
    assert "会计 20184 班" not in asked.text
    assert fields_of(log_in(client, asked, phone_of(world.people["youth"])))["name"] == TYPED


def test_after_signing_out_in_another_window_it_is_kept_too(client, world: World, phone_of) -> None:
    sign_in(client, world.people["youth"])
    form = with_token(client, "/jia/security", name=TYPED)
    client.post("/logout", data=form)
    asked = client.post("/jia/apply/name", data=form)
    assert asked.status_code == 401
    assert fields_of(log_in(client, asked, phone_of(world.people["youth"])))["name"] == TYPED


def test_a_wrong_password_does_not_lose_it(client, world: World, clock: StillClock, phone_of) -> None:
    sign_in(client, world.people["youth"])
    form = with_token(client, "/jia/security", name=TYPED)
    clock.advance(hours=1)
    asked = client.post("/jia/apply/name", data=form)
    wrong = client.post("/login", data={**fields_of(asked), "phone": make.phone(), "password": "不是这个密码"})
    assert wrong.status_code == 422
    assert fields_of(log_in(client, wrong, phone_of(world.people["youth"])))["name"] == TYPED


def test_it_waits_half_an_hour_and_no_longer(client, world: World, clock: StillClock, phone_of) -> None:
    sign_in(client, world.people["youth"])
    form = with_token(client, "/jia/security", name=TYPED)
    clock.advance(hours=1)
    asked = client.post("/jia/apply/name", data=form)
    clock.advance(minutes=31)
    given = log_in(client, asked, phone_of(world.people["youth"]))
    assert given.status_code == 303
    assert "没有保留" in client.get(given.location).text


def test_a_form_that_is_sent_twice_has_one_effect(client, world: World, session, clock, vault, phone_of) -> None:
    """The answer was lost after the commit, then the session ended: the same key leads to the first outcome."""
    school = world.people["school_s"]
    sign_in(client, school)
    path = f"/twt/organisations/{world.branch_b1.public_id}/rename"
    form = with_token(client, path, name="会计20185班团支部", version="1", once="one key")
    assert client.post(path, data=form).status_code == 303
    clock.advance(hours=1)
    given = log_in(client, client.post(path, data=form), phone_of(school))
    again = client.post(path, data=fields_of(given))
    session.expire_all()
    assert again.status_code == 303
    assert world.branch_b1.version == 2


def test_with_htmx_the_page_stays_and_gets_a_new_token(client, world: World, clock, phone_of) -> None:
    sign_in(client, world.people["youth"])
    form = with_token(client, "/jia/security", name="张小明", version="0")
    clock.advance(hours=1)
    htmx = {"HX-Request": "true"}
    panel = client.post("/jia/apply/name", data=form, headers=htmx)
    assert (panel.status_code, panel.headers["HX-Retarget"]) == (401, "#problem")
    assert "<html" not in panel.text
    signed = log_in(client, panel, phone_of(world.people["youth"]), **htmx)
    fresh = re.search(r'data-csrf="([^"]+)"', signed.text)
    assert fresh
    assert client.post("/jia/apply/name", data={**form, "csrf_token": fresh[1]}, headers=htmx).status_code == 200


def test_a_stranger_in_the_panel_is_led_away_from_the_page(client, world: World, clock, phone_of) -> None:
    sign_in(client, world.people["youth"])
    form = with_token(client, "/jia/security", name=TYPED)
    clock.advance(hours=1)
    htmx = {"HX-Request": "true"}
    panel = client.post("/jia/apply/name", data=form, headers=htmx)
    signed = log_in(client, panel, phone_of(world.people["other_youth"]), **htmx)
    assert signed.headers["HX-Redirect"]
    assert "data-csrf" not in signed.text


def test_a_file_too_large_loses_nothing_but_itself(app: Flask, world: World, client: FlaskClient) -> None:
    """The body is read to its end, the fields are kept and the file is asked for again."""
    sign_in(client, world.people["publisher"])
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/jia/security").text)
    assert token
    big = b"x" * (app.config["MAX_CONTENT_LENGTH"] + 1)
    head = 'content-disposition: form-data; name="{}"{}\r\n\r\n'
    parts = [
        (head.format("csrf_token", "") + token[1]).encode(),
        (head.format("note", "") + TYPED).encode(),
        head.format("file", '; filename="a.jpg"').encode() + big,
    ]
    body = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + b"--b--\r\n"
    answer = client.post("/demo/trouble", data=body, content_type="multipart/form-data; boundary=b")
    assert answer.status_code == 413
    assert "会计 20184 班" in answer.text
    assert 'type="file" name="file"' in answer.text
