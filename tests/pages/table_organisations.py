"""The tree, one organisation, and what changes it."""

from app.league.organisations.models import Kind, OrganisationBatch
from tests import factories as make
from tests.pages.matrix import Row, named

READERS = named(
    200, "province", "city_a", "city_b", "county_a1", "school_s", "school_t", "enterprise_e", "college_c",
    "secretary_b1", "secretary_t1",
)  # fmt: skip
# For college C: its own administrator, and those of the school, the city and the province above it.
COLLEGE_READERS = named(200, "province", "city_a", "school_s", "college_c")
COLLEGE_OWN = ("province", "city_a", "school_s", "college_c")
ABOVE_COLLEGE = ("province", "city_a", "school_s")
PLACE = "/twt/organisations/<public_id>"
ROWS = [
    Row("GET", "/twt/organisations", READERS),
    Row("GET", PLACE, COLLEGE_READERS, thing="college"),
    Row("GET", f"{PLACE}/children", COLLEGE_READERS, thing="college"),
    Row("GET", f"{PLACE}/new", named(200, *COLLEGE_OWN), thing="college"),
    Row("POST", f"{PLACE}/new", named(422, *COLLEGE_OWN), thing="college"),
    Row("GET", f"{PLACE}/paste", named(200, *COLLEGE_OWN), thing="college"),
    Row("POST", f"{PLACE}/paste", named(422, *COLLEGE_OWN), thing="college"),
    Row("GET", f"{PLACE}/pasted/<batch_id>", named(200, *COLLEGE_OWN), thing="batch"),
    Row("GET", f"{PLACE}/pasted/<batch_id>/sheet", named(200, *COLLEGE_OWN), thing="batch"),
    Row("GET", f"{PLACE}/pasted/<batch_id>/problems.csv", named(200, *COLLEGE_OWN), thing="batch"),
    Row("GET", f"{PLACE}/rename", named(200, *ABOVE_COLLEGE), thing="college"),
    Row("POST", f"{PLACE}/rename", named(422, *ABOVE_COLLEGE), thing="college"),
    Row("GET", f"{PLACE}/move", named(200, *ABOVE_COLLEGE), thing="college"),
    Row("POST", f"{PLACE}/move", named(422, *ABOVE_COLLEGE), thing="college"),
    Row("GET", f"{PLACE}/merge", named(200, *ABOVE_COLLEGE), thing="college"),
    Row("POST", f"{PLACE}/merge", named(422, *ABOVE_COLLEGE), thing="college"),
    Row("GET", f"{PLACE}/close", named(200, *ABOVE_COLLEGE), thing="college"),
    Row("POST", f"{PLACE}/close", named(422, *ABOVE_COLLEGE), thing="college"),
]


def batch(world, session, vault):
    """A pasted list under college C: one line was made, one was left out."""
    lines = [
        {"number": 1, "name": "会计20184班", "expected": 40, "fault": "", "made": world.branch_b1.public_id},
        {"number": 2, "name": "会计20184班", "expected": 0, "fault": "和第 1 行重复", "made": ""},
    ]
    row = OrganisationBatch(
        parent_id=world.college_c.id, kind=Kind.BRANCH, made_at=make.NOW, made_by_name="管理", lines=lines
    )
    session.add(row)
    session.flush()
    return {"public_id": world.college_c.public_id, "batch_id": row.public_id}


THINGS = {"batch": batch, "college": lambda world, session, vault: {"public_id": world.college_c.public_id}}
