"""Static files under addresses that carry a digest, so that browsers may keep them for ever."""

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, request, url_for


def init_app(app: Flask) -> None:
    """Teach templates ``static_url`` and give versioned files a long life."""
    app.jinja_env.globals["static_url"] = static_url
    app.after_request(_cache)
    _digest.cache_clear()
    app.extensions["static_digest"] = lambda name: _digest(Path(str(app.static_folder)) / name)


def static_url(name: str) -> str:
    """The address of static file ``name`` with its digest."""
    from flask import current_app

    return url_for("static", filename=name, v=current_app.extensions["static_digest"](name))


@lru_cache(maxsize=256)
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


def _cache(response: Response) -> Response:
    if request.endpoint == "static" and response.status_code == 200:
        lasting = "public, max-age=31536000, immutable" if request.args.get("v") else "public, max-age=3600"
        response.headers["Cache-Control"] = lasting
    return response
