"""Rosters."""

from flask import Blueprint, Response

from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.surfaces.web.pages import page

bp = Blueprint("roster", __name__, url_prefix="/twt/roster")


@bp.get("")
@needs(Power.JOINING_ROSTER)
def index() -> Response:
    """花名册."""
    return page("tuanwutong/roster.html")
