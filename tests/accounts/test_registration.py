"""Registration as a youth meets it: one thing per page, nothing lost, nothing given away."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kernel.audit.models import AuditEntry
from app.kernel.errors import Invalid
from app.kernel.vault import Vault
from app.kernel.work import Work
from app.league.accounts import consents
from app.league.accounts.guardians import forget_unanswered
from app.league.accounts.models import Account, AccountStatus, Consent, ConsentState
from app.league.accounts.operations import needs_guardian
from app.league.people.facts import clean_phone
from tests import factories as make
from tests.accounts.steps import (
    ADULT,
    CHILD,
    PASSWORD,
    account_with,
    code_of,
    log_in,
    post,
    prove_phone,
    register,
    tell_about,
    texts,
    token_in,
)
from tests.clock import StillClock

Clients = Callable[[], FlaskClient]
PHONE, GUARDIAN = "13900012001", "13900012002"


def test_a_youth_registers_and_is_signed_in(client: FlaskClient, work: Work, session: Session) -> None:
    answer = register(client, work, PHONE)
    assert (answer.status_code, answer.location) == (303, "/jia")
    assert "青年甲，您好" in client.get("/jia").text
    account = account_with(session, work, PHONE)
    assert account is not None
    assert account.status is AccountStatus.ACTIVE
    ledger = consents.of_account(work, account.id)
    assert {(c.purpose, c.text_hash) for c in ledger} == {(t.purpose, t.hash) for t in consents.texts_for(22)}
    told = session.scalars(select(AuditEntry.action).where(AuditEntry.object_id == account.public_id)).all()
    assert {"accounts:account:register", "accounts:consent:give", "accounts:login:ok"} <= set(told)


def test_the_phone_stands_nowhere_in_clear(client: FlaskClient, work: Work) -> None:
    prove_phone(client, work, PHONE)
    tell_about(client, ADULT)
    cookie = client.get_cookie("visit")
    assert cookie is not None
    assert PHONE not in cookie.decoded_value
    import base64

    body = cookie.decoded_value.split(".")[0]
    assert PHONE.encode() not in base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))


@pytest.mark.parametrize(
    ("step", "earlier"),
    [
        ("/jia/account/code", "/jia/account"),
        ("/jia/account/about", "/jia/account"),
        ("/jia/consent", "/jia/account/about"),
        ("/jia/account/password", "/jia/consent"),
        ("/jia/account/waiting", "/login"),
    ],
)
def test_no_step_can_be_skipped(client: FlaskClient, step: str, earlier: str) -> None:
    assert client.get(step).location == earlier


def test_a_known_and_an_unknown_phone_get_the_same_answers(
    make_client: Clients, work: Work, session: Session, vault: Vault
) -> None:
    make.account(session, vault, number="13900012010")
    answers = {}
    for number in ("13900012010", "13900012011"):
        browser = make_client()
        sent = post(browser, "/jia/account", phone=number)
        wrong = post(browser, "/jia/account/code", code="000000")
        body = wrong.text.replace(wrong.headers["X-Request-Id"], "")
        answers[number] = (sent.status_code, sent.location, wrong.status_code, re.sub(r'value="[^"]{30,}"', "", body))
    known, unknown = answers.values()
    plain = [re.sub(r"139\*\*\*\*\d{4}|content=\"[^\"]{40,}\"", "", a[3]) for a in (known, unknown)]
    assert known[:3] == unknown[:3]
    assert plain[0] == plain[1]
    assert "已有账号" in texts(work, "13900012010")[0]
    assert "验证码" in texts(work, "13900012011")[0]


def test_no_code_opens_the_door_of_a_phone_that_has_an_account(
    client: FlaskClient, work: Work, session: Session, vault: Vault
) -> None:
    make.account(session, vault, number=PHONE)
    post(client, "/jia/account", phone=PHONE)
    assert not re.search(r"\d{6}", texts(work, PHONE)[0])


def test_five_wrong_codes_burn_the_code(client: FlaskClient, work: Work) -> None:
    post(client, "/jia/account", phone=PHONE)
    code = code_of(work, PHONE)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(5):
        assert post(client, "/jia/account/code", code=wrong).status_code == 422
    assert post(client, "/jia/account/code", code=code).status_code == 422


def test_codes_cannot_be_tried_for_ever(client: FlaskClient, work: Work, clock: StillClock) -> None:
    """Whoever asks for code after code still gets ten tries an hour in all."""
    statuses = []
    for _ in range(3):
        post(client, "/jia/account", phone=PHONE)
        statuses += [post(client, "/jia/account/code", code="000000").status_code for _ in range(5)]
        clock.advance(minutes=2)
    assert statuses.count(422) == 10
    assert statuses[10:] == [429] * 5


def test_a_code_lives_ten_minutes_and_once(client: FlaskClient, work: Work, clock: StillClock) -> None:
    post(client, "/jia/account", phone=PHONE)
    code = code_of(work, PHONE)
    clock.advance(minutes=10)
    assert post(client, "/jia/account/code", code=code).status_code == 422


def test_a_second_code_within_a_minute_is_refused_in_the_form(client: FlaskClient) -> None:
    post(client, "/jia/account", phone=PHONE)
    answer = post(client, "/jia/account", phone=PHONE)
    assert answer.status_code == 429
    assert PHONE in answer.text


def test_errors_keep_what_was_typed_and_link_to_the_fields(client: FlaskClient, work: Work) -> None:
    prove_phone(client, work, PHONE)
    answer = post(client, "/jia/account/about", name="甲1", birth_date=["2009", "2", "30"])
    assert answer.status_code == 422
    for kept in ('value="甲1"', 'value="2009"', 'value="30"', 'href="#name"', 'href="#birth_date"', "<title>错误："):
        assert kept in answer.text


def test_both_ticks_are_separate_and_both_are_needed(client: FlaskClient, work: Work) -> None:
    prove_phone(client, work, PHONE)
    tell_about(client, ADULT)
    answer = post(client, "/jia/consent", terms="y")
    assert answer.status_code == 422
    assert 'href="#sensitive"' in answer.text
    assert 'href="#terms"' not in answer.text


def test_teenagers_read_their_own_words(client: FlaskClient, work: Work) -> None:
    prove_phone(client, work, PHONE)
    tell_about(client, date(2010, 1, 1))
    assert "建议先和家长说一声" in client.get("/jia/consent").text


def test_the_password_is_shown_only_on_request_and_nothing_is_sent_by_it(
    client: FlaskClient, work: Work, session: Session
) -> None:
    prove_phone(client, work, PHONE)
    tell_about(client, ADULT)
    post(client, "/jia/consent", terms="y", sensitive="y")
    seen = post(client, "/jia/account/password", password=PASSWORD, show="1")
    assert f'value="{PASSWORD}"' in seen.text
    assert seen.headers["Cache-Control"] == "no-store"
    assert account_with(session, work, PHONE) is None


@pytest.mark.parametrize(
    "weak",
    ["1234567", "12345678", "qwertyuiop", "gongqingtuan2016", "aaaaaaaa", f"q{PHONE}", "qnj20040301", "password1"],
)
def test_weak_passwords_are_refused_with_one_sentence(client: FlaskClient, work: Work, weak: str) -> None:
    prove_phone(client, work, PHONE)
    tell_about(client, ADULT)
    post(client, "/jia/consent", terms="y", sensitive="y")
    answer = post(client, "/jia/account/password", password=weak)
    assert answer.status_code == 422
    assert 'href="#password"' in answer.text


def test_the_last_form_sent_twice_makes_one_account(client: FlaskClient, work: Work, session: Session) -> None:
    prove_phone(client, work, PHONE)
    tell_about(client, ADULT)
    post(client, "/jia/consent", terms="y", sensitive="y")
    page = client.get("/jia/account/password").text
    once = re.search(r'name="once"[^>]*value="([^"]+)"', page)
    assert once
    fields = {"csrf_token": token_in(page), "once": once[1], "password": PASSWORD}
    visit = client.get_cookie("visit")
    assert visit is not None
    assert client.post("/jia/account/password", data=fields).location == "/jia"
    client.delete_cookie("signin")
    client.set_cookie("visit", visit.value)
    assert client.post("/jia/account/password", data=fields).location == "/jia"
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Account)) == 1


def child_waits(client: FlaskClient, work: Work) -> str:
    """A child registers; the token of the guardian's link."""
    prove_phone(client, work, PHONE)
    tell_about(client, CHILD)
    assert "爸爸妈妈" in client.get("/jia/consent").text
    post(client, "/jia/consent", guardian_name="家长甲", guardian_phone=GUARDIAN)
    assert post(client, "/jia/account/password", password=PASSWORD).location == "/jia/account/waiting"
    link = re.search(r"http://127\.0\.0\.1:8000/guardian/(\S+)", texts(work, GUARDIAN)[0])
    assert link
    return link[1]


