"""Text messages: the provider's signature, the budget, the page of the demonstration."""

import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.db.unit import writing
from app.kernel.errors import TooMany
from app.kernel.outbox.models import OutboxMessage
from app.kernel.outbox.operations import deliver_due
from app.kernel.work import Work
from app.league.accounts import sms
from app.league.accounts.models import DemonstrationSms, SmsCode
from tests.accounts.steps import post, texts

PHONE = "13900016001"
KEY, SECRET = "demonstration-key", "demonstration-secret"


class Provider(BaseHTTPRequestHandler):
    """A stand-in for the provider: it checks the signature from what arrived, by the published recipe alone."""

    got: list[dict[str, str]] = []
    answers: list[tuple[int, str]] = []

    def do_POST(self) -> None:
        """Judge one request."""
        query = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        status, code = (403, "SignatureDoesNotMatch") if not self.signed(query) else (200, "OK")
        if self.answers:
            status, code = self.answers.pop(0)
        self.got.append(query)
        body = json.dumps({"Code": code}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def signed(self, query: dict[str, str]) -> bool:
        """Recompute ACS3-HMAC-SHA256 over the request as received."""
        scheme, rest = self.headers["Authorization"].split(" ", 1)
        parts = dict(part.split("=", 1) for part in rest.split(","))
        names = parts["SignedHeaders"].split(";")
        length = int(self.headers.get("Content-Length") or 0)
        body_hash = hashlib.sha256(self.rfile.read(length)).hexdigest()
        lines = [
            self.command,
            urlsplit(self.path).path,
            "&".join(f"{quote(k, safe='~')}={quote(v, safe='~')}" for k, v in sorted(query.items())),
            *(f"{name}:{self.headers[name].strip()}" for name in sorted(names)),
            "",
            parts["SignedHeaders"],
            body_hash,
        ]
        digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        right = hmac.new(SECRET.encode(), f"{scheme}\n{digest}".encode(), hashlib.sha256).hexdigest()
        needed = {
            "host",
            "x-acs-action",
            "x-acs-content-sha256",
            "x-acs-date",
            "x-acs-signature-nonce",
            "x-acs-version",
        }
        return (
            scheme == "ACS3-HMAC-SHA256"
            and parts["Credential"] == KEY
            and needed <= set(names)
            and self.headers["x-acs-content-sha256"] == body_hash
            and hmac.compare_digest(parts["Signature"], right)
        )

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def provider() -> Iterator[str]:
    """The address of the stand-in."""
    Provider.got, Provider.answers = [], []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def earnest(work: Work, provider: str) -> Work:
    """A unit of work whose messages go to the provider."""
    chosen = {
        "sms_adapter": "aliyun",
        "sms_key_id": KEY,
        "sms_key_secret": SECRET,
        "sms_endpoint": provider,
        "sms_sign_name": "山西青年网",
        "sms_template": "code=SMS_1001,guardian=SMS_1002,known=SMS_1003",
    }
    work.settings = replace(work.settings, **chosen)
    return work


def send(work: Work, phone: str = PHONE, **values: str) -> None:
    """Send a code."""
    with writing(work.session):
        sms.send_code(work, phone, "register", **values)


def test_a_code_reaches_the_provider_properly_signed(earnest: Work) -> None:
    send(earnest)
    assert deliver_due(earnest) == 1
    (query,) = Provider.got
    assert (query["PhoneNumbers"], query["SignName"], query["TemplateCode"]) == (PHONE, "山西青年网", "SMS_1001")
    assert set(json.loads(query["TemplateParam"])) == {"code"}


def test_a_guardian_is_named_with_characters_that_need_quoting(earnest: Work) -> None:
    with writing(earnest.session):
        sms.send_text(earnest, PHONE, "guardian", child="欧***", link="https://example.invalid/guardian/a-b_c~d")
    assert deliver_due(earnest) == 1
    assert Provider.got[0]["TemplateCode"] == "SMS_1002"
    assert json.loads(Provider.got[0]["TemplateParam"])["child"] == "欧***"


def test_a_wrong_secret_is_noticed_by_the_stand_in(earnest: Work) -> None:
    earnest.settings = replace(earnest.settings, sms_key_secret="another")
    send(earnest)
    assert deliver_due(earnest) == 0


@pytest.mark.parametrize("answer", [(500, "OK"), (200, "isv.BUSINESS_LIMIT_CONTROL")])
def test_what_the_provider_refuses_stays_in_the_outbox(earnest: Work, answer: tuple[int, str]) -> None:
    Provider.answers = [answer]
    send(earnest)
    assert deliver_due(earnest) == 0
    earnest.session.rollback()
    kept = earnest.session.scalars(select(OutboxMessage)).one()
    assert (kept.sent_at, kept.attempts) == (None, 1)
    earnest.now = kept.available_at
    assert deliver_due(earnest) == 1


def test_a_dead_provider_is_waited_out(earnest: Work) -> None:
    earnest.settings = replace(earnest.settings, sms_endpoint="http://127.0.0.1:9")
    send(earnest)
    assert deliver_due(earnest) == 0


def test_the_budget_of_a_day_holds(work: Work) -> None:
    work.settings = replace(work.settings, sms_daily_budget=3)
    for n in range(3):
        send(work, f"1390001700{n}")
    with pytest.raises(TooMany):
        send(work, "13900017009")
    work.session.rollback()
    assert len(work.session.scalars(select(SmsCode)).all()) == 3


def test_neither_code_nor_phone_is_kept_in_clear(work: Work, session: Session) -> None:
    send(work)
    shown = texts(work, PHONE)[0]
    code = shown[4:10]
    kept = session.scalars(select(SmsCode)).one()
    sent = session.scalars(select(DemonstrationSms)).one()
    outgoing = session.scalars(select(OutboxMessage)).one()
    everything = " ".join(
        (kept.phone_index, kept.code_index, sent.phone_sealed, sent.text_sealed, outgoing.payload_sealed)
    )
    assert code not in everything
    assert PHONE not in everything


def test_the_demonstration_page_shows_the_newest_first_and_finds_by_the_last_four(
    client: FlaskClient, work: Work
) -> None:
    send(work, "13900016002")
    send(work, "13900016003")
    deliver_due(work)
    page = client.get("/demo/messages").text
    assert page.index("139****6003") < page.index("139****6002")
    assert "13900016003" not in page
    found = post(client, "/demo/messages", ending="6002").text
    assert "139****6002" in found
    assert "139****6003" not in found


def test_the_page_does_not_exist_in_production(make_app: Callable[..., Flask]) -> None:
    app = make_app(
        production=True,
        trusted_hosts="league.example",
        public_origin="https://league.example",
        secure_cookies=True,
        sms_adapter="aliyun",
        password_cost=19456,
    )
    client = app.test_client()
    for way in (client.get, client.post, client.put):
        for address in ("/demo/messages", "/demo/trouble"):
            assert way(address, base_url="https://league.example").status_code == 404
