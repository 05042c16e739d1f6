"""Progress in pictures: of the acting post's subtree, and of an organisation below."""

from tests.pages.matrix import Row, named

READERS = named(
    200, "province", "city_a", "city_b", "county_a1", "school_s", "school_t", "enterprise_e", "college_c",
    "secretary_b1", "secretary_t1",
)  # fmt: skip
ROWS = [
    Row("GET", "/twt/overview", READERS),
    Row(
        "GET",
        "/twt/overview/<public_id>",
        named(200, "province", "city_a", "school_s", "college_c"),
        thing="college",
    ),
]
THINGS = {"college": lambda world, session, vault: {"public_id": world.college_c.public_id}}
