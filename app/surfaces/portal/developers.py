"""给开发者: the API in words and tables, drawn from the very declarations that its document is made of."""

from itertools import groupby

from flask import Blueprint, Response

from app.kernel.access.gates import public
from app.surfaces.api.document import INTRODUCTION, NOTES, who_may
from app.surfaces.api.operation import OPERATIONS, PREFIX
from app.surfaces.web.pages import page

bp = Blueprint("developers", __name__)


@bp.get("/developers")
@public("接口说明")
def index() -> Response:
    """How to begin, what holds everywhere, and every operation."""
    groups = [(tag, list(found)) for tag, found in groupby(OPERATIONS, key=lambda known: known.tag)]
    return page(
        "portal/developers.html",
        introduction=INTRODUCTION, notes=NOTES, groups=groups, prefix=PREFIX, who_may=who_may,
    )  # fmt: skip
