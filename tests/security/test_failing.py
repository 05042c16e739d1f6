"""Ways of failing: plain words, the right status, what was typed is kept, nothing is told that should not be."""

import re
import sqlite3
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event
from werkzeug.test import TestResponse
from wtforms import PasswordField

from app.surfaces.web import ended
from app.surfaces.web.forms import Form
from tests.conftest import DATABASE, Client
from tests.helpers import sign_in, with_token
from tests.security.site import read
from tests.world import World

INSIDES = re.compile(r"Traceback|File \"|sqlalchemy|sqlite3|psycopg|werkzeug|\bSELECT\b|\bINSERT\b|/app/")
embedded_only = pytest.mark.skipif(DATABASE != "sqlite", reason="a server's disk and locks are the server's")


def told(answer: TestResponse) -> str:
    """The page without what is new in every answer: its number, and the token, which carries the second."""
    text = answer.text.replace(answer.headers["X-Request-Id"], "")
    return re.sub(r'(name="csrf-token" content)="[^"]+"', r"\1", text)


def test_unknown_and_foreign_are_one_answer(client: Client, world: World) -> None:
    sign_in(client, world.people["secretary_t1"])
    answers = [client.get(f"/twt/organisations/{name}") for name in (world.branch_b1.public_id, "A" * 22, "0", "%00")]
    bodies = {told(answer) for answer in answers[:2]}
    assert [answer.status_code for answer in answers] == [404] * 4
    assert len(bodies) == 1


def test_a_method_that_is_not_declared(client: FlaskClient) -> None:
    answer = client.delete("/login")
    assert answer.status_code == 405
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))
    assert client.open("/login", method="TRACE").status_code == 405


def test_a_body_too_large(client: FlaskClient, app: Flask) -> None:
    limit = app.config["MAX_CONTENT_LENGTH"]
    for headers in ({}, {"HX-Request": "true"}):
        answer = client.post("/login", data=b"x" * (limit + 1), headers=headers, content_type="multipart/form-data")
        assert answer.status_code == 413
        assert "太大" in answer.text


def test_one_field_too_long_or_too_many_fields(client: FlaskClient) -> None:
    for fields in ([("phone", "1" * 600_000)], [(f"field{n}", "x") for n in range(1200)]):
        parts = (f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for name, text in fields)
        body = "".join(parts) + "--b--\r\n"
        answer = client.post("/login", data=body.encode(), content_type="multipart/form-data; boundary=b")
        assert answer.status_code == 413


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"--x\r\nno boundary"),
        ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\ncut off'),
        ("multipart/form-data; boundary=b", b"\xff\xfe\x00"),
        ("application/x-www-form-urlencoded", b"phone=%ff%fe&%00=%&&&=="),
        ("application/json", b"{"),
        ("application/x-www-form-urlencoded; charset=utf-7", b"phone=+ADw-script+AD4-"),
        ("", b"\x00"),
    ],
)
def test_a_body_that_cannot_be_read(client: FlaskClient, kind: str, body: bytes) -> None:
    answer = client.post("/login", data=body, content_type=kind, headers={"Origin": "http://localhost"})
    assert answer.status_code in (400, 413)
    assert not INSIDES.search(answer.text)
    assert "<script>" not in answer.text.replace('<script src="', "")


@pytest.mark.parametrize(
    "address",
    [
        "/twt/queue?after=%00", "/jia/msg?after='\"><svg>", "/orgs?parent=%F0%9F", "/search?q=%ff%fe", "/notices?page=-1",
        "/notices?page=99999999999999999999", "/notices?page=x", "/inbox?after=A", "/login?next=%ff", "/orgs?q=" + "x" * 5000,
        "/twt/audit?day=0000-99-99&after=-1", "/twt/people?after=%EF%BF%BF", "/out?to=javascript:alert(1)",
        "/notices?after=9999999999999999999999", "/twt/organisations?after=%2500",
    ],
)  # fmt: skip
def test_addresses_made_up_by_hand_never_break_a_page(client: Client, world: World, address: str) -> None:
    sign_in(client, world.people["province"])
    answer = client.get(address)
    assert answer.status_code < 500
    assert not INSIDES.search(answer.text)


