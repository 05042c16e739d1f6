"""The record of who did what."""

from flask import Blueprint, Response

from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.surfaces.web.pages import page

bp = Blueprint("audit", __name__, url_prefix="/twt/audit")


@bp.get("")
@needs(Power.AUDIT_READ)
def index() -> Response:
    """查看记录."""
    return page("tuanwutong/audit.html")
