"""Static files under addresses that carry a digest, so that browsers may keep them for ever.

The small ones that every page needs travel in Brotli's strongest form, made once a process: a fifth less than what is
pressed anew for each answer.
"""

import hashlib
from collections.abc import Callable
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any

import brotli
from flask import Flask, Response, current_app, request, url_for
from markupsafe import Markup
from werkzeug.datastructures import Headers

PRESSED = {"text/css", "text/javascript", "image/svg+xml"}
TAG = Markup('<span class="tag"{}>{}{}</span>')
TONE = Markup(' data-tone="{}"')
ICON = Markup('<svg class="icon" width="20" height="20" {} focusable="false"><use href="{}#{}"></use></svg>')
LARGEST_PRESSED = 100_000
"""Bytes: pressing a larger one would keep its first reader waiting for seconds."""


def init_app(app: Flask) -> None:
    """Teach templates ``static_url`` and give versioned files a long life."""
    app.jinja_env.globals.update(static_url=static_url, icon_drawn=icon_drawn, tag_drawn=tag_drawn)
    app.after_request(_cache)
    app.view_functions["static"] = _pressing(app.view_functions["static"], Path(str(app.static_folder)))
    _digest.cache_clear()
    app.extensions["static_digest"] = lambda name: _digest(Path(str(app.static_folder)) / name)
    app.extensions["static_urls"], app.extensions["icons"] = {}, {}


def static_url(name: str) -> str:
    """The address of static file ``name`` with its digest."""
    known: dict[tuple[str, str], str] = current_app.extensions["static_urls"]
    key = (request.script_root, name)
    if key not in known:
        known[key] = url_for("static", filename=name, v=current_app.extensions["static_digest"](name))
    return known[key]


def icon_drawn(name: str, label: str | None = None) -> Markup:
    """An icon of ``icons.svg``, decorative unless it has a ``label``. A list has one in each row: each is drawn once."""
    known: dict[tuple[str, str, str | None], Markup] = current_app.extensions["icons"]
    key = (request.script_root, name, label)
    if key not in known:
        said = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
        known[key] = ICON.format(said, static_url("icons.svg"), name)
    return known[key]


def tag_drawn(text: str, tone: str = "", icon: str | None = None) -> Markup:
    """A state in words with its icon. A list has one in each row and few that differ: each is drawn once."""
    return _tag(request.script_root, text, tone, icon)


@lru_cache(maxsize=1024, typed=True)  # what is markup already is not what somebody typed
def _tag(_mount: str, text: str, tone: str, icon: str | None) -> Markup:
    return TAG.format(TONE.format(tone) if tone else "", icon_drawn(icon) if icon else "", text)


@lru_cache(maxsize=256)
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


def _cache(response: Response) -> Response:
    if request.endpoint == "static" and response.status_code == 200:
        lasting = "public, max-age=31536000, immutable" if request.args.get("v") else "public, max-age=3600"
        response.headers["Cache-Control"] = lasting
    return response


def _pressing(send: Callable[..., Any], folder: Path) -> Callable[..., Any]:
    """The view of static files, answering with Brotli where the browser takes it."""

    @wraps(send)
    def view(filename: str) -> Response:
        response: Response = send(filename=filename)
        wanted = (
            response.status_code == 200
            and request.accept_encodings.quality("br") > 0
            and "Range" not in request.headers
        )
        if not wanted or response.mimetype not in PRESSED or (response.content_length or 0) > LARGEST_PRESSED:
            return response
        content = _pressed(folder / filename, _digest(folder / filename))
        pressed = Response(content, headers=Headers(response.headers))
        response.close()
        pressed.headers["Content-Encoding"] = "br"
        pressed.content_length = len(content)
        pressed.set_etag(response.get_etag()[0] or "", weak=True)
        return pressed

    return view


@lru_cache(maxsize=32)
def _pressed(path: Path, digest: str) -> bytes:
    """``digest`` is there so that a file that has changed is pressed anew."""
    pressed: bytes = brotli.compress(path.read_bytes(), quality=11)
    return pressed
