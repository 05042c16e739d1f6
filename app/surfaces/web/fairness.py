"""One client cannot slow the rest: while requests have to wait, each gets so much of a processor and no more.

What is counted is the time a client's requests really took, so that a hundred light pages weigh less than ten heavy
ones. A client is a visit with our signed cookie; without one, an address, behind which may stand a whole campus.
"""

import threading
import time
from collections import OrderedDict

from flask import Flask, Response, g, render_template, request, session

from app.kernel.errors import TooMany
from app.surfaces.web import problems
from app.surfaces.web.arrival import lateness
from app.surfaces.web.errors import as_nobody
from app.surfaces.web.pages import is_htmx
from app.surfaces.web.requests import UNVARYING, by_api

LATE = 0.05
"""Seconds in line from which on shares are kept."""
VISIT, ADDRESS = 0.03, 0.4
"""Seconds of work a second that a visit, and an address without one, may take of each process."""
SAVED = 10.0
"""For how many seconds an unused share is saved up."""
MOST_CLIENTS = 20_000
RETRY_AFTER = 10


class Shares:
    """Who took how much. One for each process; the longest unused are forgotten."""

    def __init__(self) -> None:
        self._taken: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def overdrawn(self, client: str, share: float, now: float) -> bool:
        """Whether ``client`` took more than ``share`` seconds a second lately."""
        taken, at = self._taken.get(client, (0.0, now))
        return taken - (now - at) * share > share * SAVED

    def take(self, client: str, share: float, seconds: float, now: float) -> None:
        """``client`` took ``seconds``."""
        with self._lock:
            taken, at = self._taken.pop(client, (0.0, now))
            self._taken[client] = (max(taken - (now - at) * share, 0.0) + seconds, now)
            if len(self._taken) > MOST_CLIENTS:
                self._taken.popitem(last=False)


def init_app(app: Flask) -> None:
    """Keep the shares of the clients of ``app``."""
    app.extensions["shares"] = Shares()
    drawn: dict[bool, str] = {}

    @app.before_request
    def refuse() -> Response | None:
        if request.endpoint in UNVARYING:  # costs little, and asks for no cookie
            return None
        client, share = _client()
        g.client, g.cpu = (client, share), time.thread_time()
        if lateness.lately() < LATE or not app.extensions["shares"].overdrawn(client, share, time.monotonic()):
            return None
        g.client = None
        if by_api():
            return problems.answer(429, TooMany(RETRY_AFTER))
        if is_htmx() not in drawn:  # once: refusing must cost next to nothing
            drawn[is_htmx()] = as_nobody(lambda: render_template("errors/429.html", request_id=""))
        return Response(drawn[is_htmx()], 429, {"Retry-After": str(RETRY_AFTER)})

    @app.after_request
    def count(response: Response) -> Response:
        if g.get("client"):
            client, share = g.client
            app.extensions["shares"].take(client, share, time.thread_time() - g.cpu, time.monotonic())
        return response


def _client() -> tuple[str, float]:
    visit = session.get("csrf_token")
    return (str(visit), VISIT) if visit else (request.remote_addr or "", ADDRESS)
