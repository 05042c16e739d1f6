"""Each way of failing has a page: plain words, what happened to the input, the next step. Never a trace."""

import logging
from collections.abc import Callable
from typing import Any, cast

from flask import Flask, Response, current_app, g, make_response, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, PendingRollbackError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.wrappers import Response as AnyResponse

from app.extensions import db, login_manager
from app.kernel.access.gates import gate_of
from app.kernel.db.unit import is_busy
from app.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused, TooMany, Unavailable, Uncertain
from app.kernel.once import Repeated
from app.surfaces.web import ended, problems
from app.surfaces.web.house import viewer
from app.surfaces.web.origin import SAFE, from_here
from app.surfaces.web.pages import is_htmx, local_path, see
from app.surfaces.web.requests import TextRequest, by_api

log = logging.getLogger("app.errors")
STATUS = {NotFound: 404, Invalid: 422, Conflict: 409, Refused: 409, TooMany: 429, Unavailable: 503, Uncertain: 503}
MEGABYTE = 1024 * 1024
REACH = 5
"""How many times the largest upload is still read through, for the sake of the fields beside it."""
SENT_AGAIN = {413, 429, 500, 503}
"""Nothing was done, and the same form, with its once-key, may be sent once more from the page."""
WAITS = {429: 60, 503: 5}
"""Seconds after which another try makes sense, where nobody knows better."""
PAGES = {400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503}


def init_app(app: Flask) -> None:
    """Give ``app`` its error pages."""
    app.register_error_handler(Problem, _problem)
    app.register_error_handler(Repeated, _repeated)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(PendingRollbackError, _broken)
    app.register_error_handler(Exception, _unexpected)


def error_page(status: int, **values: Any) -> Response:
    """The page for ``status``, with what was typed kept where that helps."""
    if by_api():
        return problems.answer(status, values.get("problem"))
    chosen = status if status in PAGES else (500 if status >= 500 else 400)
    # What another site made the browser send is not offered, with a good token beside it, for sending again.
    again = status in SENT_AGAIN or (status == 400 and from_here())
    posted = request.method == "POST"
    values["kept"] = _typed() if posted and again else []
    values["written"] = _written() if posted and not again and from_here() else []
    try:
        text = render_template(f"errors/{chosen}.html", **values)
    except DBAPIError:  # the database is gone: the page is drawn for nobody in particular
        db.session.rollback()
        text = as_nobody(lambda: render_template(f"errors/{chosen}.html", **values))
    response = make_response(text, status)
    if is_htmx():  # shown above the page: what was typed stays in its place
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#problem", "innerHTML"
    if status in WAITS:
        response.headers["Retry-After"] = str(WAITS[status])
    return response


def as_nobody(draw: Callable[[], str]) -> str:
    """Draw a page without asking who is signed in; nor does anything that follows in this request."""
    g._login_user = login_manager.anonymous_user()
    return draw()


def _problem(problem: Problem) -> Response:
    status = next((code for kind, code in STATUS.items() if isinstance(problem, kind)), 500)
    uncertain = isinstance(problem, Uncertain)
    response = error_page(status, problem=problem, uncertain=uncertain, once=uncertain and "once" in request.form)
    if isinstance(problem, TooMany):
        response.headers["Retry-After"] = str(problem.seconds)
    return response


def _repeated(repeated: Repeated) -> AnyResponse:
    return see(repeated.outcome or local_path(request.referrer) or url_for("home.index"))


def _csrf(_error: CSRFError) -> Response:
    """The form was drawn for another session: its owner's text is for the owner alone."""
    whose, who = ended.owner(), viewer()
    if whose and not (who and who.public_id == whose) and not _for_everybody() and (carrying := ended.ask()):
        return carrying
    return error_page(400, expired=True)


def _for_everybody() -> bool:
    gate = gate_of(current_app.view_functions[request.endpoint]) if request.endpoint else None
    return gate is None or gate.kind == "public"


def _http(error: HTTPException) -> AnyResponse:
    if error.code is not None and error.code < 400:
        return error.get_response()
    if (
        isinstance(error, SecurityError) and not by_api()
    ):  # asked under a name that is not ours: no page, for pages are made of links
        return Response("这个地址不是本站的地址。", 400, mimetype="text/plain")
    if error.code == 413:
        return error_page(413, files=_only_fields(), most=(request.max_content_length or 0) // MEGABYTE)
    told = Refused(error.description) if by_api() and error.code == 403 and error.description else None
    response = error_page(error.code or 500, problem=told)
    if isinstance(methods := getattr(error, "valid_methods", None), list | set | tuple):
        response.headers["Allow"] = ", ".join(sorted(methods))
    return response


def _database(error: DBAPIError) -> AnyResponse:
    db.session.rollback()
    if error.connection_invalidated and request.method in SAFE and not g.get("asked_again"):
        return _ask_again()
    if is_busy(error):
        log.warning("database not available", extra={"facts": {"request": g.get("request_id")}})
        return _problem(Unavailable())
    return _unexpected(error)


def _broken(_error: PendingRollbackError) -> Response:
    """The connection broke a moment ago, and somebody went on asking it."""
    db.session.rollback()
    return _problem(Unavailable())


def _ask_again() -> AnyResponse:
    """Read once more from the beginning, on another connection: the server behind this one has gone."""
    g.asked_again = True
    g.pop("_login_user", None)
    try:
        first = current_app.preprocess_request()
        return current_app.make_response(current_app.dispatch_request() if first is None else first)
    except Exception as error:  # noqa: BLE001  each kind has its page
        return current_app.make_response(current_app.handle_user_exception(error))


def _unexpected(error: Exception) -> Response:
    db.session.rollback()
    log.error("unexpected", exc_info=error, extra={"facts": {"request": g.get("request_id")}})
    return error_page(500)


def _typed() -> list[tuple[str, str]]:
    try:
        return ended.typed()
    except HTTPException:  # a form that cannot be read at all
        return []


def _written() -> list[str]:
    """The texts that were typed, to be read and copied: what a page adds to a form by itself is not Chinese."""
    return [value for _name, value in _typed() if any(ord(letter) > 0x2E7F for letter in value)]


def _only_fields() -> list[str]:
    """Read a form that is too large without its files. Returns the names of the file fields.

    A browser shows no answer before it has sent everything, so the rest of the body has to be read anyway.
    """
    reading = cast(TextRequest, request)
    limit, size = request.max_content_length, request.content_length
    if not limit or not size or size > limit * REACH or "multipart/form-data" not in request.mimetype:
        return []
    reading.max_content_length = size
    reading.discards_files = True
    try:
        return sorted(set(request.files))
    except HTTPException:
        return []
