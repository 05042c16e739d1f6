"""Practice: for whoever decides; a run is its account's alone."""

from app.league.joining.models import PracticeRun
from tests import factories as make
from tests.pages.matrix import Row, named
from tests.pages.table_queue import DECIDERS

RUN = "/twt/practice/<public_id>"


def run_of_b1(world, session, vault):
    """A run of the secretary of B1 that has just begun."""
    row = PracticeRun(account_id=world.people["secretary_b1"].id, seed=1, started_at=make.NOW, answers=[])
    session.add(row)
    session.flush()
    return {"public_id": row.public_id}


ROWS = [
    Row("GET", "/twt/practice", named(200, *DECIDERS)),
    Row("POST", "/twt/practice", named(303, *DECIDERS)),
    Row("GET", RUN, {"secretary_b1": 200}, thing="run"),
    Row("POST", f"{RUN}/answer", {"secretary_b1": 422}, thing="run"),
    Row("POST", f"{RUN}/back", {"secretary_b1": 303}, thing="run"),
    Row("GET", f"{RUN}/result", {"secretary_b1": 303}, thing="run"),
]
THINGS = {"run": run_of_b1}
