"""Password, second factor, sessions."""

from flask import Blueprint, Response

from app.kernel.access.gates import own
from app.surfaces.web.pages import page

bp = Blueprint("security", __name__, url_prefix="/jia/security")


@bp.get("")
@own
def index() -> Response:
    """账号安全."""
    return page("qingchun/security.html")