def decide(client: FlaskClient, work: Work, clock: StillClock, token: str, verdict: str) -> int:
    """The guardian's visit."""
    clock.advance(minutes=1)
    work.now = clock.now()
    assert post(client, f"/guardian/{token}/code", page=f"/guardian/{token}").status_code == 303
    code = code_of(work, GUARDIAN)
    return post(client, f"/guardian/{token}", code=code, adult="y", verdict=verdict).status_code


def test_a_child_waits_until_the_guardian_agrees_on_another_phone(
    make_client: Clients, work: Work, session: Session, clock: StillClock
) -> None:
    child, guardian = make_client(), make_client()
    token = child_waits(child, work)
    assert log_in(child, PHONE, PASSWORD).location == "/jia/account/waiting"
    assert "正在等监护人同意" in child.get("/jia/account/waiting").text
    page = guardian.get(f"/guardian/{token}").text
    assert "青**" in page
    assert "青年甲" not in page
    assert decide(guardian, work, clock, token, "agree") == 303
    account = account_with(session, work, PHONE)
    assert account is not None
    assert account.status is AccountStatus.ACTIVE
    assert log_in(child, PHONE, PASSWORD).location == "/jia"


def test_agreeing_and_refusing_weigh_the_same(client: FlaskClient, work: Work) -> None:
    page = client.get(f"/guardian/{child_waits(client, work)}").text
    buttons = re.findall(r'<button type="submit" class="([^"]*)" name="verdict"', page)
    assert len(buttons) == 2
    assert buttons[0] == buttons[1]


