"""The portal's front page, help and legal pages."""

from flask import Blueprint, Response

from app.kernel.access.gates import public
from app.surfaces.web.pages import page

bp = Blueprint("home", __name__)


@bp.get("/")
@public("门户首页")
def index() -> Response:
    """首页."""
    return page("portal/home.html")
