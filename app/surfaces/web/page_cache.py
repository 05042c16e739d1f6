"""Public pages that many ask for at once are drawn once: kept for seconds, in each process, for visitors alone.

A page nobody else asks for is always drawn anew, so that an editor sees at once what was published or withdrawn.
"""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

from flask import Flask, Response, g, request, session
from werkzeug.datastructures import Headers

from app.surfaces.portal.caching import A_MINUTE
from app.surfaces.web.arrival import lateness
from app.surfaces.web.fairness import LATE
from app.surfaces.web.headers import PORTAL
from app.surfaces.web.requests import UNVARYING
from app.surfaces.web.sessions import cookie_name

OFTEN = 8
"""So many times within FRESH a page has to be asked for before it is kept."""
FRESH, WHEN_LATE = 2.0, 15.0
"""Seconds for which it is kept: usually, and while the machine cannot keep up."""
MOST_PAGES = 256
Key = tuple[str, str, str, str]


@dataclass
class Entry:
    """How often a page was asked for since when, and what it looked like at ``drawn``."""

    since: float
    asked: int = 0
    drawn: float = 0.0
    page: tuple[bytes, Headers] | None = None


class Pages:
    """The pages one process keeps; the longest unasked are forgotten."""

    def __init__(self) -> None:
        self._entries: OrderedDict[Key, Entry] = OrderedDict()
        self._lock = threading.Lock()

    def ask(self, key: Key, now: float) -> Entry:
        """The entry of a page that was just asked for."""
        with self._lock:
            entry = self._entries.setdefault(key, Entry(now))
            self._entries.move_to_end(key)
            if len(self._entries) > MOST_PAGES:
                self._entries.popitem(last=False)
            if now - entry.since > FRESH:
                entry.since, entry.asked = now, entry.asked // 2 if now - entry.since < 2 * FRESH else 0
            entry.asked += 1
            return entry


def init_app(app: Flask) -> None:
    """Keep the public pages of ``app``. Registered before what presses and signs answers: kept pages are whole."""
    app.extensions["pages"] = Pages()

    @app.before_request
    def give() -> Response | None:
        key = _key()
        if key is None:
            return None
        now, late = time.monotonic(), lateness.lately() > LATE
        entry = app.extensions["pages"].ask(key, now)
        asked_enough = late or entry.asked > OFTEN
        if entry.page is None or not asked_enough or now - entry.drawn > (WHEN_LATE if late else FRESH):
            g.draws = entry
            return None
        body, headers = entry.page
        kept = Response(body, headers=Headers(headers))
        kept.make_conditional(request)
        return kept

    @app.after_request
    def keep(response: Response) -> Response:
        entry, headers = g.get("draws"), response.headers
        whole = response.status_code == 200 and not response.is_streamed and "Set-Cookie" not in headers
        if entry and whole and headers.get("Cache-Control") == A_MINUTE and not session.modified:
            entry.page, entry.drawn = (response.get_data(), Headers(headers)), time.monotonic()
        return response


def _key() -> Key | None:
    """What tells pages apart; None when this request's answer is somebody's own."""
    if request.method != "GET" or request.blueprint not in PORTAL or request.endpoint in UNVARYING:
        return None
    if cookie_name() in request.cookies or "_flashes" in session:
        return None
    asked = request.headers
    kinds = f"{asked.get('Accept-Encoding', '')} {asked.get('HX-Request', '')} {request.cookies.get('text', '')}"
    return request.host, request.full_path, kinds, asked.get("HX-History-Restore-Request", "")