def test_a_refusal_empties_the_account_and_frees_the_phone(
    client: FlaskClient, work: Work, session: Session, clock: StillClock
) -> None:
    token = child_waits(client, work)
    assert decide(client, work, clock, token, "refuse") == 303
    assert account_with(session, work, PHONE) is None
    kept = session.scalars(select(Account)).one()
    assert (kept.name, kept.birth_date, kept.status) == ("已删除", None, AccountStatus.DISABLED)
    assert session.scalars(select(Consent.state)).one() is ConsentState.REFUSED
    assert log_in(client, PHONE, PASSWORD).status_code == 422


def test_a_guardian_takes_the_agreement_back_and_the_child_is_out_at_once(
    make_client: Clients, work: Work, session: Session, clock: StillClock
) -> None:
    child, guardian = make_client(), make_client()
    token = child_waits(child, work)
    decide(guardian, work, clock, token, "agree")
    log_in(child, PHONE, PASSWORD)
    assert child.get("/jia").status_code == 200
    assert decide(guardian, work, clock, token, "withdraw") == 303
    assert child.get("/jia").status_code == 303


def test_no_decision_without_the_code(client: FlaskClient, work: Work, session: Session) -> None:
    token = child_waits(client, work)
    for verdict in ("agree", "refuse"):
        assert post(client, f"/guardian/{token}", code="000000", adult="y", verdict=verdict).status_code == 422
    account = account_with(session, work, PHONE)
    assert account is not None
    assert account.status is AccountStatus.GUARDIAN_PENDING


