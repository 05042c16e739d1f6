"""Tokens: named, listed, revocable, kept as a hash; they end with time, password and account."""

import pyotp
import pytest
from sqlalchemy import select

from app.kernel.once import DoneForm
from app.league.accounts.models import SignIn
from app.league.accounts.sessions import token_hash
from tests import factories as make
from tests.accounts.steps import post
from tests.helpers import sign_in

pytestmark = pytest.mark.embedded


@pytest.fixture
def youth(world, session, vault):
    """Somebody with a password that is known."""
    account = make.account(session, vault, "青年丁", number="13900015678")
    session.commit()
    return account


WHO = {"phone": "13900015678", "password": make.PASSWORD, "device": "小林的手机"}


def test_a_token_is_told_once_and_kept_nowhere(phone_app, youth, session) -> None:
    told = phone_app()("POST", "/tokens", WHO).json
    row = session.scalars(select(SignIn)).one()
    assert (row.public_id, row.device, row.token_hash) == (told["id"], "小林的手机", token_hash(told["token"]))
    kept = session.execute(select(DoneForm.key, DoneForm.digest, DoneForm.reply_sealed)).one()
    assert told["token"] not in str(tuple(kept))


def test_the_second_sending_of_a_sign_in_brings_the_same_token(phone_app, youth, session, vault) -> None:
    first, second, other = (phone_app()("POST", "/tokens", WHO, key=key) for key in ("a" * 16, "a" * 16, "b" * 16))
    assert first.json == second.json
    assert second.headers["Idempotency-Replayed"] == "true"
    assert other.json["token"] != first.json["token"]
    assert len(session.scalars(select(SignIn)).all()) == 2
    sealed = session.scalars(select(DoneForm.reply_sealed)).first()
    assert first.json["token"] not in vault.open("reply", sealed)
    wrong = phone_app()("POST", "/tokens", {**WHO, "password": "猜的密码"}, key="a" * 16)
    assert wrong.status_code == 422


def test_a_cookie_and_a_token_open_each_their_own_door(phone_app, make_client, youth, client) -> None:
    app = phone_app()
    token = app("POST", "/tokens", WHO).json["token"]
    browser = sign_in(make_client(), youth)
    cookie = browser.get_cookie("signin").value
    assert browser.get("/api/v1/me").status_code == 401
    assert app("GET", "/me", Authorization=f"Bearer {cookie}").status_code == 401
    client.set_cookie("signin", token)
    assert client.get("/jia").status_code == 303
    assert app("GET", "/me", Authorization=f"Bearer {token}").status_code == 200
    assert app("GET", "/me", Authorization=f"Basic {token}").status_code == 401


def test_both_doors_are_listed_and_ended_in_either_place(phone_app, make_client, youth) -> None:
    app, browser = phone_app(), sign_in(make_client(), youth)
    token = app("POST", "/tokens", WHO).json
    app.client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token['token']}"
    listed = app("GET", "/tokens").json["items"]
    assert {(row["kind"], row["device"], row["here"]) for row in listed} == {
        ("app", "小林的手机", True), ("browser", "测试设备", False),
    }  # fmt: skip
    page = browser.get("/jia/security").text
    assert "小林的手机" in page
    assert "手机应用" in page
    ended = post(browser, f"/jia/security/sessions/{token['id']}/end", page="/jia/security")
    assert ended.status_code == 303
    assert app("GET", "/me").status_code == 401
    again = app("POST", "/tokens", WHO).json
    app.client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {again['token']}"
    [mine] = [row["id"] for row in listed if row["kind"] == "browser"]
    assert app("DELETE", f"/tokens/{mine}").status_code == 204
    assert browser.get("/jia").status_code == 303
    assert app("DELETE", "/tokens/current").status_code == 204
    assert app("GET", "/me").status_code == 401


def test_a_new_password_ends_every_token(phone_app, make_client, youth) -> None:
    app, browser = phone_app(youth), sign_in(make_client(), youth)
    fields = {"current": make.PASSWORD, "password": "另一条河边的路灯"}
    assert post(browser, "/jia/security/password", **fields).status_code == 303
    assert app("GET", "/me").status_code == 401


def test_tokens_end_by_themselves(phone_app, world, youth, clock) -> None:
    app, staff = phone_app(youth), phone_app(world.people["school_s"])
    clock.advance(hours=11)
    assert [each("GET", "/me").status_code for each in (app, staff)] == [200, 200]
    clock.advance(hours=2)
    assert [each("GET", "/me").status_code for each in (app, staff)] == [200, 401]
    clock.advance(days=13)
    assert app("GET", "/me").status_code == 200
    clock.advance(days=14, minutes=1)
    assert app("GET", "/me").status_code == 401, "unused for a fortnight"


def test_a_youth_who_is_appointed_keeps_no_long_token(phone_app, world, youth, session, clock) -> None:
    app = phone_app(youth)
    clock.advance(hours=13)
    assert app("GET", "/me").status_code == 200
    make.appoint(session, youth, world.branch_b1)
    assert app("GET", "/me").status_code == 401


def test_the_second_factor_is_asked_for(phone_app, youth, session, vault, clock) -> None:
    secret = pyotp.random_base32()
    youth.totp_sealed, youth.totp_enabled_at = vault.seal("totp", secret), clock.now()
    session.commit()
    app = phone_app()
    asked = app("POST", "/tokens", WHO)
    assert (asked.status_code, asked.json["type"]) == (422, "urn:tuanwutong:problem:second-factor")
    code = pyotp.TOTP(secret).at(clock.now())
    assert app("POST", "/tokens", {**WHO, "code": "000000"}).status_code == 422
    told = app("POST", "/tokens", {**WHO, "code": code}).json
    assert app("GET", "/me", Authorization=f"Bearer {told['token']}").json["second_factor"]
    assert app("POST", "/tokens", {**WHO, "code": code}).status_code == 422, "each value opens the door once"


def test_in_production_a_cadre_without_a_second_factor_sees_nothing(
    make_app, phone_app, monkeypatch, app, world
) -> None:
    from dataclasses import replace

    house = app.extensions["house"]
    monkeypatch.setattr(house, "settings", replace(house.settings, production=True))
    refused = phone_app(world.people["school_s"])("GET", "/queue")
    assert refused.status_code == 403
    assert "动态口令" in refused.json["detail"]
    assert phone_app(world.people["school_s"], second_factor=True)("GET", "/queue").status_code == 200
