"""The chat of the demonstration: a phone stays one's own, and what it says goes through the real callback."""

import re
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from app.league.wechat.models import WechatMessage
from tests.helpers import sign_in, with_token

pytestmark = pytest.mark.embedded
CHAT = "/demo/wechat"


def last_line(page: str) -> str:
    """What was said last."""
    return re.findall(r"<li[^>]*><p[^>]*>(.*?)</p>", page, re.DOTALL)[-1]


def test_a_phone_stays_in_the_hand_of_whoever_signs_in(client, world, session) -> None:
    client.get(f"{CHAT}?phone=3")
    client.post(CHAT, data=with_token(client, CHAT, key="CADRE"))
    assert "/wx/go/cadre" in last_line(client.get(CHAT).text)
    assert session.query(WechatMessage).count() == 2
    sign_in(client, world.people["youth"])
    assert "/wx/go/cadre" in last_line(client.get(CHAT).text)
    there = client.get("/wx/go/progress").location
    code = parse_qs(urlsplit(client.get(there.removeprefix("http://127.0.0.1:8000")).location).query)["code"][0]
    told = client.get(f"{CHAT}/sns/oauth2/access_token", query_string={"code": code}).json
    assert told == {"openid": "demonstration-3"}


@pytest.mark.parametrize("phone", ["0", "7", "x", "1' OR 1", "٣"])
def test_there_are_six_phones(client, phone: str) -> None:
    client.set_cookie("demonstration_phone", phone)
    assert client.get(CHAT).status_code == 200


def test_in_production_there_is_no_such_phone(app: Flask, client, monkeypatch) -> None:
    here = app.extensions["house"]
    monkeypatch.setattr(here, "settings", replace(here.settings, production=True))
    assert client.get(CHAT).status_code == 404


@pytest.mark.parametrize("kind", ["custom", "template"])
@pytest.mark.parametrize(
    "sent", ["", "[]", "1", '{"touser": []}', '{"touser": "demonstration-1", "text": 1, "data": [2]}',
             '{"touser": "demonstration-1", "text": {"content": 1}, "data": {"a": 1}}'],
)  # fmt: skip
def test_what_is_no_message_is_refused(client, kind: str, sent: str) -> None:
    answer = client.post(f"{CHAT}/cgi-bin/message/{kind}/send", data=sent, content_type="application/json")
    assert answer.json["errcode"] in (40003, 47001)
