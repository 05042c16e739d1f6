"""What tests of pages do again and again."""

import re

from flask.testing import FlaskClient

from app.extensions import db
from app.kernel.db.unit import writing
from app.kernel.work import Actor, Work
from app.league.accounts.models import Account
from app.league.accounts.sessions import open_session
from app.surfaces.web.sessions import cookie_name


def sign_in(client: FlaskClient, account: Account, *, second_factor: bool = False) -> FlaskClient:
    """Give ``client`` a live session of ``account``, as signing in does."""
    app = client.application
    with app.app_context():
        here = app.extensions["house"]
        work = Work(db.session(), here.clock.now(), Actor("web"), here.vault, here.settings)
        with writing(work.session):
            kept = work.session.get_one(Account, account.id)
            token = open_session(work, kept, second_factor=second_factor, device="测试浏览器")
        client.set_cookie(cookie_name(), token)
        db.session.remove()
    return client


def with_token(client: FlaskClient, path: str, **fields: str) -> dict[str, str]:
    """``fields`` with the CSRF token of the page at ``path``, as a browser sends them."""
    page = client.get(path).get_data(as_text=True)
    found = re.search(r'name="csrf_token"[^>]*\bvalue="([^"]+)"', page)
    assert found, f"{path} has no form"
    return {"csrf_token": found[1], **fields}
