"""The review desk."""

from sqlalchemy import insert

from app.league.joining.models import Decision, RequestState, Verdict
from tests import factories as make
from tests.pages.matrix import Row, named

ABOVE_B1 = ("province", "city_a", "school_s", "college_c", "delegate_c", "secretary_b1")
DECIDERS = (*ABOVE_B1, "city_b", "county_a1", "school_t", "enterprise_e", "secretary_t1")
READERS_OF_NUMBERS = tuple(name for name in ABOVE_B1 if name != "delegate_c")


def request_b1(world, session, vault):
    """An application that waits at branch B1."""
    return {"public_id": make.join_request(session, vault, world.branch_b1).public_id}


def rejected_b1(world, session, vault):
    """One that the secretary of B1 rejected a while ago."""
    who = world.people["secretary_b1"]
    decided = {"state": RequestState.REJECTED, "decided_by_id": who.id, "decided_at": make.NOW}
    return {"public_id": make.join_request(session, vault, world.branch_b1, **decided).public_id}


def decision_b1(world, session, vault):
    """A return by the secretary of B1, a moment ago; its applicant has no account, so no message waits."""
    who = world.people["secretary_b1"]
    decided = {"state": RequestState.RETURNED, "decided_by_id": who.id, "decided_at": make.NOW, "reason": "请改"}
    row = make.join_request(session, vault, world.branch_b1, **decided)
    row.account_id = None
    session.flush()
    values = {"public_id": "D" * 22, "request_id": row.id, "round": 1, "verdict": Verdict.RETURN, "reason": "请改"}
    values |= {"account_id": who.id, "account_name": who.name, "decided_at": make.NOW, "undo_until": make.NOW}
    session.execute(insert(Decision).values(**values))
    return {"public_id": "D" * 22}


ROWS = [
    Row("GET", "/twt/queue", named(200, *DECIDERS)),
    Row("GET", "/twt/queue/history", named(200, *DECIDERS)),
    Row("GET", "/twt/queue/<public_id>", named(200, *ABOVE_B1), thing="request_b1"),
    Row("POST", "/twt/queue/<public_id>/decide", named(422, *ABOVE_B1), thing="request_b1"),
    Row("POST", "/twt/queue/sheet", named(422, *DECIDERS)),
    Row("POST", "/twt/queue/<public_id>/pass", named(422, *ABOVE_B1), thing="request_b1"),
    Row("POST", "/twt/queue/<public_id>/skip", named(303, *ABOVE_B1), thing="request_b1"),
    Row("POST", "/twt/queue/<public_id>/here", named(200, *ABOVE_B1), thing="request_b1"),
    Row("POST", "/twt/queue/search", named(200, *DECIDERS)),
    Row("GET", "/twt/queue/keys", named(200, *DECIDERS)),
    Row("POST", "/twt/queue/keys", named(422, *DECIDERS)),
    Row("POST", "/twt/queue/keys/switch", named(303, *DECIDERS)),
    Row("POST", "/twt/queue/decisions/<public_id>/undo-sheet", {"secretary_b1": 303}, thing="decision_b1"),
    Row("POST", "/twt/queue/decisions/<public_id>/undo", {"secretary_b1": 303}, thing="decision_b1"),
    Row("POST", "/twt/queue/<public_id>/reopen", named(422, *ABOVE_B1), thing="rejected_b1"),
    Row("GET", "/twt/queue/<public_id>/place", named(200, *ABOVE_B1), thing="request_b1"),
    Row("POST", "/twt/queue/<public_id>/place", named(422, *ABOVE_B1), thing="request_b1"),
    Row("GET", "/twt/queue/<public_id>/number", named(200, *READERS_OF_NUMBERS), thing="request_b1"),
    Row("POST", "/twt/queue/<public_id>/number", named(422, *READERS_OF_NUMBERS), thing="request_b1"),
]
THINGS = {"request_b1": request_b1, "rejected_b1": rejected_b1, "decision_b1": decision_b1}
