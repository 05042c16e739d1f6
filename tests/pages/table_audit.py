"""Who reads the audit: committee administrators, each inside the own subtree."""

from tests.pages.matrix import Row

READERS = ("province", "city_a", "city_b", "county_a1", "school_s", "school_t", "enterprise_e", "college_c")
ROWS = [
    Row("GET", "/twt/audit", dict.fromkeys(READERS, 200)),
    Row("POST", "/twt/audit", dict.fromkeys(READERS, 303)),
]
