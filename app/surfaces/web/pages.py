"""One URL, two renderings: the page, or the named part of it that htmx asked for."""

from typing import Any
from urllib.parse import urlsplit

from flask import Response, flash, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse


def is_htmx() -> bool:
    """Whether htmx asks for a fragment (and not the browser restoring a page from its history)."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in headers


def page(template: str, partial: str | None = None, *, status: int = 200, **values: Any) -> Response:
    """Render ``template``, or only ``partial`` when htmx asked and the page has that part."""
    chosen = partial if partial and is_htmx() else template
    return make_response(render_template(chosen, **values), status)


def see(address: str, message: str | None = None) -> AnyResponse:
    """After a change: go and look at ``address`` (303; for htmx a whole-page move). ``message`` is shown there."""
    if message:
        flash(message)
    if is_htmx():
        response = make_response("", 200)
        response.headers["HX-Redirect"] = address
        return response
    return redirect(address, 303)


def local_target(address: str | None, otherwise: str) -> str:
    """``address`` when it is a path of this site, else ``otherwise``: nothing typed into a link leads elsewhere."""
    if not address or not address.startswith("/") or address.startswith("//"):
        return otherwise
    if "\\" in address or any(ord(c) < 32 for c in address):
        return otherwise
    parts = urlsplit(address)
    return otherwise if parts.scheme or parts.netloc else address


def local_path(address: str | None) -> str:
    """The path of ``address`` when it is a page of this site, such as a Referer; else ""."""
    parts = urlsplit(address or "")
    if parts.netloc != request.host:
        return ""
    return local_target(parts.path + (f"?{parts.query}" if parts.query else ""), "")
