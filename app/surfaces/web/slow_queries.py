"""Statements that take too long, one line of the log each: the text without its values, whose rule, how long."""

import logging
import time
from collections.abc import Callable
from typing import Any

from flask import Flask, g, has_request_context, request
from sqlalchemy import Engine, event

from app.kernel.metrics import SLOW

log = logging.getLogger("app.slow_query")
PATIENCE = 10
"""How many times longer a statement may take where nobody waits for a page."""
LONGEST = 2000
"""Letters of a statement's text that are kept."""


def init_app(app: Flask, engine: Engine) -> None:
    """Watch the statements of ``engine``."""
    threshold = app.extensions["house"].settings.slow_query_ms
    if threshold > 0:
        watch(engine, threshold)


def watch(engine: Engine, threshold_ms: float) -> Callable[[], None]:
    """Log what takes longer than ``threshold_ms``. Returns what ends it."""

    def begin(connection: Any, *_: Any) -> None:
        connection.info["began"] = time.perf_counter()

    def end(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        ms = (time.perf_counter() - connection.info.get("began", 0)) * 1000
        if ms >= (threshold_ms if has_request_context() else threshold_ms * PATIENCE):
            _tell(statement, ms)

    hooks = (("before_cursor_execute", begin), ("after_cursor_execute", end))
    for name, hook in hooks:
        event.listen(engine, name, hook)

    def stop() -> None:
        for name, hook in hooks:
            event.remove(engine, name, hook)

    return stop


def _tell(statement: str, ms: float) -> None:
    SLOW.inc()
    facts: dict[str, Any] = {"statement": " ".join(statement.split())[:LONGEST], "ms": round(ms, 1)}
    if has_request_context():
        facts |= {"rule": request.url_rule.rule if request.url_rule else "", "request": g.get("request_id")}
    log.warning("slow query", extra={"facts": facts})
