"""Youths who stand one step before the end: half with an application typed in, half with a registration."""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.kernel.db.base import table_of
from app.kernel.vault import Vault
from app.league.accounts.models import Account, AccountStatus, SignIn
from app.league.accounts.passwords import hash_password
from app.league.accounts.sessions import token_hash
from app.league.joining.drafts import STEPS
from app.league.joining.models import Draft
from app.league.organisations.models import Organisation
from tests import factories as make
from tests.joining.applications import youth

FIRST_PHONE = 20_000
FIRST_BORN = date(2007, 1, 1)
"""Nobody of a generated province was born later."""
BATCH = 2000


@dataclass
class Person:
    """``kind``: submit or register. ``name``: the account's public id, or the phone. ``cookies``: what the browser has."""

    kind: str
    name: str
    cookies: dict[str, str]


def with_drafts(
    app: Flask, session: Session, vault: Vault, places: list[Organisation], count: int, first: int = 0
) -> list[Person]:
    """Accounts, signed in, with everything of an application typed. ``first``: how many were made before."""
    now = app.extensions["house"].clock.now()
    password, people = hash_password(make.PASSWORD, memory_kib=64), []
    for start in range(first, first + count, BATCH):
        rows: list[dict[str, Any]] = []
        for number in range(start, min(start + BATCH, first + count)):
            phone = f"139000{FIRST_PHONE + number:05d}"
            rows.append({
                "public_id": secrets.token_urlsafe(12), "name": "李小明", "phone_sealed": vault.seal("phone", phone),
                "phone_index": vault.index("phone", phone), "password_hash": password, "birth_date": date(2006, 5, 17),
                "status": AccountStatus.ACTIVE, "totp_last_step": 0, "created_at": now,
            })  # fmt: skip
        ids = session.scalars(insert(Account).returning(Account.id, sort_by_parameter_order=True), rows).all()
        tokens = [secrets.token_urlsafe(32) for _ in rows]
        until = now + timedelta(hours=12)
        session.execute(insert(table_of(SignIn)), [
            {"public_id": secrets.token_urlsafe(12), "token_hash": token_hash(token), "account_id": account,
             "created_at": now, "seen_at": now + timedelta(minutes=20), "expires_at": until}
            for token, account in zip(tokens, ids, strict=True)
        ])  # fmt: skip
        session.execute(insert(table_of(Draft)), [
            {"account_id": account, "content_sealed": vault.seal("draft", _draft(start + at, places)), "updated_at": now}
            for at, account in enumerate(ids)
        ])  # fmt: skip
        people += [
            Person("submit", str(row["public_id"]), {"signin": token}) for row, token in zip(rows, tokens, strict=True)
        ]
    return people


def _draft(number: int, places: list[Organisation]) -> str:
    born = FIRST_BORN + timedelta(days=number // 400)
    letters = make.CHARACTERS
    name = "李" + letters[number % len(letters)] + letters[number // len(letters) % len(letters)]
    typed = youth(name=name, id_number=make.id_number(born, n=number % 500))
    typed["phone"] = f"139000{FIRST_PHONE + number:05d}"
    typed["organisation"] = places[number % len(places)].public_id
    return json.dumps({"typed": typed, "done": list(STEPS)}, ensure_ascii=False)


def registering(app: Flask, vault: Vault, first: int, count: int) -> Iterator[Person]:
    """Visitors who have proved their phone and agreed; the password is still to be chosen."""
    until = (app.extensions["house"].clock.now() + timedelta(minutes=30)).isoformat()
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    for number in range(first, first + count):
        phone = f"139000{FIRST_PHONE + number:05d}"
        state = {"phone": phone, "proved": True, "name": "王小红", "birth_date": "2006-05-17", "agreed": True}
        ticket = vault.seal("ticket:registration", json.dumps({**state, "until": until}, ensure_ascii=False))
        visit = signer.dumps({"registration": ticket, "csrf_token": secrets.token_hex(20)})
        yield Person("register", phone, {"visit": visit})
