"""账号安全: password, sessions, consents, closing; and messages."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.audit.models import AuditEntry
from app.kernel.errors import Conflict, Refused
from app.kernel.vault import Vault
from app.kernel.work import Work
from app.league.accounts import consents, operations
from app.league.accounts.models import AccountStatus, ConsentState, Message, SignIn
from tests import factories as make
from tests.accounts.steps import PASSWORD, account_with, code_of, log_in, post, register, texts
from tests.factories import PASSWORD as GIVEN
from tests.joining.applications import submit
from tests.world import World

Clients = Callable[[], FlaskClient]
PHONE = "13900015001"
BASE = "/jia/security"


def test_a_new_password_ends_the_other_sessions_and_renews_this_one(
    make_client: Clients, session: Session, vault: Vault
) -> None:
    make.account(session, vault, number=PHONE)
    here, elsewhere = make_client(), make_client()
    log_in(here, PHONE, GIVEN)
    log_in(elsewhere, PHONE, GIVEN)
    before = here.get_cookie("signin")
    assert post(here, f"{BASE}/password", current="不对的密码啊", password=PASSWORD).status_code == 422
    assert post(here, f"{BASE}/password", current=GIVEN, password=PASSWORD).status_code == 303
    after = here.get_cookie("signin")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert here.get("/jia").status_code == 200
    assert elsewhere.get("/jia").status_code == 303


def test_the_list_of_sessions_marks_this_one_and_ends_another(
    make_client: Clients, session: Session, vault: Vault
) -> None:
    account = make.account(session, vault, number=PHONE)
    here, elsewhere = make_client(), make_client()
    log_in(elsewhere, PHONE, GIVEN)
    log_in(here, PHONE, GIVEN)
    assert here.get(BASE).text.count("这一台") == 1
    rows = session.scalars(select(SignIn).where(SignIn.account_id == account.id).order_by(SignIn.id)).all()
    assert post(here, f"{BASE}/sessions/{rows[0].public_id}/end", page=BASE).status_code == 303
    assert elsewhere.get("/jia").status_code == 303
    assert here.get("/jia").status_code == 200
    gone = post(here, f"{BASE}/sessions/{rows[1].public_id}/end", page=BASE)
    assert gone.location == "/login"
    assert "Clear-Site-Data" in gone.headers


def test_nobody_ends_the_session_of_another(make_client: Clients, session: Session, vault: Vault) -> None:
    victim = make.account(session, vault, number="13900015002")
    make.account(session, vault, number=PHONE)
    other, me = make_client(), make_client()
    log_in(other, "13900015002", GIVEN)
    log_in(me, PHONE, GIVEN)
    row = session.scalars(select(SignIn).where(SignIn.account_id == victim.id)).one()
    assert post(me, f"{BASE}/sessions/{row.public_id}/end", page=BASE).status_code == 404
    assert other.get("/jia").status_code == 200


def test_signing_out_everywhere_ends_here_too(make_client: Clients, session: Session, vault: Vault) -> None:
    make.account(session, vault, number=PHONE)
    here, elsewhere = make_client(), make_client()
    log_in(here, PHONE, GIVEN)
    log_in(elsewhere, PHONE, GIVEN)
    assert post(here, f"{BASE}/sessions/end-all", page=BASE).status_code == 303
    assert [b.get("/jia").status_code for b in (here, elsewhere)] == [303, 303]


def test_a_consent_is_taken_back_and_given_again(client: FlaskClient, work: Work, session: Session) -> None:
    register(client, work, PHONE)
    account = account_with(session, work, PHONE)
    assert account is not None
    row = next(c for c in consents.of_account(work, account.id) if c.purpose == "sensitive")
    url = f"{BASE}/consents/{row.public_id}/withdraw"
    assert post(client, url).status_code == 303
    session.rollback()
    assert consents.withdrawn(work, account.id, "sensitive")
    with pytest.raises(Refused):
        submit(work, account, make.organisation(session))
    session.rollback()
    assert "再次同意" in client.get(BASE).text
    assert post(client, f"{BASE}/consents/sensitive", page=BASE).status_code == 303
    session.rollback()
    assert not consents.withdrawn(work, account.id, "sensitive")
    states = [c.state for c in consents.of_account(work, account.id) if c.purpose == "sensitive"]
    assert states == [ConsentState.GIVEN, ConsentState.WITHDRAWN]


def test_closing_takes_the_password_and_ends_everything(client: FlaskClient, work: Work, session: Session) -> None:
    register(client, work, PHONE)
    assert post(client, f"{BASE}/close", current="不对的密码啊").status_code == 422
    assert post(client, f"{BASE}/close", current=PASSWORD).status_code == 303
    assert client.get("/jia").status_code == 303
    assert log_in(client, PHONE, PASSWORD).status_code == 422
    account = account_with(session, work, PHONE)
    assert account is not None
    assert account.status is AccountStatus.DISABLED
    assert consents.in_force(work, account.id) == []


def test_whoever_holds_a_post_hands_it_over_first(
    client: FlaskClient, world: World, session: Session, vault: Vault
) -> None:
    who = make.account(session, vault, number=PHONE)
    make.appoint(session, who, world.school_s)
    log_in(client, PHONE, GIVEN)
    assert post(client, f"{BASE}/close", current=GIVEN).status_code == 409


def test_messages_are_read_one_by_one_or_all_at_once(client: FlaskClient, session: Session, vault: Vault) -> None:
    account = make.account(session, vault, number=PHONE)
    for n in range(23):
        session.add(Message(account_id=account.id, title=f"消息{n}", body="内容", created_at=make.NOW))
    session.flush()
    log_in(client, PHONE, GIVEN)
    first = session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()
    assert "23" in client.get("/jia").text
    client.get(f"/jia/msg/{first.public_id}")
    session.refresh(first)
    assert first.read_at is None
    post(client, f"/jia/msg/{first.public_id}/read", page=f"/jia/msg/{first.public_id}")
    session.refresh(first)
    assert first.read_at is not None
    older = client.get("/jia/msg").text
    assert "消息2<" not in older
    assert "消息3<" in older
    post(client, "/jia/msg/read", page="/jia/msg")
    session.rollback()
    assert session.scalars(select(Message).where(Message.read_at.is_(None))).all() == []


def test_an_account_sees_its_own_messages_alone(client: FlaskClient, world: World, session: Session) -> None:
    from tests.helpers import sign_in

    row = Message(account_id=world.people["youth"].id, title="给甲", body="内容", created_at=make.NOW)
    session.add(row)
    session.commit()
    sign_in(client, world.people["other_youth"])
    assert client.get(f"/jia/msg/{row.public_id}").status_code == 404
    assert "给甲" not in client.get("/jia/msg").text


NEW = "13900015077"


def test_another_phone_signs_in_after_its_code_and_the_old_one_is_told(
    make_client: Clients, session: Session, vault: Vault, work: Work
) -> None:
    account = make.account(session, vault, number=PHONE)
    here, elsewhere = make_client(), make_client()
    log_in(here, PHONE, GIVEN)
    log_in(elsewhere, PHONE, GIVEN)
    url = f"{BASE}/phone"
    assert post(here, url, current="不对的密码啊", phone=NEW).status_code == 422
    assert "就是这个号码" in post(here, url, current=GIVEN, phone=PHONE).text
    assert post(here, url, current=GIVEN, phone=NEW).location == f"{url}/code"
    assert post(here, f"{url}/code", code="000000").status_code == 422
    assert post(here, f"{url}/code", code=code_of(work, NEW)).location == BASE
    assert (here.get("/jia").status_code, elsewhere.get("/jia").status_code) == (200, 303)
    assert "尾号 5077" in texts(work, PHONE)[0]
    session.refresh(account)
    assert vault.open("phone", account.phone_sealed) == NEW
    assert post(make_client(), "/login", phone=PHONE, password=GIVEN).status_code == 422
    assert post(make_client(), "/login", phone=NEW, password=GIVEN).status_code == 303
    [entry] = session.scalars(select(AuditEntry).where(AuditEntry.action == "accounts:phone:change"))
    assert entry.changes == {"phone": ["139****5001", "139****5077"]}


def test_a_phone_that_has_an_account_gets_the_same_page_and_never_a_code(
    make_client: Clients, session: Session, vault: Vault, work: Work
) -> None:
    make.account(session, vault, number=PHONE)
    make.account(session, vault, number=NEW)
    here, other = make_client(), make_client()
    log_in(here, PHONE, GIVEN)
    assert post(here, f"{BASE}/phone", current=GIVEN, phone=NEW).location == f"{BASE}/phone/code"
    assert "已有账号" in texts(work, NEW)[0]
    log_in(other, NEW, GIVEN)
    assert other.get(f"{BASE}/phone/code").location == f"{BASE}/phone", "the visit is another's"


def test_a_phone_that_got_an_account_meanwhile_is_not_taken_away(session: Session, vault: Vault, work: Work) -> None:
    account = make.account(session, vault, number=PHONE)
    make.account(session, vault, number=NEW)
    with pytest.raises(Conflict):
        operations.change_phone(work, account, NEW, keep=None)
    assert vault.open("phone", account.phone_sealed) == PHONE
