"""Every URL × every role, against tables written by hand."""

import importlib
import pkgutil
import re
import secrets
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.config import Settings
from app.kernel.vault import Vault
from app.league.accounts.models import Account
from tests import pages
from tests.conftest import DATABASE
from tests.helpers import sign_in, sign_in_app
from tests.pages.matrix import PERSONAS, Row
from tests.world import World


def runs_once(row: Row) -> bool:
    """Whether the embedded database is enough for ``row``."""
    return row.method == "POST" or row.rule.startswith("/api/")


TABLES: list[ModuleType] = [
    importlib.import_module(f"tests.pages.{module.name}")
    for module in pkgutil.iter_modules(pages.__path__)
    if module.name.startswith("table_")
]
# A form with nothing filled in is not an empty body: browsers always send the hidden fields.
EMPTY = {"POST": {"sent": "empty"}}
# The CSRF token carries the second it was made in.
TOKEN = re.compile(r'(?<=<meta name="csrf-token" content=")[^"]+')
# A form refused for its emptiness or its sender asks the database nothing new, nor does the API beside the pages: those
# rows run once. Pages run on both.
ROWS = [
    pytest.param(table, row, id=f"{row.method} {row.rule}", marks=pytest.mark.embedded if runs_once(row) else ())
    for table in TABLES
    for row in table.ROWS
]


def rules_of(app: Flask) -> set[tuple[str, str]]:
    """(method, rule) of every view but static files."""
    return {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_the_tables_name_every_url_and_no_other(app: Flask) -> None:
    named = [(row.method, row.rule) for table in TABLES for row in table.ROWS]
    assert rules_of(app) == set(named)


@pytest.fixture
def without_csrf(app: Flask):
    """CSRF has tests of its own; here the gates are asked."""
    app.config["WTF_CSRF_ENABLED"] = False
    yield
    app.config["WTF_CSRF_ENABLED"] = True


def entering(row: Row) -> Callable[[FlaskClient, Account], FlaskClient]:
    """How somebody signs in who opens ``row``."""
    return sign_in_app if row.rule.startswith("/api/") else sign_in


def sent(row: Row) -> dict[str, Any]:
    """What goes with a request for ``row``: a form with nothing in it, or the row's JSON under a fresh key."""
    if not row.rule.startswith("/api/"):
        return {"data": EMPTY.get(row.method)}
    headers = {"Idempotency-Key": secrets.token_hex(16)} if row.method == "POST" else {}
    return {"json": row.body, "headers": headers} if row.body is not None else {"headers": headers}


def asking(row: Row) -> list[str]:
    """Everybody; on PostgreSQL one for each answer: who may is decided before a database is asked."""
    if DATABASE == "sqlite":
        return list(PERSONAS)
    return list({row.status_for(persona): persona for persona in reversed(PERSONAS)}.values())


@pytest.mark.parametrize(("table", "row"), ROWS)
def test_each_persona_gets_what_the_table_says(
    table: ModuleType,
    row: Row,
    world: World,
    session: Session,
    vault: Vault,
    settings: Settings,
    make_client: Callable[[], FlaskClient],
    without_csrf: None,
) -> None:
    session.info["settings"] = settings
    names = table.THINGS[row.thing](world, session, vault) if row.thing else {}
    session.commit()
    address = row.rule
    for name, value in names.items():
        for form in (f"<{name}>", f"<path:{name}>", f"<int:{name}>"):
            address = address.replace(form, str(value))
    assert "<" not in address, "the thing does not fill the rule"
    got, wanted = {}, {}
    for persona in asking(row):
        browser = make_client()
        if persona != "anonymous":
            entering(row)(browser, world.people[persona])
        with browser.open(address, method=row.method, **sent(row)) as answer:
            got[persona] = answer.status_code
        wanted[persona] = row.status_for(persona)
    assert got == wanted


@pytest.mark.parametrize(("table", "row"), [p for p in ROWS if p.values[1].thing and p.values[1].method == "GET"])
def test_a_foreign_and_an_unknown_id_are_the_same_answer(
    table: ModuleType,
    row: Row,
    world: World,
    session: Session,
    vault: Vault,
    settings: Settings,
    make_client: Callable[[], FlaskClient],
) -> None:
    """Somebody with the same power elsewhere learns nothing: status and body are equal."""
    stranger = next((p for p in ("school_t", "secretary_t1", "other_youth") if row.status_for(p) == 404), None)
    if stranger is None:
        pytest.skip("open to everybody")
    session.info["settings"] = settings
    names = table.THINGS[row.thing](world, session, vault)
    session.commit()
    browser = make_client()
    entering(row)(browser, world.people[stranger])
    foreign, unknown = row.rule, row.rule
    for name, value in names.items():
        foreign = foreign.replace(f"<{name}>", str(value))
        unknown = unknown.replace(f"<{name}>", "A" * len(str(value)))
    seen = [browser.get(address) for address in (foreign, unknown)]
    bodies = [TOKEN.sub("", answer.text.replace(answer.headers["X-Request-Id"], "")) for answer in seen]
    assert [answer.status_code for answer in seen] == [404, 404]
    assert bodies[0] == bodies[1]
