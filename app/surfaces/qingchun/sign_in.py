"""Sign in, sign out, reset."""

from flask import Blueprint, Response

from app.kernel.access.gates import public
from app.surfaces.web.pages import page

bp = Blueprint("sign_in", __name__, url_prefix="/login")


@bp.get("")
@public("登录")
def form() -> Response:
    """登录."""
    return page("qingchun/sign_in.html")
