"""Files."""

from flask import Blueprint, Response

from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.surfaces.web.pages import page

bp = Blueprint("people", __name__, url_prefix="/twt/people")


@bp.get("")
@needs(Power.PEOPLE_READ)
def index() -> Response:
    """青年档案."""
    return page("tuanwutong/people.html")
