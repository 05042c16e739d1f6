"""Who has come from WeChat: the openid that WeChat's server named, in a sealed note of this browser; never any input."""

from datetime import timedelta

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from app.league.accounts import tickets
from app.league.people.models import Door
from app.surfaces.web.house import house, work

COOKIE, KIND = "wechat", "wechat"
LIFE = timedelta(hours=12)


def openid() -> str:
    """The openid of whoever holds this browser; "" when he did not come through WeChat."""
    note = tickets.read(work(), KIND, request.cookies.get(COOKIE))
    return str(note["openid"]) if note else ""


def remember(response: AnyResponse, who: str) -> AnyResponse:
    """Let the browser carry the openid WeChat's server told."""
    response.set_cookie(
        COOKIE, tickets.write(work(), KIND, {"openid": who}, LIFE), max_age=int(LIFE.total_seconds()),
        httponly=True, samesite="Lax", secure=house().settings.secure_cookies,
    )  # fmt: skip
    return response


def forget(response: AnyResponse) -> AnyResponse:
    """Who uses the browser next came by himself."""
    response.delete_cookie(COOKIE)
    return response


def door() -> Door:
    """By which door this browser came."""
    return Door.WECHAT if openid() else Door.PC


def inside_wechat() -> bool:
    """Whether the page is opened inside WeChat, where its sign-in works."""
    return "MicroMessenger" in request.headers.get("User-Agent", "")
