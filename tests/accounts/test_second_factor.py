"""动态口令: a value opens the door once, and nothing goes round it."""

import re
from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.config import Settings
from app.kernel.access.rules import Role
from app.kernel.access.viewer import Viewer
from app.kernel.errors import Invalid, Refused
from app.kernel.outbox.operations import deliver_due
from app.kernel.vault import Vault
from app.kernel.work import Work
from app.league.accounts import messages, second_factor
from app.league.accounts.models import Account, RecoveryCode, SignIn
from app.league.appointments.queries import live_posts
from tests import factories as make
from tests.accounts.steps import log_in, post
from tests.clock import StillClock
from tests.factories import PASSWORD as GIVEN
from tests.factories import TODAY
from tests.helpers import sign_in
from tests.world import World

Clients = Callable[[], FlaskClient]
PHONE = "13900014001"
BASE = "/jia/security/factor"


@pytest.fixture
def owner(session: Session, vault: Vault) -> Account:
    """Somebody who can sign in."""
    return make.account(session, vault, number=PHONE)


def enrol(client: FlaskClient, clock: StillClock) -> tuple[str, list[str]]:
    """Switch the factor on; the secret and the recovery codes."""
    post(client, f"{BASE}/begin", page=BASE)
    page = client.get(BASE).text
    found = re.search(r'id="secret">([^<]+)<', page)
    assert found
    secret = found[1].replace(" ", "")
    answer = post(client, BASE, code=pyotp.TOTP(secret).at(clock.now()))
    assert (answer.status_code, answer.location) == (303, f"{BASE}/codes")
    codes = re.findall(r"<li>(\S{5}-\S{5})</li>", client.get(f"{BASE}/codes").text)
    assert len(set(codes)) == 10
    return secret, codes


def test_enrolling_shows_a_picture_and_gives_a_fresh_session(
    client: FlaskClient, owner: Account, clock: StillClock, session: Session
) -> None:
    log_in(client, PHONE, GIVEN)
    before = client.get_cookie("signin")
    post(client, f"{BASE}/begin", page=BASE)
    picture = client.get(f"{BASE}/qr.svg")
    assert picture.mimetype == "image/svg+xml"
    assert picture.headers["Cache-Control"] == "no-store"
    enrol(client, clock)
    after = client.get_cookie("signin")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert client.get(f"{BASE}/qr.svg").status_code == 409
    session.rollback()
    live = session.scalars(select(SignIn).where(SignIn.revoked_at.is_(None))).one()
    assert live.second_factor_at is not None


def test_codes_are_shown_until_they_are_kept(client: FlaskClient, owner: Account, clock: StillClock) -> None:
    log_in(client, PHONE, GIVEN)
    _, codes = enrol(client, clock)
    post(client, f"{BASE}/codes/kept", page=f"{BASE}/codes")
    assert client.get(f"{BASE}/codes").status_code == 303
    assert codes[0] not in client.get(BASE).text


def test_looking_at_the_page_makes_no_secret(client: FlaskClient, owner: Account, session: Session) -> None:
    log_in(client, PHONE, GIVEN)
    client.get(BASE)
    session.refresh(owner)
    assert owner.totp_sealed is None


def test_the_password_alone_no_longer_opens(make_client: Clients, owner: Account, clock: StillClock) -> None:
    first, second = make_client(), make_client()
    log_in(first, PHONE, GIVEN)
    secret, _ = enrol(first, clock)
    assert log_in(second, PHONE, GIVEN, "/jia/msg").location == "/login/factor"
    assert second.get("/jia").status_code == 303
    clock.advance(seconds=30)
    answer = post(second, "/login/factor", code=pyotp.TOTP(secret).at(clock.now()))
    assert answer.location == "/jia/msg"
    assert second.get("/jia").status_code == 200


def test_a_value_is_taken_once(make_client: Clients, owner: Account, clock: StillClock) -> None:
    first = make_client()
    log_in(first, PHONE, GIVEN)
    secret, _ = enrol(first, clock)
    clock.advance(seconds=30)
    value = pyotp.TOTP(secret).at(clock.now())
    statuses = []
    for _ in range(2):
        browser = make_client()
        log_in(browser, PHONE, GIVEN)
        statuses.append(post(browser, "/login/factor", code=value).status_code)
    assert statuses == [303, 422]


@pytest.mark.parametrize(("steps", "status"), [(-2, 422), (-1, 303), (0, 303), (1, 303), (2, 422)])
def test_one_step_either_way_is_forgiven(
    make_client: Clients, owner: Account, clock: StillClock, steps: int, status: int
) -> None:
    first, second = make_client(), make_client()
    log_in(first, PHONE, GIVEN)
    secret, _ = enrol(first, clock)
    clock.advance(minutes=5)
    log_in(second, PHONE, GIVEN)
    assert (
        post(
            second, "/login/factor", code=pyotp.TOTP(secret).at(clock.now() + timedelta(seconds=30 * steps))
        ).status_code
        == status
    )


def test_a_recovery_code_opens_once(make_client: Clients, owner: Account, clock: StillClock, session: Session) -> None:
    first = make_client()
    log_in(first, PHONE, GIVEN)
    _, codes = enrol(first, clock)
    statuses = []
    for typed in (codes[3].upper(), codes[3]):
        browser = make_client()
        log_in(browser, PHONE, GIVEN)
        statuses.append(post(browser, "/login/factor", code=typed).status_code)
    assert statuses == [303, 422]
    session.rollback()
    kept = session.scalars(select(RecoveryCode.code_index)).all()
    assert not {c.replace("-", "") for c in codes} & set(kept)


