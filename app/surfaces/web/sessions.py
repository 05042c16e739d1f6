"""From the cookie, or an app's bearer token, to the viewer, once per request; CSRF bound to the session's row."""

import hashlib

from flask import Flask, g, request, session
from flask_login import LoginManager, UserMixin, current_user
from werkzeug.wrappers import Response as AnyResponse

from app.extensions import db
from app.kernel.access.viewer import Viewer
from app.kernel.work import Actor, Work
from app.league.accounts import sessions
from app.league.accounts.models import SignInKind
from app.surfaces.web import waiting
from app.surfaces.web.ended import csrf_for
from app.surfaces.web.house import changing, house
from app.surfaces.web.requests import UNVARYING, by_api


class SignedIn(UserMixin):  # type: ignore[misc]
    """What Flask-Login calls a user."""

    def __init__(self, viewer: Viewer, token: str) -> None:
        self.viewer = viewer
        self.token = token

    def get_id(self) -> str:
        """The account's public id."""
        return self.viewer.public_id


def init_app(app: Flask, manager: LoginManager) -> None:
    """Load the session's viewer on each request and bind the CSRF token to it."""
    # Not manager.init_app: its remember cookie, which nobody has, would make every answer depend on cookies.
    app.login_manager = manager  # type: ignore[attr-defined]
    manager.session_protection = None
    manager.request_loader(_load)
    app.before_request(_bind_csrf)


def cookie_name() -> str:
    """The name of the sign-in cookie."""
    return "__Host-signin" if house().settings.secure_cookies else "signin"


def give_cookie(response: AnyResponse, token: str, account: str = "") -> AnyResponse:
    """Sign the browser in: a fresh token, and nothing of the visit before survives.

    ``account``: the public id, when the answer itself brings forms of the new session.
    """
    session.clear()
    if account:
        session["csrf_token"] = _csrf(token, account)
    settings = house().settings
    response.set_cookie(
        cookie_name(),
        token,
        max_age=settings.session_hours * 3600,
        httponly=True,
        secure=settings.secure_cookies,
        samesite="Lax",
    )
    return response


def take_cookie(response: AnyResponse) -> AnyResponse:
    """Sign the browser out and ask it to forget what it stored."""
    session.clear()
    response.delete_cookie(cookie_name(), secure=house().settings.secure_cookies, httponly=True, samesite="Lax")
    response.delete_cookie(waiting.COOKIE)  # a form in it is nobody else's
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _load(_request: object) -> SignedIn | None:
    token = bearer() if by_api() else request.cookies.get(cookie_name())
    if not token or request.endpoint in UNVARYING:
        return None
    here = house()
    nobody = Work(db.session(), here.clock.now(), Actor("web"), here.vault, here.settings)
    found = sessions.session_of(nobody, token, SignInKind.APP if by_api() else SignInKind.BROWSER)
    if found is None:
        return None
    g.session_stale = found.stale
    return SignedIn(found.viewer, token)


def _bind_csrf() -> None:
    if request.endpoint in UNVARYING or by_api() or not current_user.is_authenticated:
        return
    bound = _csrf(current_user.token, current_user.get_id())
    if session.get("csrf_token") != bound:
        session["csrf_token"] = bound
    note_use()


def note_use() -> None:
    """Note that the session is in use, when that was last done a while ago."""
    if g.get("session_stale"):
        with changing() as change:
            sessions.touch(change, current_user.viewer.session_id)


def bearer() -> str:
    """The token of the Authorization header; "" when there is none."""
    given = request.authorization
    return given.token or "" if given is not None and given.type == "bearer" else ""


def _csrf(token: str, account: str) -> str:
    return csrf_for(hashlib.sha256(b"csrf\0" + token.encode()).hexdigest(), account)
