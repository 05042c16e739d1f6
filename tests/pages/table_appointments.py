"""Appointments. Whoever holds a post sees it; whoever could give it may end it."""

from sqlalchemy import select

from app.league.appointments.models import Appointment
from tests.pages.matrix import Row, named, signed_in

ADMINS = ("province", "city_a", "city_b", "county_a1", "school_s", "school_t", "enterprise_e", "college_c")
# The secretary of branch B1: appointed by any administrator above.
ABOVE_B1 = ("province", "city_a", "school_s", "college_c")
POST = "/twt/appointments/<public_id>"


def _secretary(world, session, vault):
    account = world.people["secretary_b1"]
    found = session.scalars(select(Appointment).where(Appointment.account_id == account.id)).one()
    return {"public_id": found.public_id}


ROWS = [
    Row("GET", "/twt/appointments", named(200, "system", *ADMINS)),
    Row("GET", "/twt/appointments/mine", signed_in(200)),
    # Without an organisation named there is nothing to appoint at.
    Row("GET", "/twt/appointments/new"),
    Row("POST", "/twt/appointments/new"),
    Row("GET", POST, named(200, "secretary_b1", *ABOVE_B1), thing="secretary"),
    Row("GET", f"{POST}/end", named(200, "secretary_b1", *ABOVE_B1), thing="secretary"),
    Row("POST", f"{POST}/end", named(422, "secretary_b1", *ABOVE_B1), thing="secretary"),
    Row("GET", f"{POST}/prolong", named(200, *ABOVE_B1), thing="secretary"),
    Row("POST", f"{POST}/prolong", named(422, *ABOVE_B1), thing="secretary"),
    Row("GET", f"{POST}/handover", named(200, "secretary_b1"), thing="secretary"),
    Row("POST", f"{POST}/handover", named(422, "secretary_b1"), thing="secretary"),
    Row("GET", f"{POST}/factor", named(200, *ABOVE_B1), thing="secretary"),
    Row("POST", f"{POST}/factor", named(422, *ABOVE_B1), thing="secretary"),
    # Without the sealed nomination of the message nobody is anybody's successor.
    Row("GET", f"{POST}/successor", thing="secretary"),
    Row("POST", f"{POST}/successor", thing="secretary"),
]
THINGS = {"secretary": _secretary}
