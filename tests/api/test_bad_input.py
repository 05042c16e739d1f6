"""What cannot be meant is refused in plain words, whatever it is: never a trace, never a 500."""

import io
import json
import secrets

import pytest

from app.surfaces.api.reading import DEEPEST, LARGEST
from tests import factories as make

pytestmark = pytest.mark.embedded
DRAFT = "/api/v1/draft"


def nested(depth: int) -> str:
    return '{"a":' * depth + "1" + "}" * depth


BODIES = {
    "nothing": (b"", 400),
    "no JSON": (b"{", 400),
    "a list": (b"[]", 400),
    "a text": ('"姓名"'.encode(), 400),
    "a number": (b"1", 400),
    "null": (b"null", 400),
    "a wrong type": (b'{"name": 7}', 400),
    "a list for a text": (b'{"name": ["a"]}', 400),
    "null for a text": (b'{"name": null}', 400),
    "an unknown name": (b'{"state": "approved"}', 400),
    "an openid": (b'{"openid": "o123"}', 400),
    "a name twice": (b'{"name": "a", "name": "b"}', 400),
    "a name twice, written otherwise": (b'{"name": "a", "n\\u0061me": "b"}', 400),
    "NaN": (b'{"name": NaN}', 400),
    "Infinity": (b'{"name": -Infinity}', 400),
    "too large a number": (b'{"name": 1e999}', 400),
    "a number of a thousand digits": (b'{"name": ' + b"9" * 1000 + b"}", 400),
    "a number of ten thousand digits": (b'{"name": ' + b"9" * 10_000 + b"}", 400),
    "a little too deep": (nested(DEEPEST + 2).encode(), 400),
    "far too deep": (nested(10_000).encode(), 400),
    "deep lists": (b"[" * 20_000 + b"]" * 20_000, 400),
    "GB18030": ('{"name": "林晓春"}'.encode("gb18030"), 400),
    "UTF-16": ('{"name": "林晓春"}'.encode("utf-16"), 400),
    "a byte order mark": ('{"name": "林晓春"}'.encode("utf-8-sig"), 400),
    "half a character": (b'{"name": "\\ud800"}', 400),
    "NUL": (b'{"name": "\\u0000"}', 422),
    "too long a text": (json.dumps({"name": "长" * 300}).encode(), 400),
    "too large": (b'{"name": "' + b"x" * LARGEST + b'"}', 413),
}


@pytest.mark.parametrize(("body", "status"), BODIES.values(), ids=BODIES)
def test_a_body(phone_app, world, body: bytes, status: int) -> None:
    client = phone_app(world.people["youth"]).client
    answer = client.patch(DRAFT, data=body, content_type="application/json")
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.json["title"]
    assert client.get(DRAFT).json["facts"] == {}, "nothing of it was kept"


def test_a_body_in_chunks_is_not_read_half(phone_app, world) -> None:
    """What would be left of it after the largest size means something, too."""
    client, body = phone_app(world.people["youth"]).client, b'{"name": "a"}' + b" " * LARGEST + b"}"
    chunked = {"wsgi.input": io.BytesIO(body), "wsgi.input_terminated": True, "CONTENT_LENGTH": None}
    answer = client.patch(DRAFT, content_type="application/json", environ_overrides=chunked)
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "kind",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "application/xml",
     "application/json; charset=gb18030", "application/json; charset=utf-7", "application/jsonp"],
)  # fmt: skip
def test_a_wrong_kind_of_content(phone_app, world, kind: str) -> None:
    client = phone_app(world.people["youth"]).client
    assert client.patch(DRAFT, data='{"name": "林"}', content_type=kind).status_code == 415


@pytest.mark.parametrize(
    "query", ["size=0", "size=101", "size=x", "size=" + "9" * 30, "size=1&size=2", "extra=1", "size=-1"]
)
def test_a_query_that_the_document_does_not_know(phone_app, world, query: str) -> None:
    assert phone_app(world.people["youth"])("GET", f"/messages?{query}").status_code == 400


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "with a blank in it", "中文的键也不行中文的键也不行啊"])
def test_a_post_without_a_proper_key(phone_app, world, key: str) -> None:
    client = phone_app(world.people["youth"]).client
    headers = {"Idempotency-Key": key.encode().decode("latin-1")} if key else {}
    answer = client.post("/api/v1/message-receipts", headers=headers)
    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json["detail"]


def test_every_fault_is_told_at_once(phone_app, world) -> None:
    told = phone_app(world.people["youth"])("PATCH", "/draft", {"name": 1, "sex": [], "wish": 1}).json
    assert {fault["field"] for fault in told["errors"]} == {"name", "sex", "wish"}


def test_a_body_where_none_is_asked_for(phone_app, world) -> None:
    assert phone_app(world.people["youth"])("POST", "/message-receipts", {"all": True}).status_code == 400


def test_a_field_of_another_is_not_taken(phone_app, world, session, vault) -> None:
    """A returned application is corrected in what was returned; a sign-in takes no session of somebody else's."""
    app = phone_app(world.people["youth"])
    who = {"phone": make.phone(), "password": "x" * 9, "device": "手机", "account_id": 1, "staff": True}
    assert app("POST", "/tokens", who).status_code == 400
    assert app("DELETE", "/tokens/" + "A" * 22).status_code == 404


@pytest.mark.parametrize("query", ["after=%00", "after=%00%C2%96", "%00=1", "size=%00"])
def test_a_query_with_nul_is_not_as_the_document_says(phone_app, world, query: str) -> None:
    assert phone_app(world.people["youth"])("GET", f"/notices?{query}").status_code == 400


@pytest.mark.parametrize("path", ["", "/", "/v0/me", "/v1/me/", "/v1//me", "/v1/organisations/%00", "/v1/draft/../me"])
def test_an_address_that_leads_nowhere_says_so_as_json(client, path: str) -> None:
    answer = client.get(f"/api{path}" if path != "" else "/api/x")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_a_page_of_another_site_is_refused(phone_app, world) -> None:
    answer = phone_app(world.people["youth"])("PATCH", "/draft", {"name": "林"}, Origin="https://evil.example")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")


def test_an_error_of_ours_tells_nothing(phone_app, world, app, monkeypatch) -> None:
    def broken(**_: object) -> None:
        raise ValueError("王小明 149999200605170011 在这里")

    broken.gate = app.view_functions["api.show_me"].gate
    monkeypatch.setitem(app.view_functions, "api.show_me", broken)
    app.testing = False
    try:
        answer = phone_app(world.people["youth"])("GET", "/me")
    finally:
        app.testing = True
    assert answer.status_code == 500
    assert "149999" not in answer.text
    assert answer.json["instance"] == f"urn:request:{answer.headers['X-Request-Id']}"


def test_random_bytes_never_break_it(phone_app, world) -> None:
    client = phone_app(world.people["youth"]).client
    for _ in range(50):
        body, kind = secrets.token_bytes(secrets.randbelow(200)), "application/json"
        assert client.patch(DRAFT, data=body, content_type=kind).status_code == 400
