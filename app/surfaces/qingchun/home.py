"""A youth's home: what is left to do, messages."""

from flask import Blueprint, Response

from app.kernel.access.gates import own
from app.surfaces.web.pages import page

bp = Blueprint("my_home", __name__, url_prefix="/jia")


@bp.get("")
@own
def index() -> Response:
    """青春家园."""
    return page("qingchun/home.html")
