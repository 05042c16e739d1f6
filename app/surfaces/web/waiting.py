"""An evening on which too many come at once: who cannot be served now gets a place in line, and keeps what was typed.

Visitors of 青春家园 are let in as long as requests are taken up soon. When they are not, who comes next stands in line:
a page tells the place and asks again by itself, without a script. A form that was sent meanwhile travels sealed in a
cookie and is sent on by one press when its turn has come. Who was let in stays in for a few minutes. Nothing here asks
the database.
"""

import json
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any, cast

from flask import Blueprint, Flask, after_this_request, current_app, make_response, request, url_for
from flask import render_template as render
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.access.gates import public
from app.kernel.vault import VaultError
from app.kernel.waiting import Line, Place
from app.surfaces.web import ended
from app.surfaces.web.arrival import lateness, waited
from app.surfaces.web.errors import as_nobody
from app.surfaces.web.forms import SECRET_NAMES
from app.surfaces.web.house import house
from app.surfaces.web.origin import SAFE
from app.surfaces.web.pages import is_htmx, local_path, see

bp = Blueprint("waiting", __name__)
COOKIE, PURPOSE = "waiting", "ticket:waiting"
LIFE = timedelta(minutes=20)
INSIDE = timedelta(minutes=3)
"""How long somebody who has waited once is not asked to wait again."""
LARGEST = 1800
"""Bytes of typed text a cookie takes; longer texts stay in the page."""
SOONEST, LATEST = 3, 60
"""Seconds until the page asks again."""
EARLY = 0.7
FULL_RETRY = 120
OVERRUN = 4
"""After so many times the patience even those are put off who had been let in: too many were."""


@dataclass
class Ticket:
    """What a waiting browser carries. ``number``: its place; ``inside``: until when it may pass; then its form."""

    number: int | None = None
    inside: float = 0.0
    account: str = ""
    target: str = ""
    fields: list[list[str]] = field(default_factory=list)
    secret: bool = False
    """Whether the form had a password or a code in it, which nobody keeps: it is typed again."""


def init_app(app: Flask) -> None:
    """Put the line in front of ``app``'s youth home."""
    app.extensions["waiting_line"] = Line(app.extensions["house"].settings.waiting_line)
    app.extensions["waiting_pages"] = {}
    app.before_request(_let_in_or_wait)


@bp.get("/waiting")
@public("排队")
def turn() -> AnyResponse:
    """Where a waiting page asks again: still so many before you, or your turn."""
    ticket = _carried()
    if not ticket.target:
        return see(url_for("home.index"))
    place = _ask(ticket, enter=waited() * 1000 <= house().settings.queue_after_ms * OVERRUN)
    if place is None or not place.inside:
        return _wait(ticket, place)
    if not ticket.fields and not ticket.secret:
        return _with(see(ticket.target), ticket)
    if ended.owner() != ticket.account:  # somebody else signed in since
        return _with(see(url_for("my_home.index")), Ticket(inside=ticket.inside))
    answer = make_response(as_nobody(lambda: render("errors/turn.html", ticket=ticket)))
    answer.headers["Cache-Control"] = "no-store"
    return _with(answer, ticket)


def _let_in_or_wait() -> AnyResponse | None:
    if not request.path.startswith(("/jia", "/login")):
        return None
    patience, ticket = house().settings.queue_after_ms / 1000, _carried()
    if waited() > patience * OVERRUN:
        return _wait(ticket, _ask(ticket, enter=False))
    if ticket.inside > _now() or (ticket.number is None and waited() <= patience and not _line().somebody(_now())):
        return None
    place = _ask(ticket)
    if place is None or not place.inside:
        return _wait(ticket, place)
    after_this_request(lambda answer: _with(answer, Ticket(inside=ticket.inside)))
    return None


