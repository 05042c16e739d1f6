"""Rosters."""

from app.league.joining.models import RequestState, RosterEntry
from tests import factories as make
from tests.pages.matrix import Row, named

OVER_B1 = ("province", "city_a", "school_s", "college_c", "secretary_b1")
KEEPERS = (*OVER_B1, "city_b", "county_a1", "school_t", "enterprise_e", "secretary_t1")


def branch_b1(world, session, vault):
    """Branch B1."""
    return {"public_id": world.branch_b1.public_id}


def name_b1(world, session, vault):
    """A name on the roster of B1. Each persona takes one off, so the first finds it and the others do not."""
    row = RosterEntry(organisation_id=world.branch_b1.id, name="王小明", name_key="王小明", created_at=make.NOW)
    session.add(row)
    session.flush()
    return {"public_id": world.branch_b1.public_id, "entry_id": row.public_id}


def waited_for_b1(world, session, vault):
    """Branch B1, which waits for somebody's correction. It may remind once a day: the first persona does."""
    who, returned = world.people["secretary_b1"], RequestState.RETURNED
    make.join_request(session, vault, world.branch_b1, state=returned, decided_by_id=who.id, decided_at=make.NOW)
    return {"public_id": world.branch_b1.public_id}


ROWS = [
    Row("GET", "/twt/roster", named(303, *KEEPERS)),
    Row("GET", "/twt/roster/<public_id>", named(200, *OVER_B1), thing="branch_b1"),
    Row("POST", "/twt/roster/<public_id>/preview", named(422, *OVER_B1), thing="branch_b1"),
    Row("POST", "/twt/roster/<public_id>/names", named(422, *OVER_B1), thing="branch_b1"),
    Row("POST", "/twt/roster/<public_id>/remind", {**named(429, *OVER_B1), "province": 303}, thing="waited_for_b1"),
    Row("POST", "/twt/roster/<public_id>/names/<entry_id>/remove", {"province": 303}, thing="name_b1"),
]
THINGS = {"branch_b1": branch_b1, "waited_for_b1": waited_for_b1, "name_b1": name_b1}
