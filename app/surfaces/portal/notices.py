"""Public notices."""

from flask import Blueprint, Response

from app.kernel.access.gates import public
from app.surfaces.web.pages import page

bp = Blueprint("notices", __name__, url_prefix="/notices")


@bp.get("")
@public("公开的通知")
def index() -> Response:
    """通知公告."""
    return page("portal/notices.html")
