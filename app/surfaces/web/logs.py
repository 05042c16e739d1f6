"""One JSON line per request: no personal data, no query strings, control characters escaped by JSON."""

import json
import logging
import secrets
import sys
import time

from flask import Flask, Response, g, request

log = logging.getLogger("app.access")


class JsonLines(logging.Formatter):
    """A log record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line = {"at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"), "level": record.levelname}
        line |= {"logger": record.name, "message": record.getMessage()}
        line |= getattr(record, "facts", {})
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=True)


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
        facts = {"method": request.method, "path": request.path, "status": response.status_code}
        facts |= {"ms": round((time.perf_counter() - g.get("started", 0)) * 1000, 1), "request": g.get("request_id")}
        log.info("request", extra={"facts": facts})
    response.headers["X-Request-Id"] = g.get("request_id", "")
    return response