def test_values_cannot_be_guessed_on_and_on(make_client: Clients, owner: Account, clock: StillClock) -> None:
    first, guesser = make_client(), make_client()
    log_in(first, PHONE, GIVEN)
    enrol(first, clock)
    clock.advance(minutes=5)
    log_in(guesser, PHONE, GIVEN)
    statuses = [post(guesser, "/login/factor", code=f"{n:06d}").status_code for n in range(6)]
    assert statuses == [422] * 5 + [429]


def test_the_ticket_between_the_steps_dies_in_five_minutes(
    make_client: Clients, owner: Account, clock: StillClock
) -> None:
    first, second = make_client(), make_client()
    log_in(first, PHONE, GIVEN)
    enrol(first, clock)
    log_in(second, PHONE, GIVEN)
    clock.advance(minutes=5)
    assert second.get("/login/factor").location == "/login"


def test_switching_off_takes_password_and_value(client: FlaskClient, owner: Account, clock: StillClock) -> None:
    log_in(client, PHONE, GIVEN)
    secret, codes = enrol(client, clock)
    remove = f"{BASE}/remove"
    assert post(client, remove, current="不对的密码啊", code=codes[0]).status_code == 422
    assert post(client, remove, current=GIVEN, code="000000").status_code == 422
    clock.advance(seconds=30)
    assert post(client, remove, current=GIVEN, code=pyotp.TOTP(secret).at(clock.now())).status_code == 303
    client.delete_cookie("signin")
    assert log_in(client, PHONE, GIVEN).location == "/jia"


def test_fresh_recovery_codes_replace_the_old(client: FlaskClient, owner: Account, clock: StillClock) -> None:
    log_in(client, PHONE, GIVEN)
    _, old = enrol(client, clock)
    assert post(client, f"{BASE}/codes/new", code=old[0]).status_code == 303
    fresh = re.findall(r"<li>(\S{5}-\S{5})</li>", client.get(f"{BASE}/codes").text)
    assert len(fresh) == 10
    assert not set(fresh) & set(old)
    assert post(client, f"{BASE}/codes/new", code=old[1]).status_code == 422


def viewer_of(session: Session, account: Account) -> Viewer:
    """Somebody as the operations see him."""
    return Viewer(account.id, account.public_id, account.name, posts=live_posts(session, account.id, TODAY))


def with_factor(work: Work, account: Account) -> None:
    """Give the account a factor that is on."""
    second_factor.begin(work, account)
    account.totp_enabled_at = work.now
    work.session.flush()


@pytest.mark.parametrize(
    ("who", "allowed"),
    [("province", True), ("city_a", True), ("school_s", False), ("city_b", False), ("system", False), ("youth", False)],
)
def test_only_a_superior_takes_a_lost_factor_away(
    world: World, work: Work, session: Session, client: FlaskClient, who: str, allowed: bool
) -> None:
    lost = world.people["school_s"]
    sign_in(client, lost)
    with_factor(work, lost)
    viewer = viewer_of(session, world.people[who])
    if not allowed:
        with pytest.raises(Refused):
            second_factor.reset_second_factor(work, viewer, lost, "当面核对了身份证")
        return
    second_factor.reset_second_factor(work, viewer, lost, "当面核对了身份证")
    session.commit()
    assert not second_factor.enabled(lost)
    assert client.get("/jia").status_code == 303
    deliver_due(work)
    assert [m.title for m in messages.inbox(work, lost.id)] == ["动态口令已由上级解除"]
    assert [m.title for m in messages.inbox(work, viewer.account_id)] == ["已解除动态口令"]


def test_every_post_must_lie_under_the_superior(world: World, work: Work, session: Session) -> None:
    lost = world.people["college_c"]
    make.appoint(session, lost, world.province, Role.PUBLISHER)
    with_factor(work, lost)
    with pytest.raises(Refused):
        second_factor.reset_second_factor(work, viewer_of(session, world.people["school_s"]), lost, "当面核对了身份证")


def test_taking_a_factor_away_needs_a_reason(world: World, work: Work, session: Session) -> None:
    lost = world.people["school_s"]
    with_factor(work, lost)
    with pytest.raises(Invalid):
        second_factor.reset_second_factor(work, viewer_of(session, world.people["city_a"]), lost, "丢了")


def test_administrators_in_production_enrol_before_anything_else(
    make_app: Callable[..., Flask], world: World, session: Session, settings: Settings
) -> None:
    session.commit()
    app = make_app(
        production=True,
        database_url=settings.database_url,
        trusted_hosts="league.example",
        public_origin="https://league.example",
        secure_cookies=True,
        sms_adapter="aliyun",
        password_cost=19456,
    )
    home, browser = "https://league.example", app.test_client()
    sign_in(browser, world.people["school_s"])
    token = browser.get_cookie("__Host-signin")
    assert token is not None
    browser.set_cookie("__Host-signin", token.value, domain="league.example", secure=True, path="/")
    asked = browser.get("/twt", base_url=home)
    assert (asked.status_code, asked.location) == (303, BASE)
    page = browser.get(BASE, base_url=home)
    assert page.status_code == 200
    assert "管理员要先开启动态口令" in page.text
