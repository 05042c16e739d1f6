"""A database that is locked, full or gone: a 503 page in plain words, and what was typed is still there."""

import re
import sqlite3

import pytest
from sqlalchemy.exc import OperationalError

from app.extensions import db
from app.kernel.db import engine as engines
from app.league.accounts import sessions
from tests.helpers import sign_in, with_token

TYPED = "大同煤矿集团塔山煤矿团支部"


@pytest.fixture
def typing(client, world, app):
    """An administrator with a form in hand that writes: naming an organisation."""
    sign_in(client, world.people["city_a"])
    path = f"/twt/organisations/{world.school_s.public_id}/rename"
    return client, path, with_token(client, path, name=TYPED, version="1", once="a form sent once")


def test_a_locked_database_keeps_what_was_typed(typing, session, app, monkeypatch):
    if session.get_bind().dialect.name != "sqlite":
        pytest.skip("rows are locked one by one there")
    client, path, form = typing
    monkeypatch.setattr(engines, "PRAGMAS", (*engines.PRAGMAS, "PRAGMA busy_timeout=50"))
    session.close()
    with app.app_context():
        db.engine.dispose()
    other = sqlite3.connect(session.get_bind().url.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answer = client.post(path, data=form)
    other.execute("ROLLBACK")
    other.close()
    text = answer.get_data(as_text=True)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert TYPED in text
    assert "OperationalError" not in text
    kept = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', text.split("<main")[-1]))
    assert client.post(path, data=kept).status_code == 303, "the page's own button sends it again"


def test_a_database_that_is_gone_gives_a_page_and_not_a_trace(typing, monkeypatch):
    client, path, form = typing

    def gone(*_arguments):
        raise OperationalError(None, None, ConnectionError("connection refused"))

    monkeypatch.setattr(sessions, "session_of", gone)
    for answer in (client.get("/twt/"), client.post(path, data=form)):
        assert answer.status_code == 503
        assert "Content-Security-Policy" in answer.headers
        assert "refused" not in answer.get_data(as_text=True)
    assert TYPED in answer.get_data(as_text=True)
