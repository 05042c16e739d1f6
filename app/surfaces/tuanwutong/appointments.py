"""Appointments."""

from flask import Blueprint, Response

from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.surfaces.web.pages import page

bp = Blueprint("appointments", __name__, url_prefix="/twt/appointments")


@bp.get("")
@needs(Power.APPOINTMENTS_READ)
def index() -> Response:
    """任职."""
    return page("tuanwutong/appointments.html")
