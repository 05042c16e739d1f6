"""The machine: jobs, channels, backups."""

from flask import Blueprint, Response

from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.surfaces.web.pages import page

bp = Blueprint("machine", __name__, url_prefix="/twt/machine")


@bp.get("")
@needs(Power.MACHINE_OPERATE)
def index() -> Response:
    """系统."""
    return page("tuanwutong/machine.html")
