"""`phone_app`: an app on somebody's phone, as the tests of the API hold it."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.league.accounts.models import Account
from tests.helpers import sign_in_app


@dataclass
class PhoneApp:
    """Speaks to the API through ``client``. Every answer must be JSON and must bring no cookie."""

    client: FlaskClient

    def __call__(self, method: str, path: str, body: Any = None, *, key: str = "", **headers: str) -> TestResponse:
        """Ask: `app("POST", "/tokens", {...})`; a POST has a key of its own unless it is given one."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if method == "POST":
            sent["Idempotency-Key"] = key or secrets.token_hex(16)
        given = {"json": body} if body is not None else {}
        answer = self.client.open(f"/api/v1{path}", method=method, headers=sent, **given)
        assert answer.mimetype in ("application/json", "application/problem+json") or answer.status_code in (204, 304)
        assert "Set-Cookie" not in answer.headers
        return answer


@pytest.fixture
def phone_app(make_client: Callable[[], Any]) -> Callable[..., PhoneApp]:
    """Return a maker of apps: `phone_app(account)` is signed in, `phone_app()` is not yet."""

    def make(account: Account | None = None, *, second_factor: bool = False) -> PhoneApp:
        client = make_client()
        client.prepared.commit()
        return PhoneApp(sign_in_app(client, account, second_factor=second_factor) if account else client)

    return make
