"""Signing in through WeChat: only what WeChat's server says counts, only in the browser that asked, only once (T29)."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import urllib3
from sqlalchemy import func, select

from app.kernel.audit.models import AuditEntry
from app.league.accounts import operations
from app.league.accounts.models import SignIn
from app.league.wechat import bindings
from app.league.wechat.models import WechatBinding
from tests import factories as make
from tests.helpers import sign_in, with_token


def go(client, target="progress"):
    """The address WeChat is asked at, and the state in it."""
    answer = client.get(f"/wx/go/{target}")
    assert answer.status_code == 303
    return answer.location, parse_qs(urlsplit(answer.location).query)["state"][0]


def code_for(standin, address, who):
    """The code WeChat gives `who`."""
    standin.holder = who
    back = urllib3.request("GET", address, redirect=False).headers["Location"]
    return parse_qs(urlsplit(back).query)["code"][0]


def arrive(client, standin, who="o-1", target="progress"):
    """The whole way."""
    address, state = go(client, target)
    return client.get("/wx/back", query_string={"code": code_for(standin, address, who), "state": state})


def post(client, path, **fields):
    """Send a form of one's own."""
    answer = client.post(path, data=with_token(client, "/jia/security", **fields))
    assert answer.status_code == 303
    return answer


def signed_in(session):
    session.rollback()
    return session.scalar(select(func.count()).select_from(SignIn))


@pytest.fixture
def bound(world, work, session, account):
    """The youth's WeChat is o-1."""
    bindings.bind(work, world.people["youth"], "o-1")
    session.commit()
    return world.people["youth"]


def test_a_bound_wechat_is_its_account(client, standin, bound, session):
    assert arrive(client, standin).location == "/jia/application"
    assert signed_in(session) == 1
    assert client.get("/jia").status_code == 200


def test_an_unknown_wechat_is_nobody(client, standin, bound, session):
    arrive(client, standin, "o-stranger", "member")
    assert signed_in(session) == 0
    assert client.get("/jia/code").status_code == 200


@pytest.mark.parametrize("state", ["", "another", "x" * 22])
def test_without_its_state_nothing_happens(client, standin, bound, session, state):
    address, _ = go(client)
    answer = client.get("/wx/back", query_string={"code": code_for(standin, address, "o-1"), "state": state})
    assert (answer.status_code, signed_in(session)) == (400, 0)


def test_another_browser_s_state_is_no_good(client, make_client, standin, bound, session):
    address, state = go(make_client())
    answer = client.get("/wx/back", query_string={"code": code_for(standin, address, "o-1"), "state": state})
    assert (answer.status_code, signed_in(session)) == (400, 0)


def test_a_code_works_once(client, make_client, standin, bound, session):
    address, state = go(client)
    code = code_for(standin, address, "o-1")
    assert client.get("/wx/back", query_string={"code": code, "state": state}).status_code == 303
    assert client.get("/wx/back", query_string={"code": code, "state": state}).status_code == 400
    other = make_client()
    _, state = go(other)
    assert other.get("/wx/back", query_string={"code": code, "state": state}).status_code == 400
    assert signed_in(session) == 1


@pytest.mark.parametrize("way", ["/wx/back?openid=o-1", "/wx/go/progress?openid=o-1", "/jia/code?openid=o-1"])
def test_an_openid_that_is_sent_is_nobody_s(client, standin, bound, session, way):
    client.get(way)
    client.set_cookie("wechat", "o-1")
    client.post("/wx/bind", data={"openid": "o-1"})
    assert signed_in(session) == 0


def test_binding_takes_the_openid_from_wechat_alone(client, standin, world, session, account):
    youth = world.people["other_youth"]
    sign_in(client, youth)
    post(client, "/wx/bind", openid="o-victim", next="/jia")
    assert session.scalars(select(WechatBinding)).all() == []
    assert arrive(client, standin, "o-2").location == "/wx/bind?next=/jia/application"
    answer = post(client, "/wx/bind", openid="o-victim", next="https://elsewhere.example/")
    assert answer.location == "/jia"
    session.rollback()
    (row,) = session.scalars(select(WechatBinding)).all()
    assert row.account_id == youth.id
    assert "o-2" not in row.openid_sealed
    told = select(AuditEntry.action).where(AuditEntry.object_type == "wechat_binding")
    assert session.scalars(told).all() == ["wechat:binding:bind"]


def test_nobody_takes_a_bound_wechat_over(client, standin, world, bound, session, work):
    sign_in(client, world.people["other_youth"])
    arrive(client, standin, "o-1")
    post(client, "/wx/bind", next="/jia")
    session.rollback()
    assert [row.account_id for row in session.scalars(select(WechatBinding))] == [bound.id]


def test_unbound_is_unbound(client, make_client, standin, bound, session):
    sign_in(client, bound)
    assert "解绑微信" in client.get("/jia/security").text
    post(client, "/wx/unbind")
    arrive(make_client(), standin, "o-1")
    assert signed_in(session) == 1  # the first browser's own


def test_with_the_account_its_binding_ends(client, make_client, standin, world, bound, session, work):
    operations.close(work, session.merge(bound))
    work.session.commit()
    sign_in(client, world.people["other_youth"])
    arrive(client, standin, "o-1")
    post(client, "/wx/bind", next="/jia")
    session.rollback()
    assert bindings.account_of(work, "o-1").id == world.people["other_youth"].id
    work.now += bindings.REMEMBERED + timedelta(days=1)
    assert bindings.forget(work) == 1
    assert session.scalar(select(func.count()).select_from(WechatBinding)) == 1


def test_a_new_password_ends_what_somebody_else_had_bound(client, standin, world, bound, session, work):
    operations.change_password(work, session.merge(bound), "other", keep=None)
    work.session.commit()
    arrive(client, standin, "o-1")
    assert signed_in(session) == 0


def test_who_signs_out_leaves_no_wechat_to_the_next(client, standin, world, bound, session):
    arrive(client, standin, "o-1")
    client.post("/logout", data=with_token(client, "/jia/security"))
    sign_in(client, world.people["other_youth"])
    assert client.post("/wx/bind", data=with_token(client, "/jia/security")).location == "/jia/security"


def test_a_second_factor_is_asked_for_all_the_same(client, standin, bound, session, vault):
    bound.totp_sealed, bound.totp_enabled_at = vault.seal("totp", "A" * 32), make.NOW
    session.commit()
    assert arrive(client, standin).location == "/login/factor"
    assert signed_in(session) == 0
