"""One effect per Idempotency-Key: the second sending of a request gets the first one's answer, and changes nothing."""

import base64
import contextlib
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from flask import Response, g, request

from app.kernel import once
from app.kernel.vault import Vault
from app.surfaces.web.house import Change, changing, viewer, work
from app.surfaces.web.problems import Kind, Malformed

HEADER = "Idempotency-Key"
PATTERN = "^[A-Za-z0-9_-]{16,64}$"
SIGNED = "app"
"""What tokens are signed for."""
OTHER = "这个 Idempotency-Key 已经用于另一个请求"


@dataclass(frozen=True)
class Sending:
    """One sending: the sender's own ``key``, where it counts (``place``), and what was ``sent`` under it."""

    key: str
    place: str
    sent: str


class Stored(msgspec.Struct):
    """An answer as it is kept. ``seed``: what its token was made from; the token itself is not kept."""

    status: int
    body: msgspec.Raw
    seed: str = ""


def begin() -> None:
    """Note the sending of this request. Raises Malformed without a proper key."""
    key = request.headers.get(HEADER, "")
    if not re.fullmatch(PATTERN[1:-1], key):
        raise Malformed(f"每个 POST 都要带 {HEADER}：16 到 64 个字母、数字、_ 或 -，每次办事换一个新的")
    sent = f"{request.method} {request.path}\n{request.get_data(as_text=True)}"
    who = viewer()
    # Nobody who is not signed in can stumble over somebody else's key: there, what is sent is a part of it.
    g.sending = Sending(key, f"{who.account_id}:{key}" if who else f"nobody:{key}:{sent}", sent)


def earlier() -> Response | None:
    """What this very sending was answered before; None when it is the first. Raises Kind for another request's key."""
    sending: Sending = g.sending
    here = work()
    kept = once.answered(here, sending.place, sending.sent)
    if kept is None:
        return None
    if not kept.same:
        raise Kind(422, "idempotency-key", OTHER, {HEADER: OTHER})
    stored = msgspec.json.decode(kept.reply, type=Stored)
    body: Any = msgspec.json.decode(stored.body)
    if stored.seed:
        body["token"] = _token(here.vault, stored.seed)
    response = Response(msgspec.json.encode(body), stored.status, mimetype="application/json")
    response.headers["Idempotency-Replayed"] = "true"
    return response


@contextlib.contextmanager
def one_effect() -> Iterator[Change]:
    """One writing transaction. Set ``answer`` of what is yielded: it is kept with the change, or neither is."""
    with changing() as change:
        yield change
        if change.answer is not None:
            sending: Sending = g.sending
            bare = msgspec.structs.replace(change.answer, token="") if change.seed else change.answer
            stored = Stored(g.operation.status, msgspec.Raw(msgspec.json.encode(bare)), change.seed)
            once.keep_answer(change, sending.place, sending.sent, msgspec.json.encode(stored).decode())


def new_token(change: Change) -> str:
    """A token nobody can foresee, which only who holds this request's own key and our keys could make again."""
    change.seed = f"{change.vault.current.id}.{secrets.token_hex(16)}"
    return _token(change.vault, change.seed)


def _token(vault: Vault, seed: str) -> str:
    sending: Sending = g.sending
    signed = vault.sign(SIGNED, f"{seed}\n{sending.key}\n{sending.sent}".encode(), seed.partition(".")[0])
    return base64.urlsafe_b64encode(signed).decode().rstrip("=")
