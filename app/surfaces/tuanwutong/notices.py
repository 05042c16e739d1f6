"""Writing and publishing notices."""

from flask import Blueprint, Response

from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.surfaces.web.pages import page

bp = Blueprint("notices_admin", __name__, url_prefix="/twt/notices")


@bp.get("")
@needs(Power.NOTICES_PUBLISH)
def index() -> Response:
    """通知."""
    return page("tuanwutong/notices.html")
