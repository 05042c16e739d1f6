"""A request that changes something comes from this site's own pages: the browser says so before any token is asked."""

from urllib.parse import urlsplit

from flask import Flask, abort, request

SAFE = {"GET", "HEAD", "OPTIONS"}


def init_app(app: Flask) -> None:
    """Refuse changing requests that come from elsewhere. Registered first: nothing is looked up for a forger."""
    app.before_request(_refuse_foreign)


def from_here() -> bool | None:
    """Whether a page of this site sent the request; None when the browser does not tell."""
    headers, signs = request.headers, []
    site = headers.get("Sec-Fetch-Site")
    if site and site != "none":
        signs.append(site == "same-origin")
    # "null" is what a sandboxed frame says of itself; none of our pages is one.
    signs += [urlsplit(origin).netloc == request.host for origin in headers.getlist("Origin")]
    if not signs and request.referrer:
        signs.append(urlsplit(request.referrer).netloc == request.host)
    return all(signs) if signs else None


def _refuse_foreign() -> None:
    if request.method not in SAFE and from_here() is False:
        abort(400)