def _ask(ticket: Ticket, *, enter: bool = True) -> Place | None:
    """Where ``ticket`` stands; a new place is drawn for one that has none or has lost it. None: the line is full."""
    line, now = _line(), _now()
    if ticket.inside > now:
        return Place(0, inside=enter)
    late = lateness.lately() * 1000 > house().settings.queue_after_ms
    place = None if ticket.number is None else line.ask(ticket.number, now, late=late, enter=enter)
    if place is None:
        ticket.number = line.join(now)
        place = None if ticket.number is None else line.ask(ticket.number, now, late=late, enter=enter)
    if place is not None and place.inside:
        ticket.number, ticket.inside = None, now + INSIDE.total_seconds()
    return place


def _wait(ticket: Ticket, place: Place | None) -> AnyResponse:
    posted = request.method not in SAFE
    if request.endpoint != "waiting.turn":
        _remember(ticket, posted)
    if place is None:
        seconds, words = FULL_RETRY, ""
    else:
        # Whoever stands far behind asks seldom; before one's turn a little early, so that no turn is missed.
        seconds, minutes = round(min(max(place.seconds * EARLY, SOONEST), LATEST)), round(place.seconds / 60)
        words = f"大约要等 {minutes} 分钟。" if minutes else "不用等一分钟。"
    fits = len(json.dumps(ticket.fields, ensure_ascii=False).encode()) <= LARGEST
    in_page = ticket.fields if ticket.fields and not ticket.secret and (place is None or not fits) else []
    numbers = {"ahead": str(place.ahead) if place else "", "seconds": str(seconds), "words": words}
    answer = make_response(_drawn(ticket, numbers, in_page), 503)
    answer.headers.update({"Retry-After": str(seconds), "Cache-Control": "no-store"})
    if is_htmx():
        answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#problem", "innerHTML"
    if is_htmx() or ticket.secret or not fits:
        ticket.fields = []
    return _with(answer, ticket)


def _drawn(ticket: Ticket, numbers: dict[str, str], in_page: list[list[str]]) -> str:
    """The page. It is what the machine sends most when it has least time: drawn once, then filled in."""
    values: dict[str, Any] = {"again": url_for("waiting.turn"), "ticket": ticket, "in_page": in_page}
    if in_page:
        return as_nobody(lambda: render("errors/waiting.html", **values, **numbers))
    kind = (
        *map(bool, (numbers["ahead"], ticket.secret, ticket.fields)),
        is_htmx(),
        request.cookies.get("text") == "large",
    )
    kept: dict[tuple[bool, ...], str] = current_app.extensions["waiting_pages"]
    if kind not in kept:
        tokens = {name: f"@{name}@" if value else "" for name, value in numbers.items()}
        kept[kind] = as_nobody(lambda: render("errors/waiting.html", request_id="", **values, **tokens))
    page = kept[kind]
    for name, value in numbers.items():
        page = page.replace(f"@{name}@", value)
    return page


def _remember(ticket: Ticket, posted: bool) -> None:
    """Let ``ticket`` carry what this request wanted."""
    typed = ended.typed() if posted else []
    ticket.account, ticket.fields = ended.owner(), [list(pair) for pair in typed]
    ticket.secret = bool(SECRET_NAMES & set(request.form) - {"csrf_token"})
    here = request.full_path.rstrip("?")
    ticket.target = (local_path(request.referrer) or url_for("my_home.index")) if posted and ticket.secret else here


def _carried() -> Ticket:
    try:
        kept = json.loads(house().vault.open(PURPOSE, request.cookies.get(COOKIE, "")))
    except VaultError:
        return Ticket()
    return Ticket(**kept["ticket"]) if kept["until"] > _now() else Ticket()


def _with(answer: AnyResponse, ticket: Ticket) -> AnyResponse:
    here = house()
    kept = json.dumps({"until": _now() + LIFE.total_seconds(), "ticket": asdict(ticket)}, ensure_ascii=False)
    secure = here.settings.secure_cookies
    answer.set_cookie(
        COOKIE, here.vault.seal(PURPOSE, kept), max_age=LIFE, httponly=True, secure=secure, samesite="Lax"
    )
    return answer


def _line() -> Line:
    return cast(Line, current_app.extensions["waiting_line"])


def _now() -> float:
    return house().clock.now().timestamp()
