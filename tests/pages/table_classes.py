"""A class's page, and inviting its secretary."""

from datetime import timedelta

from app.league.codes.models import CadreCode
from tests import factories as make
from tests.pages.matrix import Row, named
from tests.pages.table_codes import class_code as running_code

ABOVE_B1 = ("province", "city_a", "school_s", "college_c")
OVER_B1 = (*ABOVE_B1, "secretary_b1")
COMMITTEES = ("province", "city_a", "city_b", "county_a1", "school_s", "school_t", "enterprise_e", "college_c")


def branch_b1(world, session, vault):
    """Branch B1 with a running code."""
    running_code(world, session, vault)
    return {"public_id": world.branch_b1.public_id}


def college(world, session, vault):
    """College C."""
    return {"public_id": world.college_c.public_id}


def invitation(world, session, vault):
    """An invitation to lead B1."""
    row = CadreCode(
        organisation_id=world.branch_b1.id, name="王小明", phone_sealed=vault.seal("phone", "13900010901"),
        phone_index=vault.index("phone", "13900010901"), token_sealed=vault.seal("cadre_code", "A" * 26),
        token_index=vault.index("cadre_code", "A" * 26), issued_by_id=world.people["school_s"].id,
        issued_by_name="管理", issued_at=make.NOW, expires_at=make.NOW + timedelta(hours=72),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return {"public_id": row.public_id}


PLACE = "/twt/class/<public_id>"
ROWS = [
    Row("GET", "/twt/class", named(303, *COMMITTEES, "secretary_b1", "secretary_t1")),
    Row("GET", PLACE, named(200, *OVER_B1), thing="branch_b1"),
    Row("POST", f"{PLACE}/code", named(422, *OVER_B1), thing="branch_b1"),
    Row("POST", f"{PLACE}/close", named(303, *OVER_B1), thing="branch_b1"),
    Row("GET", f"{PLACE}/poster", named(200, *OVER_B1), thing="branch_b1"),
    Row("GET", f"{PLACE}/qr.svg", named(200, *OVER_B1), thing="branch_b1"),
    Row("GET", "/twt/invitations", named(303, *COMMITTEES)),
    Row("GET", "/twt/invitations/<public_id>", named(200, *ABOVE_B1), thing="college"),
    Row("POST", "/twt/invitations/<public_id>", named(422, *ABOVE_B1), thing="college"),
    Row("GET", "/twt/invitations/<public_id>/sheet", named(200, *ABOVE_B1), thing="college"),
    Row("GET", "/twt/invitations/code/<public_id>/qr.svg", named(200, *ABOVE_B1), thing="invitation"),
    Row("POST", "/twt/invitations/code/<public_id>/revoke", named(303, *ABOVE_B1), thing="invitation"),
]
THINGS = {"branch_b1": branch_b1, "college": college, "invitation": invitation}
