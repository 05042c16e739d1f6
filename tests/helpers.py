"""What tests of pages do again and again."""

import re

from flask import Flask
from flask.testing import FlaskClient

from app.extensions import db
from app.kernel.db.unit import writing
from app.kernel.work import Actor, Work
from app.league.accounts.models import Account, SignInKind
from app.league.accounts.sessions import open_session
from app.surfaces.web.sessions import cookie_name


def sign_in(client: FlaskClient, account: Account, *, second_factor: bool = False) -> FlaskClient:
    """Give ``client`` a live session of ``account``, as signing in does."""
    token = token_of(client.application, account, SignInKind.BROWSER, second_factor=second_factor)
    with client.application.app_context():
        client.set_cookie(cookie_name(), token)
    return client


def sign_in_app(client: FlaskClient, account: Account, *, second_factor: bool = False) -> FlaskClient:
    """Let ``client`` send the bearer token of a live session of ``account``, as an app does."""
    token = token_of(client.application, account, SignInKind.APP, second_factor=second_factor)
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


def token_of(app: Flask, account: Account, kind: SignInKind, *, second_factor: bool = False) -> str:
    """The token of a fresh session of ``account``."""
    with app.app_context():
        here = app.extensions["house"]
        work = Work(db.session(), here.clock.now(), Actor("web"), here.vault, here.settings)
        with writing(work.session):
            kept = work.session.get_one(Account, account.id)
            token = open_session(work, kept, second_factor=second_factor, device="测试设备", kind=kind)
        db.session.remove()
    return token


def with_token(client: FlaskClient, path: str, **fields: str) -> dict[str, str]:
    """``fields`` with the CSRF token of the page at ``path``, as a browser sends them."""
    page = client.get(path).get_data(as_text=True)
    found = re.search(r'name="csrf_token"[^>]*\bvalue="([^"]+)"', page)
    assert found, f"{path} has no form"
    return {"csrf_token": found[1], **fields}
