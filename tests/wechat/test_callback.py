"""The callback: what WeChat tells is answered at once; what is not WeChat's has no effect."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from app.kernel.outbox.models import OutboxMessage
from app.kernel.outbox.operations import deliver_due
from app.league.wechat import bindings
from app.league.wechat.models import WechatFollower, WechatMessage
from tests import factories as make
from tests.wechat.standin import TOKEN, opened, sign

NOW = int(make.NOW.timestamp())


@pytest.fixture
def call(client, standin, account):
    """Return what delivers a message and gives the answer."""

    def deliver(xml, *, now=NOW, nonce=""):
        query, body = standin.delivery(xml, now, nonce)
        return client.post("/wx/callback", query_string=query, data=body)

    return deliver


def said(answer):
    """The text of an answer."""
    assert answer.status_code == 200
    return opened(answer.text)


def click(standin, key, who="oA", at=NOW):
    return standin.xml(who, at, MsgType="event", Event="CLICK", EventKey=key)


def test_wechat_is_greeted(client, account):
    query = {"timestamp": "1", "nonce": "2", "echostr": "回声", "signature": sign(TOKEN, "1", "2")}
    assert client.get("/wx/callback", query_string=query).text == "回声"
    assert client.get("/wx/callback", query_string={**query, "signature": "0" * 40}).status_code == 403


def test_every_button_leads_on(call, standin):
    assert "/wx/go/member" in said(call(click(standin, "MEMBER")))
    assert "/wx/go/cadre" in said(call(click(standin, "CADRE")))
    assert "/wx/go/progress" in said(call(click(standin, "PROGRESS")))


def test_whatever_is_typed_gets_a_way_on(call, standin):
    assert "/wx/go/member" in said(call(standin.xml("oA", NOW, MsgType="text", Content="４９１152")))
    assert "/wx/go/cadre" in said(call(standin.xml("oA", NOW, MsgType="text", Content="A" * 26)))
    assert said(call(standin.xml("oA", NOW, MsgType="text", Content="你好"))).count("/wx/go/") == 3
    assert said(call(standin.xml("oA", NOW, MsgType="image", PicUrl="x"))).count("/wx/go/") == 3


def test_a_scan_leads_to_the_class_and_says_nothing_of_it(call, standin):
    scene = "abcdefgh23456789"
    fresh = standin.xml("oA", NOW, MsgType="event", Event="subscribe", EventKey=f"qrscene_{scene}")
    again = standin.xml("oA", NOW, MsgType="event", Event="SCAN", EventKey=scene)
    assert f"/jia/i/{scene}" in said(call(fresh))
    assert f"/jia/i/{scene}" in said(call(again))
    wild = standin.xml("oA", NOW, MsgType="event", Event="SCAN", EventKey="'; DROP TABLE accounts")
    assert said(call(wild)).count("/wx/go/") == 3


def test_progress_is_told_a_moment_later(call, standin, session, vault, world, work):
    youth = world.people["youth"]
    make.join_request(session, vault, world.branch_b1, youth)
    bindings.bind(work, youth, "oA")
    session.commit()
    for _ in range(3):
        assert "马上" in said(call(click(standin, "PROGRESS")))
    deliver_due(work)
    (told,) = [message for message in standin.inbox["oA"] if message["msgtype"] == "text"]
    assert "待审核" in told["text"]["content"]
    assert youth.name not in told["text"]["content"]


def test_who_left_is_known_whatever_came_last(call, standin, session, work):
    gone = standin.xml("oA", NOW + 2, MsgType="event", Event="unsubscribe", EventKey="")
    came = standin.xml("oA", NOW + 1, MsgType="event", Event="subscribe", EventKey="")
    call(gone)
    call(came)
    assert session.scalars(select(WechatFollower.following)).all() == [False]


def test_what_comes_at_the_same_moment_is_heard_too(make_client, standin, account, session):
    """Somebody comes and goes while ten hands deliver: nothing fails, and the last of it stands."""
    told = [
        standin.xml("oN", NOW - n, MsgType="event", Event="unsubscribe" if n % 2 else "subscribe", EventKey="")
        for n in range(6)
    ]
    deliveries = [standin.delivery(xml, NOW) for xml in told * 4]

    def deliver(delivery):
        query, body = delivery
        return make_client().post("/wx/callback", query_string=query, data=body).status_code

    session.commit()
    with ThreadPoolExecutor(10) as hands:
        assert set(hands.map(deliver, deliveries)) == {200}
    assert session.scalars(select(WechatFollower.following)).all() == [True]


def refused(session, answer):
    session.rollback()
    kept = session.scalar(select(func.count()).select_from(WechatMessage))
    return answer.status_code, kept


def test_forged_old_and_foreign_messages_have_no_effect(client, call, standin, session):
    xml = click(standin, "MEMBER")
    query, body = standin.delivery(xml, NOW)
    for forged in (
        {**query, "msg_signature": "0" * 40},
        {**query, "msg_signature": ""},
        {**query, "nonce": "other"},
        {**query, "timestamp": str(NOW + 1)},
        {name: query[name] for name in ("timestamp", "nonce")},
    ):
        answer = client.post("/wx/callback", query_string=forged, data=body)
        assert refused(session, answer) == (403, 0)
    for stale in (NOW - 301, NOW + 301):
        assert refused(session, call(xml, now=stale)) == (403, 0)
    plain = {"timestamp": str(NOW), "nonce": "n", "signature": sign(TOKEN, str(NOW), "n")}
    answer = client.post("/wx/callback", query_string=plain, data=xml.encode())
    assert refused(session, answer) == (403, 0)


def test_a_nonce_serves_one_message(call, standin, session):
    assert call(click(standin, "MEMBER"), nonce="n1").status_code == 200
    assert call(click(standin, "MEMBER"), nonce="n1").status_code == 200
    assert call(click(standin, "CADRE"), nonce="n1").status_code == 403


BOMB = (
    '<!DOCTYPE xml [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{"&" + chr(97 + n) + ";" * 1}">' for n in range(8))
    + "]><xml><MsgType>&i;</MsgType></xml>"
)


@pytest.mark.parametrize(
    "xml",
    [
        BOMB,
        '<!DOCTYPE xml [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml><MsgType>&f;</MsgType></xml>',
        '<!DOCTYPE xml SYSTEM "http://127.0.0.1/x.dtd"><xml/>',
        "<xml><MsgType>text",
        "",
        "没有标签",
        "<xml>" + "<a>" * 500 + "</a>" * 500 + "</xml>",
        "<xml>" + "<a>1</a>" * 5000 + "</xml>",
        "<xml><MsgType>text</MsgType><MsgType>event</MsgType></xml>",
        "<xml><MsgType>text</MsgType><CreateTime>now</CreateTime></xml>",
        '<?xml version="1.0" encoding="utf-7"?><xml/>',
    ],
)  # fmt: skip
def test_malicious_xml_is_refused_in_the_open_and_inside(client, standin, session, account, xml):
    query, body = standin.delivery(xml, NOW)
    assert refused(session, client.post("/wx/callback", query_string=query, data=body)) == (400, 0)
    assert refused(session, client.post("/wx/callback", query_string=query, data=xml.encode()))[0] in (400, 403)


def test_an_oversized_body_is_refused(client, session, account):
    answer = client.post("/wx/callback?timestamp=1&nonce=2", data=b"<xml>" + b"a" * 100_000)
    assert refused(session, answer) == (413, 0)


def test_the_menu_is_published(cli, standin, account):
    assert cli.invoke(args=["wechat-menu"]).exit_code == 0
    assert [button["name"] for button in standin.menu["button"]] == ["我是团员", "我是团干", "我的进度"]


def test_plain_mode_works_where_no_key_is_set(client, standin, session, account, app, monkeypatch):
    here = app.extensions["house"]
    monkeypatch.setattr(here, "settings", replace(here.settings, wechat_aes_key=""))
    query = {"timestamp": str(NOW), "nonce": "n", "signature": sign(TOKEN, str(NOW), "n")}
    answer = client.post("/wx/callback", query_string=query, data=click(standin, "MEMBER").encode())
    assert "/wx/go/member" in answer.text
    assert session.scalar(select(func.count()).select_from(OutboxMessage)) == 0
