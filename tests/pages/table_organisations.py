"""The tree, one organisation, and what changes it."""

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
    Row("GET", f"{PLACE}/rename", named(200, *ABOVE_COLLEGE), thing="college"),
    Row("POST", f"{PLACE}/rename", named(422, *ABOVE_COLLEGE), thing="college"),
    Row("GET", f"{PLACE}/move", named(200, *ABOVE_COLLEGE), thing="college"),
    Row("POST", f"{PLACE}/move", named(422, *ABOVE_COLLEGE), thing="college"),
    Row("GET", f"{PLACE}/merge", named(200, *ABOVE_COLLEGE), thing="college"),
    Row("POST", f"{PLACE}/merge", named(422, *ABOVE_COLLEGE), thing="college"),
    Row("GET", f"{PLACE}/close", named(200, *ABOVE_COLLEGE), thing="college"),
    Row("POST", f"{PLACE}/close", named(422, *ABOVE_COLLEGE), thing="college"),
]
THINGS = {"college": lambda world, session, vault: {"public_id": world.college_c.public_id}}
