"""Which columns of a list somebody wants to see: chosen on the page, kept in a cookie of this browser."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Response, after_this_request, request

YEAR = 365 * 86_400
NAME = "col"
SENT = "cols"
"""A hidden field of the form: without it no boxes means that nobody asked."""


@dataclass(frozen=True)
class Columns:
    """The columns of the list called ``list_name``: key → label of each that may be hidden, and those shown."""

    list_name: str
    labels: Mapping[str, str]
    shown: tuple[str, ...]

    def __contains__(self, key: str) -> bool:
        return key in self.shown


def columns(list_name: str, labels: Mapping[str, str]) -> Columns:
    """What is shown of ``labels``: as the form just said, else as this browser said before, else all of it.

    What the form says is kept for the next time. Unknown keys are left out.
    """
    cookie = f"columns-{list_name}"
    if SENT in request.args:
        picked = [key for key in request.args.getlist(NAME) if key in labels]
        _keep(cookie, ".".join(picked) or "-")
    elif cookie in request.cookies:
        picked = request.cookies[cookie].split(".")
    else:
        picked = list(labels)
    return Columns(list_name, labels, tuple(key for key in labels if key in picked))


def _keep(cookie: str, value: str) -> None:
    @after_this_request
    def set_cookie(response: Response) -> Response:
        secure = request.is_secure
        response.set_cookie(cookie, value, max_age=YEAR, httponly=True, samesite="Lax", secure=secure)
        return response
