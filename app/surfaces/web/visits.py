"""The visit's cookie, for browsers alone: at the API's door none is read and none is given."""

from typing import Any

from flask import Flask, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin

from app.surfaces.web.requests import API


class Visits(SecureCookieSessionInterface):
    """Flask's signed cookie, but for the API."""

    def open_session(self, app: Flask, request: Any) -> SecureCookieSession | None:
        """What the visit carries; at the API an empty one."""
        return SecureCookieSession() if request.path.startswith(API) else super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Any) -> None:
        """Give the cookie; at the API do nothing."""
        if not request.path.startswith(API):
            super().save_session(app, session, response)
