"""What the demonstration shows beyond the product: the text messages it would have sent."""

from flask import Blueprint, Response

from app.kernel.access.gates import demonstration
from app.surfaces.web.pages import page

bp = Blueprint("demonstration", __name__, url_prefix="/demo")


@bp.get("/messages")
@demonstration
def messages() -> Response:
    """短信."""
    return page("portal/demonstration_messages.html")
