"""The tree."""

from flask import Blueprint, Response

from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.surfaces.web.pages import page

bp = Blueprint("organisations", __name__, url_prefix="/twt/organisations")


@bp.get("")
@needs(Power.ORGANISATIONS_READ)
def index() -> Response:
    """团组织."""
    return page("tuanwutong/organisations.html")
