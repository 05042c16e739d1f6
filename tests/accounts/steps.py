"""What the tests of accounts do again and again: press through forms, read the text messages."""

import re
from datetime import date
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.kernel.outbox.operations import deliver_due
from app.kernel.work import Work
from app.league.accounts import sms
from app.league.accounts.models import Account

PASSWORD = "汾河边的路灯亮了"
ADULT = date(2004, 3, 1)
CHILD = date(2014, 3, 1)


def token_in(page: str) -> str:
    """The CSRF token of a page."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, "the page has no form"
    return found[1]


def post(client: FlaskClient, url: str, *, page: str | None = None, **fields: Any) -> TestResponse:
    """Fill in the form on ``page`` (the address itself unless said) and send it to ``url``, hidden fields and all."""
    shown = client.get(page or url).text
    values: dict[str, Any] = {"csrf_token": token_in(shown)}
    once = re.search(r'name="once"[^>]*value="([^"]+)"', shown)
    if once:
        values["once"] = once[1]
    return client.post(url, data={**values, **fields})


def texts(work: Work, phone: str) -> list[str]:
    """What ``phone`` got by SMS, the newest first, after everything due is delivered."""
    work.session.rollback()  # what was looked at before is not all there is now
    deliver_due(work)
    work.session.rollback()
    return [row.text for row in sms.shown(work, phone)]


def code_of(work: Work, phone: str) -> str:
    """The code in the last message to ``phone``."""
    found = re.search(r"验证码 (\d{6})", texts(work, phone)[0])
    assert found, "the last message holds no code"
    return found[1]


def prove_phone(client: FlaskClient, work: Work, phone: str) -> TestResponse:
    """Registration up to the proved phone."""
    assert post(client, "/jia/account", phone=phone).status_code == 303
    return post(client, "/jia/account/code", code=code_of(work, phone))


def tell_about(client: FlaskClient, born: date, name: str = "青年甲") -> TestResponse:
    """Registration's third step."""
    return post(client, "/jia/account/about", name=name, birth_date=[str(born.year), str(born.month), str(born.day)])


def register(client: FlaskClient, work: Work, phone: str, born: date = ADULT, password: str = PASSWORD) -> TestResponse:
    """All of it, for somebody who decides for himself."""
    prove_phone(client, work, phone)
    tell_about(client, born)
    post(client, "/jia/consent", terms="y", sensitive="y")
    return post(client, "/jia/account/password", password=password)


def account_with(session: Session, work: Work, phone: str) -> Account | None:
    """The account behind ``phone``."""
    session.rollback()
    return session.scalars(select(Account).where(Account.phone_index == work.vault.index("phone", phone))).one_or_none()


def log_in(client: FlaskClient, phone: str, password: str, target: str = "") -> TestResponse:
    """Send the sign-in form."""
    return post(client, "/login", phone=phone, password=password, next=target)