def test_a_guardian_link_ends_after_a_week_and_when_another_is_sent(
    client: FlaskClient, work: Work, clock: StillClock
) -> None:
    first = child_waits(client, work)
    clock.advance(minutes=1)
    post(client, "/jia/account/waiting/again", page="/jia/account/waiting")
    assert client.get(f"/guardian/{first}").status_code == 404
    work.now = clock.now()
    second = re.search(r"/guardian/(\S+)", texts(work, GUARDIAN)[0])
    assert second
    assert client.get(f"/guardian/{second[1]}").status_code == 200
    clock.advance(days=8)
    assert client.get(f"/guardian/{second[1]}").status_code == 404


def test_what_nobody_agreed_to_is_forgotten_after_a_month(
    client: FlaskClient, work: Work, session: Session, clock: StillClock
) -> None:
    child_waits(client, work)
    for days, kept in ((29, True), (2, False)):
        clock.advance(days=days)
        work.now = clock.now()
        work.session.rollback()
        forget_unanswered(work)
        assert (account_with(session, work, PHONE) is not None) is kept


def test_the_guardian_needs_another_phone(client: FlaskClient, work: Work) -> None:
    prove_phone(client, work, PHONE)
    tell_about(client, CHILD)
    answer = post(client, "/jia/consent", guardian_name="家长甲", guardian_phone=f"+86 {PHONE}")
    assert answer.status_code == 422
    assert "不能和你的相同" in answer.text


BOUNDARY = [
    (date(2012, 4, 21), date(2026, 4, 21), False),
    (date(2012, 4, 22), date(2026, 4, 21), True),
    (date(2012, 2, 29), date(2026, 2, 28), True),  # a birthday that does not exist is kept on 1 March
    (date(2012, 2, 29), date(2026, 3, 1), False),
    (date(2012, 2, 29), date(2028, 2, 28), False),
    (date(2014, 2, 28), date(2028, 2, 27), True),
    (date(2014, 2, 28), date(2028, 2, 28), False),
    (date(2014, 3, 1), date(2028, 2, 29), True),
    (date(2014, 3, 1), date(2028, 3, 1), False),
    (date(2012, 12, 31), date(2026, 12, 30), True),
    (date(2012, 12, 31), date(2026, 12, 31), False),
    (date(2012, 1, 1), date(2025, 12, 31), True),
    (date(2012, 1, 1), date(2026, 1, 1), False),
]


@pytest.mark.parametrize(("born", "today", "child"), BOUNDARY)
def test_childhood_ends_on_the_fourteenth_birthday(born: date, today: date, child: bool) -> None:
    assert needs_guardian(born, today) is child


@given(st.dates(date(1960, 1, 1), date(2026, 1, 1)))
def test_childhood_ends_exactly_once(born: date) -> None:
    eve = date(born.year + 14, 2, 28) if (born.month, born.day) == (2, 29) else born.replace(year=born.year + 14)
    assert needs_guardian(born, eve) is ((born.month, born.day) == (2, 29) and not _leap(eve.year))


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


@given(st.from_regex(r"1[3-9]\d{9}", fullmatch=True, alphabet="0123456789"), st.sampled_from(["", "+86", "86"]))
def test_a_phone_is_the_same_however_it_is_typed(digits: str, prefix: str) -> None:
    spaced = f"{prefix} {digits[:3]}-{digits[3:7]} {digits[7:]}"
    wide = "".join(chr(ord(c) + 0xFEE0) for c in digits)
    assert clean_phone(spaced) == clean_phone(wide) == digits


@given(st.text())
def test_whatever_is_typed_is_a_phone_or_a_sentence(text: str) -> None:
    sentence = found = ""
    try:
        found = clean_phone(text)
    except Invalid as problem:
        sentence = problem.text
    assert re.fullmatch(r"1[3-9]\d{9}", found) or "手机号" in sentence
