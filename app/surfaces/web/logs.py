"""One JSON line per request: no personal data, no query strings, control characters escaped by JSON.

A request is named by its rule (``/guardian/<token>``), not by its address: an address may be a secret link, and one
that leads nowhere may hold whatever somebody typed.
"""

import json
import logging
import secrets
import sys
import time
import traceback
from typing import Any

from flask import Flask, Response, g, request

from app.surfaces.web import arrival

log = logging.getLogger("app.access")


class JsonLines(logging.Formatter):
    """A log record as one line of JSON. Of an exception it tells the type and the places in the code, never its
    words, which may quote what somebody typed or what a query asked for."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line = {"at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"), "level": record.levelname}
        line |= {"logger": record.name, "message": record.getMessage()}
        line |= getattr(record, "facts", {})
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=True, default=str)

    def formatException(self, ei: Any) -> str:  # noqa: N802 — logging's name
        """The chain of exceptions, each with its frames, the innermost first."""
        told, error = [], ei[1]
        while error is not None:
            frames = "".join(traceback.format_tb(error.__traceback__))
            told.append(f"{type(error).__module__}.{type(error).__name__}\n{frames}")
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n".join(reversed(told))


def init_app(app: Flask) -> None:
    """Log requests of ``app``."""
    root = logging.getLogger("app")
    if not root.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonLines())
        root.addHandler(handler)
        root.propagate = False
    root.setLevel(app.extensions["house"].settings.log_level)
    app.before_request(_start)
    app.after_request(_finish)


def _start() -> None:
    g.request_id = secrets.token_hex(8)
    g.started = time.perf_counter()


def _finish(response: Response) -> Response:
    if request.endpoint != "static":
        facts = {"method": request.method, "rule": _rule(), "status": response.status_code}
        facts |= {"ms": round((time.perf_counter() - g.get("started", 0)) * 1000, 1), "request": g.get("request_id")}
        facts["waited_ms"] = round(arrival.waited() * 1000, 1)
        log.info("request", extra={"facts": facts})
    response.headers["X-Request-Id"] = g.get("request_id", "")
    return response


def _rule() -> str:
    return request.url_rule.rule if request.url_rule else ""
