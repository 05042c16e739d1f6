"""The operator's door: /healthz, /readyz and /metrics, answered before anything else looks at the request.

Neither host names nor sessions, limits or the waiting line matter to it, so that an overloaded site can still be
asked. Who comes through a proxy finds nothing here: only who asks from this machine itself, or brings METRICS_TOKEN.
"""

import hmac
import ipaddress
import json
import threading
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import db
from app.kernel.readiness import OK, checks
from app.kernel.work import Actor, Work
from app.surfaces.web import metrics
from app.surfaces.web.house import House

FRESH = 1.0
"""Seconds for which an answer of /readyz stands: however often it is asked, the database is asked once."""
JSON, TEXT = "application/json", "text/plain; version=0.0.4; charset=utf-8"
Answer = tuple[HTTPStatus, str, bytes]


class Door:
    """A WSGI application in front of ``app``'s own."""

    def __init__(self, app: Flask) -> None:
        self._app, self._inner = app, app.wsgi_app
        self._lock, self._at, self._found = threading.Lock(), 0.0, dict[str, str]()
        self._ways: dict[str, Callable[[], Answer]] = {
            "/healthz": self._health,
            "/readyz": self._ready,
            "/metrics": self._metrics,
        }

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer, or pass on."""
        way = self._ways.get(environ.get("PATH_INFO", ""))
        if way is None or environ["REQUEST_METHOD"] not in ("GET", "HEAD") or not self._may(environ):
            return self._inner(environ, start)
        status, kind, body = way()
        headers = [("Content-Type", kind), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
        start(f"{status.value} {status.phrase}", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _may(self, environ: dict[str, Any]) -> bool:
        token = self._house.settings.metrics_token
        brought = environ.get("HTTP_AUTHORIZATION", "").encode("latin-1")
        if token and hmac.compare_digest(brought, f"Bearer {token}".encode()):
            return True
        proxied = any(name in environ for name in ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP"))
        return not proxied and _from_here(environ.get("REMOTE_ADDR", ""))

    def _health(self) -> Answer:
        """This process answers."""
        return HTTPStatus.OK, JSON, b'{"alive": true}\n'

    def _ready(self) -> Answer:
        """It can serve: database, migrations, a turn to write, room on the disk."""
        with self._lock:
            if not self._found or time.monotonic() - self._at > FRESH:
                settings = self._house.settings
                with self._app.app_context():
                    self._found = checks(db.engine, settings.instance_dir, settings.least_free_mb)
                self._at = time.monotonic()
            found = self._found
        ready = all(told == OK for told in found.values())
        body = json.dumps({"ready": ready, "checks": found}).encode() + b"\n"
        return HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE, JSON, body

    def _metrics(self) -> Answer:
        here = self._house
        with self._app.app_context():
            work = Work(db.session(), here.clock.now(), Actor("metrics"), here.vault, here.settings)
            try:
                return HTTPStatus.OK, TEXT, metrics.exposition(work)
            except SQLAlchemyError as error:
                return HTTPStatus.SERVICE_UNAVAILABLE, TEXT, f"# {type(error).__name__}\n".encode()

    @property
    def _house(self) -> House:
        here = self._app.extensions["house"]
        assert isinstance(here, House)
        return here


def init_app(app: Flask) -> None:
    """Put the door in front of ``app``, before whatever else stands there."""
    app.wsgi_app = Door(app)  # type: ignore[method-assign, assignment]


def _from_here(address: str) -> bool:
    """Whether the peer is this machine: the loopback, or a socket that has no address."""
    try:
        return not address or ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
