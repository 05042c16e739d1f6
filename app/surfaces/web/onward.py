"""Where somebody was going who had to register first: a sealed note that outlives the steps in between."""

from datetime import timedelta

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from app.league.accounts import tickets
from app.surfaces.web.house import house, work
from app.surfaces.web.pages import local_target

COOKIE, KIND = "onward", "onward"
LIFE = timedelta(hours=12)


def remember(response: AnyResponse, path: str) -> AnyResponse:
    """Let the browser carry ``path`` until somebody has registered."""
    response.set_cookie(
        COOKIE, tickets.write(work(), KIND, {"path": path}, LIFE), max_age=int(LIFE.total_seconds()),
        httponly=True, samesite="Lax", secure=house().settings.secure_cookies,
    )  # fmt: skip
    return response


def onward(otherwise: str) -> str:
    """The path the browser carries, else ``otherwise``."""
    note = tickets.read(work(), KIND, request.cookies.get(COOKIE))
    return local_target(note["path"] if note else None, otherwise)


def forget(response: AnyResponse) -> AnyResponse:
    """Carry it no longer: its owner has arrived."""
    if COOKIE in request.cookies:
        response.delete_cookie(COOKIE, secure=house().settings.secure_cookies, httponly=True, samesite="Lax")
    return response
