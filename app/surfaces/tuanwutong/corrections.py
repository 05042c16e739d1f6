"""Corrections and identity cases."""

from flask import Blueprint, Response

from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.surfaces.web.pages import page

bp = Blueprint("corrections", __name__, url_prefix="/twt/corrections")


@bp.get("")
@needs(Power.PEOPLE_CORRECT)
def index() -> Response:
    """更正与归属."""
    return page("tuanwutong/corrections.html")