def test_an_error_of_ours_tells_nothing(
    client: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(**_: object) -> None:
        raise ValueError("王小明 149999200605170011 在这里")

    monkeypatch.setitem(app.view_functions, "home.help_page", broken)
    broken.gate = app.view_functions["home.privacy"].gate
    app.testing = False
    try:
        answer = client.get("/help")
    finally:
        app.testing = True
    assert answer.status_code == 500
    assert "149999" not in answer.text
    assert not INSIDES.search(answer.text)
    assert answer.headers["X-Request-Id"] in answer.text


@pytest.fixture
def impatient(engine: Engine) -> Iterator[Callable[[str], None]]:
    """Return a setter of pragmas for the application's connections of this test."""
    pragmas = ["PRAGMA busy_timeout=50"]

    def connected(connection: sqlite3.Connection, _record: object) -> None:
        for pragma in pragmas:
            connection.execute(pragma)

    event.listen(engine, "connect", connected)
    engine.dispose()
    yield pragmas.append
    event.remove(engine, "connect", connected)
    engine.dispose()


@embedded_only
def test_a_locked_database_keeps_what_was_typed_and_takes_it_at_the_second_try(
    client: Client, world: World, engine: Engine, impatient: Callable[[str], None]
) -> None:
    fields = with_token(client, "/login", phone="13900019999", password="不该回显的密码", code="246810")
    holder = sqlite3.connect(str(engine.url.database), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    busy = client.post("/login", data=fields)
    holder.execute("ROLLBACK")
    holder.close()
    assert busy.status_code == 503
    assert busy.headers["Retry-After"]
    assert 'value="13900019999"' in busy.text
    assert "不该回显的密码" not in busy.text
    assert "246810" not in busy.text
    assert not INSIDES.search(busy.text)
    assert client.post("/login", data=fields).status_code == 422


@embedded_only
def test_a_full_database_says_so_and_keeps_what_was_typed(
    client: Client, world: World, engine: Engine, impatient: Callable[[str], None]
) -> None:
    sign_in(client, world.people["publisher"])
    writing = next(form for form in read("", 200, client.get("/twt/notices/new").text).forms if "title" in form.texts)
    impatient("PRAGMA max_page_count=1")  # no less than it has, says SQLite, and no more
    engine.dispose()
    fields = writing.filled("五月的工作") | {"body": "很长的通知。" * 3_000}
    full = client.post("/twt/notices/new", data=fields)
    assert full.status_code == 503
    assert "很长的通知。" * 3_000 in full.text
    assert not INSIDES.search(full.text)
    assert client.get("/twt/notices").status_code == 200


def test_no_secret_field_is_among_what_an_error_page_keeps(app: Flask) -> None:
    """Whatever a form calls its passwords and codes, the page of an error leaves them out."""
    with app.test_request_context(method="POST", data=dict.fromkeys(secret_fields(), "geheim")):
        assert ended.typed() == []
    assert len(secret_fields()) >= 3


def secret_fields() -> set[str]:
    """The names of password fields and one-time codes of all forms."""
    found = {"csrf_token", "code"}
    waiting = [Form]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        for name, value in vars(kind).items():
            if getattr(value, "field_class", None) is PasswordField:
                found.add(name)
    return found


def test_an_ended_session_is_401_for_a_fragment_and_a_way_in_for_a_page(client: Client, world: World) -> None:
    sign_in(client, world.people["youth"])
    fields = with_token(client, "/jia/security/password")
    client.delete_cookie("signin")
    fragment = client.post("/jia/msg/read", data=fields, headers={"HX-Request": "true"})
    assert fragment.status_code == 401
    assert "<html" not in fragment.text
    assert "/login" in fragment.text
    page = client.get("/jia/msg")
    assert page.status_code == 303
    assert page.headers["Location"] == "/login?next=/jia/msg"
