"""The review desk."""

from flask import Blueprint, Response

from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.surfaces.web.pages import page

bp = Blueprint("queue", __name__, url_prefix="/twt/queue")


@bp.get("")
@needs(Power.JOINING_READ)
def index() -> Response:
    """审核."""
    return page("tuanwutong/queue.html")
