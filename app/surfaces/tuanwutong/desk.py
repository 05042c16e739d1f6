"""Today's jobs first."""

from flask import Blueprint, Response

from app.kernel.access.gates import staff
from app.surfaces.web.pages import page

bp = Blueprint("desk", __name__, url_prefix="/twt")


@bp.get("")
@staff
def index() -> Response:
    """工作台."""
    return page("tuanwutong/desk.html")
