"""Security headers of every answer."""

from flask import Flask, Response, request

from app.surfaces.web.house import viewer
from app.surfaces.web.requests import UNVARYING, by_api

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)
# The public pages, by the names of their blueprints.
PORTAL = {"home", "notices", "feeds"}


def init_app(app: Flask) -> None:
    """Add the headers to every answer of ``app``."""
    secure = app.extensions["house"].settings.secure_cookies

    @app.after_request
    def add(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", CSP)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
        if secure:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if request.endpoint not in UNVARYING or response.status_code >= 400:
            response.vary.update(("Authorization",) if by_api() else ("HX-Request", "Cookie"))
            headers.setdefault("Cache-Control", "no-cache, private" if _same_for_all(response) else "no-store")
        return response


def _same_for_all(response: Response) -> bool:
    """Whether a browser may keep the page: one of the portal, read by a visitor. Steps of a form and links for a
    guardian carry personal data without anybody being signed in."""
    reading = request.method in ("GET", "HEAD") and response.status_code < 400
    return reading and request.blueprint in PORTAL and viewer() is None
