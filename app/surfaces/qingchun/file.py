"""One's own file, corrections, who looked."""

from flask import Blueprint, Response

from app.kernel.access.gates import own
from app.surfaces.web.pages import page

bp = Blueprint("my_file", __name__, url_prefix="/jia/me")


@bp.get("")
@own
def index() -> Response:
    """我的档案."""
    return page("qingchun/file.html")
