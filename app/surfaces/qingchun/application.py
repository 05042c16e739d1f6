"""The application, one thing per page."""

from flask import Blueprint, Response

from app.kernel.access.gates import own
from app.surfaces.web.pages import page

bp = Blueprint("application", __name__, url_prefix="/jia/apply")


@bp.get("")
@own
def index() -> Response:
    """入档申请."""
    return page("qingchun/application.html")
