"""Registration: phone, code, password, name, consent."""

from flask import Blueprint, Response

from app.kernel.access.gates import public
from app.surfaces.web.pages import page

bp = Blueprint("registration", __name__, url_prefix="/jia/start")


@bp.get("")
@public("注册入口")
def index() -> Response:
    """注册."""
    return page("qingchun/registration.html")
