"""How often a program may ask: counted in the table of limits, ten at a time, so that a read seldom has to write.

What a process has taken from the table and not used lapses with its minute: the limit is never overshot.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass

from flask import Flask, Response, current_app, g, request

from app.kernel import limits
from app.kernel.errors import TooMany, Unavailable
from app.surfaces.web.house import changing, viewer, work
from app.surfaces.web.origin import SAFE

BATCH = 10
MOST_KEPT = 20_000


@dataclass
class Lease:
    """What a process may still give out until ``ends``. ``used``: by all processes, when the table was last asked."""

    ends: int
    left: int
    used: int


class Leases:
    """The leases of one process by limit and key; the longest unasked are forgotten."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], Lease] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, name: str, key: str, now: int) -> Lease | None:
        """One use out of what was leased; None when nothing is left."""
        with self._lock:
            lease = self._kept.get((name, key))
            if lease is None or lease.ends <= now or not lease.left:
                return None
            lease.left -= 1
            return Lease(lease.ends, lease.left, lease.used)

    def add(self, name: str, key: str, ends: int, used: int) -> Lease:
        """Another batch, one of it used at once."""
        with self._lock:
            before = self._kept.pop((name, key), None)
            left = before.left if before and before.ends == ends else 0
            lease = self._kept[name, key] = Lease(ends, left + BATCH - 1, used)
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
            return Lease(lease.ends, lease.left, lease.used)


def init_app(app: Flask) -> None:
    """Give ``app`` its leases."""
    app.extensions["leases"] = Leases()


def count() -> None:
    """Count this request. Raises TooMany."""
    who = viewer()
    name, key = ("api.token", str(who.session_id)) if who else ("api.address", work().address)
    now, window = int(work().now.timestamp()), limits.LIMITS[name].windows[0][1]
    leases: Leases = current_app.extensions["leases"]
    g.rate_name = name
    g.rate = leases.take(name, key, now)
    if g.rate is not None:
        return
    ends = now - now % window + window
    try:
        with changing() as change:
            used = limits.hit(change.session, change.vault, name, key, cost=BATCH, now=now)
    except TooMany:
        g.rate = Lease(ends, 0, limits.LIMITS[name].windows[0][0])
        raise
    except Unavailable:
        if request.method not in SAFE:
            raise
        return  # who only reads is served while nothing can be written
    g.rate = leases.add(name, key, ends, used)


def tell(response: Response) -> Response:
    """Say how much is left (draft-ietf-httpapi-ratelimit-headers)."""
    lease: Lease | None = g.get("rate")
    if lease is not None:
        allowed, window = limits.LIMITS[g.rate_name].windows[0]
        left = max(allowed - lease.used, 0) + lease.left
        seconds = max(lease.ends - int(work().now.timestamp()), 0)
        response.headers["RateLimit-Policy"] = f'"{g.rate_name}";q={allowed};w={window}'
        response.headers["RateLimit"] = f'"{g.rate_name}";r={left};t={seconds}'
    return response
