"""The API: who has no token is told so (401), what lies outside the scope is not there (404)."""

from typing import Any

from sqlalchemy.orm import Session

from app.kernel.vault import Vault
from app.league.accounts.models import Message
from tests import factories as make
from tests.pages.matrix import Row, everyone, named, signed_in
from tests.pages.table_my_file import THINGS as MINE
from tests.pages.table_notices import THINGS as NOTICES
from tests.pages.table_queue import ABOVE_B1, DECIDERS, READERS_OF_NUMBERS
from tests.pages.table_queue import THINGS as QUEUE
from tests.world import World

FIGURES = (*(name for name in DECIDERS if name != "delegate_c"),)
ADDRESSED = ("school_s", "college_c", "delegate_c", "secretary_b1")
OWNER = {"youth": 200}
STALE = {"version": 99}


def api(method: str, path: str, expected: dict[str, int], **values: Any) -> Row:
    """A row of the API."""
    return Row(method, f"/api/v1{path}", expected, visitor=401, **values)


ROWS = [
    api("GET", "/openapi.json", everyone(200)),
    api("GET", "/reference", everyone(200)),
    api("POST", "/tokens", everyone(400), body={}),
    api("GET", "/tokens", signed_in(200)),
    api("DELETE", "/tokens/current", signed_in(204)),
    api("DELETE", "/tokens/<public_id>", {}, thing="unknown"),
    api("POST", "/registration/codes", everyone(422), body={"phone": "12"}),
    api("POST", "/registration/proofs", everyone(422), body={"phone": "12", "code": "000000"}),
    api("GET", "/registration/texts", everyone(400)),
    api("POST", "/registrations", everyone(400), body={}),
    api("GET", "/organisations", everyone(200)),
    api("GET", "/organisations/search", everyone(400)),
    api("GET", "/organisations/<public_id>", everyone(200), thing="branch"),
    api("GET", "/draft", signed_in(200)),
    api("PATCH", "/draft", signed_in(200), body={"name": "林晓春"}),
    api("POST", "/draft/from-last-application", {}),
    api("POST", "/draft/guardian", {}, body={"name": "林建国", "phone": "13900011235"}),
    api("POST", "/draft/class-codes", signed_in(422), body={"code": "12"}),
    api("POST", "/draft/class-choice", signed_in(422), body={"note": "", "organisation": "nowhere"}),
    api("POST", "/draft/invitation", {}, body={"token": "nowhere"}),
    api("POST", "/applications", signed_in(422), body={}),
    api("GET", "/applications/mine", {}),
    api("POST", "/applications/mine/withdrawal", {}, body=STALE),
    api("POST", "/applications/mine/correction", {}, body={**STALE, "facts": {}}),
    api("POST", "/applications/mine/reminder", {}),
    api("GET", "/me", signed_in(200)),
    api("GET", "/file", OWNER, thing="mine"),
    api("GET", "/file/looks", signed_in(200)),
    api("POST", "/file/reveals", OWNER, thing="mine", body={"field": "phone"}),
    api("GET", "/messages", signed_in(200)),
    api("GET", "/messages/<public_id>", OWNER, thing="message"),
    api("POST", "/messages/<public_id>/receipt", OWNER, thing="message"),
    api("POST", "/message-receipts", signed_in(200)),
    api("GET", "/notices", signed_in(200)),
    api("GET", "/notices/<public_id>", named(200, *ADDRESSED), thing="to_school_s"),
    api("POST", "/notices/<public_id>/receipt", named(200, *ADDRESSED), thing="to_school_s"),
    api("GET", "/queue", named(200, *DECIDERS)),
    api("GET", "/applications/<public_id>", named(200, *ABOVE_B1), thing="request_b1"),
    api(
        "POST", "/applications/<public_id>/decisions", named(409, *ABOVE_B1),
        thing="request_b1", body={**STALE, "verdict": "approve"},
    ),
    api(
        "POST", "/applications/<public_id>/pass", named(409, *ABOVE_B1), thing="request_b1", body={**STALE, "note": "看"}
    ),
    api(
        "POST", "/applications/<public_id>/reopening", named(409, *ABOVE_B1),
        thing="rejected_b1", body={**STALE, "reason": "再看"},
    ),
    api("POST", "/applications/<public_id>/placement", {}, thing="request_b1", body={"branch": "nowhere"}),
    api(
        "POST", "/applications/<public_id>/number", named(200, *READERS_OF_NUMBERS),
        thing="request_b1", body={"reason": "核对身份"},
    ),
    api("GET", "/decisions", named(200, *DECIDERS)),
    api("POST", "/decisions/<public_id>/undo", {"secretary_b1": 200}, thing="decision_b1"),
    api("GET", "/figures", named(200, *FIGURES)),
]  # fmt: skip


def _unknown(world: World, session: Session, vault: Vault) -> dict[str, str]:
    return {"public_id": "A" * 22}


def _branch(world: World, session: Session, vault: Vault) -> dict[str, str]:
    return {"public_id": world.branch_b1.public_id}


def _message(world: World, session: Session, vault: Vault) -> dict[str, str]:
    row = Message(account_id=world.people["youth"].id, title="通过了", body="您的申请通过了", created_at=make.NOW)
    session.add(row)
    session.flush()
    return {"public_id": row.public_id}


THINGS = {
    "unknown": _unknown, "branch": _branch, "message": _message, "mine": MINE["mine"],
    "to_school_s": NOTICES["to_school_s"],
    **{name: QUEUE[name] for name in ("request_b1", "rejected_b1", "decision_b1")},
}  # fmt: skip
