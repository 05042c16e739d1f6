"""The reference client is enough: against a served application it registers, applies, reviews and undoes."""

import json
import sys
from pathlib import Path

import pytest
from flask import Flask

from tests import factories as make
from tests.accounts.steps import code_of
from tests.gallery.stage import serving
from tests.joining.applications import typed

pytestmark = pytest.mark.embedded
SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch):
    """The client's module."""
    monkeypatch.syspath_prepend(str(SCRIPTS))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    import app_client

    yield app_client
    del sys.modules["app_client"]


def test_from_registering_to_undoing(
    client, app: Flask, world, work, session, vault, tmp_path, monkeypatch, capsys
) -> None:
    phone, reviewer = make.phone(), make.account(session, vault, "团支书乙", number=make.phone())
    make.appoint(session, reviewer, world.branch_b1)
    session.commit()
    (tmp_path / "facts.json").write_text(json.dumps(typed(phone=phone)), encoding="utf-8")
    monkeypatch.setattr(client, "_asked", lambda variable, words: answers[variable]())
    answers = {"APP_CODE": lambda: code_of(work, phone), "APP_PASSWORD": lambda: make.PASSWORD}
    with serving(app) as site:

        def act(who: str, *words: str) -> str:
            token = tmp_path / who
            assert client.main(["--site", site, "--token", str(token), *words]) == 0
            assert not token.exists() or token.stat().st_mode & 0o077 == 0
            return capsys.readouterr().out

        assert "已登录" in act("youth", "register", phone, "林晓春", "2006-05-17")
        assert json.loads(act("youth", "apply", "会计20184", str(tmp_path / "facts.json")))["state"] == "submitted"
        act("reviewer", "sign-in", vault.open("phone", reviewer.phone_sealed))
        [waiting] = json.loads(act("reviewer", "queue"))["items"]
        decided = json.loads(act("reviewer", "approve", waiting["id"]))
        assert json.loads(act("youth", "progress"))["state"] == "approved"
        act("reviewer", "undo", decided["id"])
        assert json.loads(act("youth", "progress"))["state"] == "submitted"
        assert json.loads(act("reviewer", "figures"))["pending"] == 1
        act("reviewer", "sign-out")
        assert not (tmp_path / "reviewer").exists()
        assert client.main(["--site", site, "--token", str(tmp_path / "reviewer"), "queue"]) == 1
    assert "请先登录" in capsys.readouterr().err
