"""Signing in: one neutral line, fresh tokens, limits that grow, nothing that leads elsewhere."""

import re
import statistics
from collections.abc import Callable
from time import process_time

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.config import Settings
from app.kernel.audit.models import AuditEntry
from app.kernel.outbox.operations import deliver_due
from app.kernel.vault import Vault
from app.kernel.work import Work
from app.league.accounts import messages, passwords
from app.league.accounts.models import Account, AccountStatus, SignIn
from app.league.accounts.passwords import hash_password
from app.league.appointments.models import Appointment
from app.surfaces.web.pages import local_target
from tests import factories as make
from tests.accounts.steps import PASSWORD, code_of, log_in, post, texts, token_in
from tests.clock import StillClock
from tests.factories import PASSWORD as GIVEN
from tests.helpers import sign_in
from tests.world import World

Clients = Callable[[], FlaskClient]
LONG = "一句足够长而且好记的话呀"
PHONE, NOBODY = "13900013001", "13900013999"


@pytest.fixture
def youth(session: Session, vault: Vault) -> Account:
    """Somebody who can sign in."""
    return make.account(session, vault, number=PHONE)


def strip(answer: object) -> str:
    """A page without what differs on every page: its number and its tokens."""
    text = answer.text.replace(answer.headers["X-Request-Id"], "")  # type: ignore[attr-defined]
    return re.sub(r'(value|content)="[^"]{40,}"', "", text)


