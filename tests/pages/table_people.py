"""Files: their list, pages, numbers in full, changes. A delegate, a publisher and the system administrator see none."""

from sqlalchemy.orm import Session

from app.kernel.vault import Vault
from tests.pages.matrix import Row, named
from tests.people.files import file_at, working
from tests.world import World

READERS = (
    "province", "city_a", "city_b", "county_a1", "school_s", "school_t", "enterprise_e", "college_c", "secretary_b1",
    "secretary_t1",
)  # fmt: skip
ABOVE_B1 = ("province", "city_a", "school_s", "college_c", "secretary_b1")
FILE = "file_b1"
ROWS = [
    Row("GET", "/twt/people", named(200, *READERS)),
    Row("POST", "/twt/people/search", named(422, *READERS)),
    Row("GET", "/twt/people/<public_id>", named(200, *ABOVE_B1), thing=FILE),
    Row("GET", "/twt/people/<public_id>/reveal/<name>", named(200, *ABOVE_B1), thing="number_b1"),
    Row("POST", "/twt/people/<public_id>/reveal/<name>", named(422, *ABOVE_B1), thing="number_b1"),
    Row("GET", "/twt/people/<public_id>/history", named(200, *ABOVE_B1), thing=FILE),
    Row("GET", "/twt/people/<public_id>/edit", named(200, *ABOVE_B1), thing=FILE),
    Row("POST", "/twt/people/<public_id>/edit", named(303, *ABOVE_B1), thing=FILE),
    Row("GET", "/twt/people/<public_id>/correct", named(200, *ABOVE_B1), thing=FILE),
    Row("GET", "/twt/people/<public_id>/correct/<name>", named(200, *ABOVE_B1), thing="locked_b1"),
    Row("POST", "/twt/people/<public_id>/correct/<name>", named(422, *ABOVE_B1), thing="locked_b1"),
]


def _file(world: World, session: Session, vault: Vault) -> dict[str, str]:
    return {"public_id": file_at(working(session, vault), world.branch_b1).public_id}


def _number(world: World, session: Session, vault: Vault) -> dict[str, str]:
    return {**_file(world, session, vault), "name": "id_number"}


def _locked(world: World, session: Session, vault: Vault) -> dict[str, str]:
    return {**_file(world, session, vault), "name": "birth_date"}


THINGS = {FILE: _file, "number_b1": _number, "locked_b1": _locked}
