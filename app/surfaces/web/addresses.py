"""Addresses, built once: a page holds some seventy links, most of them the same for everybody.

An address depends on nothing but the endpoint, its values, and where the application is mounted; public ids stand in
it and never anything personal, so what was built for one reader serves the next.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from flask import Flask, has_request_context, request, url_for

KEPT = 4096


MARK = "a-public-id"


def many(endpoint: str, **values: Any) -> Callable[[str], str]:
    """From public ids to the addresses of ``endpoint``: what stands around the id is built once for all of them."""
    before, _, behind = url_for(endpoint, public_id=MARK, **values).partition(MARK)
    return lambda public_id: f"{before}{public_id}{behind}"


def init_app(app: Flask) -> None:
    """Let ``app.url_for``, and with it Flask's ``url_for``, remember what it built."""
    build: Callable[..., str] = app.url_for

    @lru_cache(KEPT)
    def built(_mount: str, endpoint: str, values: tuple[tuple[str, Any], ...]) -> str:
        return build(endpoint, **dict(values))

    def url_for(endpoint: str, **values: Any) -> str:
        if not has_request_context() or "_external" in values:
            return build(endpoint, **values)
        if endpoint.startswith("."):
            endpoint = f"{request.blueprint}{endpoint}" if request.blueprint else endpoint[1:]
        try:
            return built(request.script_root, endpoint, tuple(values.items()))
        except TypeError:  # a list of values
            return build(endpoint, **values)

    app.url_for = url_for  # type: ignore[method-assign]
    app.jinja_env.globals.update(url_for=url_for, addresses=many)