def test_phone_and_password_open_the_own_home(client: FlaskClient, youth: Account) -> None:
    answer = log_in(client, "139 0001-3001", GIVEN)
    assert (answer.status_code, answer.location) == (303, "/jia")
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("signin="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_known_and_an_unknown_phone_and_a_disabled_account_get_the_same_body(
    make_client: Clients, session: Session, vault: Vault, youth: Account
) -> None:
    make.account(session, vault, number="13900013002", status=AccountStatus.DISABLED)
    browser = make_client()
    known, unknown = log_in(browser, PHONE, "不对的密码啊"), log_in(browser, NOBODY, "不对的密码啊")
    disabled = log_in(browser, "13900013002", GIVEN)
    assert known.status_code == unknown.status_code == disabled.status_code == 422
    assert strip(known).replace(PHONE, "") == strip(unknown).replace(NOBODY, "")
    assert strip(known).replace(PHONE, "") == strip(disabled).replace("13900013002", "")
    assert "手机号或密码不对" in known.text


def test_an_unknown_phone_takes_as_long_as_a_known_one() -> None:
    """At the cost of production the hash is nearly all of a try: in processor time the two are the same."""
    cost = Settings().password_cost
    kept = hash_password(GIVEN, memory_kib=cost)
    passwords.verify(None, GIVEN, memory_kib=cost)
    took: dict[str | None, list[float]] = {kept: [], None: []}
    for _ in range(9):
        for hashed, times in took.items():
            begun = process_time()
            passwords.verify(hashed, "不对的密码啊", memory_kib=cost)
            times.append(process_time() - begun)
    medians = [statistics.median(times) for times in took.values()]
    assert max(medians) < min(medians) * 1.5


def test_every_try_computes_one_hash(client: FlaskClient, youth: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    real = passwords._hasher(64)

    class Counting:
        def verify(self, kept: str, password: str) -> bool:
            seen.append(kept)
            return real.verify(kept, password)

        def hash(self, password: str) -> str:
            return real.hash(password)

    monkeypatch.setattr(passwords, "_hasher", lambda _cost: Counting())
    for number in (PHONE, NOBODY):
        log_in(client, number, "不对的密码啊")
    assert len(seen) == 2


def test_the_wait_grows_and_is_told_in_a_sentence(client: FlaskClient, youth: Account, clock: StillClock) -> None:
    statuses = [log_in(client, PHONE, "不对的密码啊").status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]
    assert re.search(r"请 \d+ 秒后再试", log_in(client, PHONE, GIVEN).text)
    clock.advance(seconds=30)
    assert log_in(client, PHONE, GIVEN).status_code == 303


def test_signing_in_rightly_is_never_too_often(client: FlaskClient, youth: Account) -> None:
    for _ in range(8):
        assert log_in(client, PHONE, GIVEN).status_code == 303
        client.delete_cookie("signin")


def test_a_guesser_elsewhere_locks_nobody_out(make_client: Clients, youth: Account, clock: StillClock) -> None:
    guesser, owner = make_client(), make_client()
    page = guesser.get("/login").text
    for _ in range(12):
        fields = {"csrf_token": token_in(page), "phone": PHONE, "password": "不对的密码啊"}
        guesser.post("/login", data=fields, environ_base={"REMOTE_ADDR": "127.9.9.9"})
    assert log_in(owner, PHONE, GIVEN).status_code == 303


def test_the_audit_tells_of_both_outcomes(client: FlaskClient, session: Session, youth: Account) -> None:
    log_in(client, PHONE, "不对的密码啊")
    log_in(client, NOBODY, "不对的密码啊")
    log_in(client, PHONE, GIVEN)
    session.rollback()
    rows = session.execute(select(AuditEntry.action, AuditEntry.object_id).order_by(AuditEntry.id)).all()
    assert [tuple(r) for r in rows] == [
        ("accounts:login:fail", youth.public_id),
        ("accounts:login:fail", ""),
        ("accounts:login:ok", youth.public_id),
    ]


# --- fixation


def test_a_planted_cookie_is_not_taken_over(client: FlaskClient, session: Session, youth: Account) -> None:
    client.set_cookie("signin", "planted-by-somebody-else")
    log_in(client, PHONE, GIVEN)
    cookie = client.get_cookie("signin")
    assert cookie is not None
    assert cookie.value != "planted-by-somebody-else"
    client.set_cookie("signin", "planted-by-somebody-else")
    assert client.get("/jia").status_code == 303


def test_a_value_planted_before_signing_in_is_gone_after_it(client: FlaskClient, youth: Account) -> None:
    with client.session_transaction() as visit:
        visit["planted"] = "x"
    log_in(client, PHONE, GIVEN)
    with client.session_transaction() as visit:
        assert "planted" not in visit


def test_a_csrf_token_from_before_signing_in_is_dead_after_it(client: FlaskClient, youth: Account) -> None:
    before = token_in(client.get("/login").text)
    log_in(client, PHONE, GIVEN)
    assert client.post("/jia/security/sessions/end-all", data={"csrf_token": before}).status_code == 400
    assert client.get("/jia").status_code == 200


def test_a_sign_in_form_without_its_token_signs_nobody_in(client: FlaskClient, youth: Account) -> None:
    assert client.post("/login", data={"phone": PHONE, "password": GIVEN}).status_code == 400
    assert client.get_cookie("signin") is None


# --- where it leads

ELSEWHERE = [
    "//evil.example", "///evil.example", "////evil.example", "http://evil.example", "https:evil.example",
    "https:///evil.example", "\\\\evil.example", "/\\evil.example", "/\\/evil.example", "\\/evil.example",
    "/\t/evil.example", "/\n/evil.example", "/\r/evil.example", "\t//evil.example", " //evil.example",
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "evil.example", "@evil.example",
    "/%0d%0aLocation:http://evil.example\r\n", "?next=//evil.example", "#//evil.example", "//evil.example/%2f..",
    "//evil%E3%80%82example", "//evil。example", "///\\evil.example", "http:/evil.example", "/\x00/evil.example",
    "/\x0b/evil.example", "", "x/jia", "./jia", "../jia", "//127.0.0.1@evil.example", "\x01https://evil.example",
]  # fmt: skip


@pytest.mark.parametrize("target", ELSEWHERE)
def test_next_never_leads_elsewhere(target: str) -> None:
    assert local_target(target, "/jia") == "/jia"


@pytest.mark.parametrize("target", ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example"])
def test_signing_in_ignores_a_foreign_next(client: FlaskClient, youth: Account, target: str) -> None:
    assert log_in(client, PHONE, GIVEN, target).location == "/jia"
    assert client.get("/login", query_string={"next": target}).location == "/jia"


def test_next_leads_back_to_where_one_was(client: FlaskClient, youth: Account) -> None:
    asked = client.get("/jia/security?x=1").location
    assert asked is not None
    assert log_in(client, PHONE, GIVEN, "/jia/security?x=1").location == "/jia/security?x=1"


def test_staff_land_in_the_office(client: FlaskClient, world: World, session: Session, vault: Vault) -> None:
    who = make.account(session, vault, number="13900013005")
    who.password_hash = hash_password(LONG, memory_kib=64)
    make.appoint(session, who, world.school_s)
    assert log_in(client, "13900013005", LONG).location == "/twt"


def test_staff_with_a_short_password_are_asked_for_a_longer_one(
    client: FlaskClient, world: World, session: Session, vault: Vault
) -> None:
    who = make.account(session, vault, number="13900013006")
    who.password_hash = hash_password("短短的密码八位", memory_kib=64)
    make.appoint(session, who, world.school_s)
    assert log_in(client, "13900013006", "短短的密码八位").location == "/jia/security/password"
    page = client.get("/jia/security/password").text
    assert "12 位以上" in page
    fields = {"current": "短短的密码八位", "password": "还是太短的密码"}
    assert post(client, "/jia/security/password", **fields).status_code == 422
    fields["password"] = "一句足够长而且好记的话呀"
    assert post(client, "/jia/security/password", **fields).status_code == 303


# --- the end of a session


def test_a_session_ends_when_idle_and_in_any_case(client: FlaskClient, youth: Account, clock: StillClock) -> None:
    log_in(client, PHONE, GIVEN)
    clock.advance(minutes=30)
    assert client.get("/jia").status_code == 200
    clock.advance(minutes=30, seconds=1)
    assert client.get("/jia").status_code == 303
    log_in(client, PHONE, GIVEN)
    for _ in range(35):
        clock.advance(minutes=20)
        assert client.get("/jia").status_code == 200
    clock.advance(minutes=20)
    assert client.get("/jia").status_code == 303


def test_signing_out_kills_the_token_and_clears_the_browser(client: FlaskClient, youth: Account) -> None:
    log_in(client, PHONE, GIVEN)
    cookie = client.get_cookie("signin")
    assert cookie is not None
    page = client.get("/jia")
    assert page.headers["Cache-Control"] == "no-store"  # so that Back asks again
    answer = post(client, "/logout", page="/jia")
    assert answer.status_code == 303
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    client.set_cookie("signin", cookie.value)
    assert client.get("/jia").location.startswith("/login")


def test_signing_out_is_never_a_link(client: FlaskClient, youth: Account) -> None:
    assert client.get("/logout").status_code == 405


def test_a_new_device_is_told_in_the_inbox_and_the_first_one_is_not(
    make_client: Clients, work: Work, youth: Account
) -> None:
    first, second = make_client(), make_client()
    log_in(first, PHONE, GIVEN)
    deliver_due(work)
    assert work.session.scalar(messages.unread_query(youth.id)) == 0
    second.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (Windows NT 10.0) Chrome/126 Safari/537 Edg/126"
    log_in(second, PHONE, GIVEN)
    deliver_due(work)
    told = messages.inbox(work, youth.id)
    assert [m.title for m in told] == ["新设备登录了您的账号"]
    assert "Windows上的Edge" in told[0].body


def test_the_end_of_an_appointment_bites_on_the_next_request(
    client: FlaskClient, world: World, session: Session, clock: StillClock
) -> None:
    who = world.people["school_s"]
    sign_in(client, who)
    assert client.get("/twt").status_code == 200
    row = session.scalars(select(Appointment).where(Appointment.account_id == who.id)).one()
    row.ended_at, row.end_reason = clock.now(), "毕业"
    session.commit()
    assert client.get("/twt").status_code == 404


# --- reset


def reset(client: FlaskClient, work: Work, phone: str, password: str) -> int:
    """The three steps."""
    post(client, "/reset", phone=phone)
    post(client, "/reset/code", code=code_of(work, phone))
    return post(client, "/reset/password", password=password).status_code


def test_a_reset_ends_every_session_and_the_old_password(
    make_client: Clients, work: Work, session: Session, youth: Account
) -> None:
    elsewhere, here = make_client(), make_client()
    log_in(elsewhere, PHONE, GIVEN)
    assert reset(here, work, PHONE, PASSWORD) == 303
    assert elsewhere.get("/jia").status_code == 303
    assert log_in(here, PHONE, GIVEN).status_code == 422
    assert log_in(here, PHONE, PASSWORD).status_code == 303
    session.rollback()
    ended = session.scalars(select(SignIn.revoked_at).where(SignIn.account_id == youth.id)).all()
    assert sum(moment is None for moment in ended) == 1


def test_a_reset_answers_the_same_for_known_and_unknown_phones(
    make_client: Clients, work: Work, youth: Account
) -> None:
    seen = []
    for number in (PHONE, NOBODY):
        browser = make_client()
        sent = post(browser, "/reset", phone=number)
        code = browser.get("/reset/code")
        wrong = post(browser, "/reset/code", code="000000")
        masked = f"{number[:3]}****{number[-4:]}"
        seen.append(
            (sent.status_code, sent.location, strip(code).replace(masked, ""), strip(wrong).replace(masked, ""))
        )
    assert seen[0] == seen[1]
    assert len(texts(work, PHONE)) == len(texts(work, NOBODY)) == 1
    assert "还没有账号" in texts(work, NOBODY)[0]


def test_a_reset_works_once(client: FlaskClient, work: Work, youth: Account) -> None:
    post(client, "/reset", phone=PHONE)
    post(client, "/reset/code", code=code_of(work, PHONE))
    visit = client.get_cookie("visit")
    assert visit is not None
    assert post(client, "/reset/password", password=PASSWORD).status_code == 303
    client.set_cookie("visit", visit.value)
    post(client, "/reset/password", password="另一个好记的密码呀")
    assert log_in(client, PHONE, PASSWORD).status_code == 303


def test_links_in_messages_start_with_our_own_address(client: FlaskClient, work: Work, youth: Account) -> None:
    post(client, "/reset", phone=PHONE)
    for text in texts(work, PHONE):
        assert "http" not in text or work.settings.public_origin in text
