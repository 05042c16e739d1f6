"""Each way of failing has a page: plain words, what happened to the input, the next step. Never a trace."""

import logging
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, g, make_response, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.wrappers import Response as AnyResponse

from app.extensions import db, login_manager
from app.kernel.db.unit import is_busy
from app.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused, TooMany, Unavailable
from app.kernel.once import Repeated
from app.surfaces.web.forms import SECRET_NAMES
from app.surfaces.web.origin import from_here
from app.surfaces.web.pages import local_path, see

log = logging.getLogger("app.errors")
STATUS = {NotFound: 404, Invalid: 422, Conflict: 409, Refused: 409, TooMany: 429, Unavailable: 503}
PAGES = {400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503}


def init_app(app: Flask) -> None:
    """Give ``app`` its error pages."""
    app.register_error_handler(Problem, _problem)
    app.register_error_handler(Repeated, _repeated)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _database)
    app.register_error_handler(Exception, _unexpected)


def error_page(status: int, **values: Any) -> Response:
    """The page for ``status``, with what was typed kept where that helps."""
    chosen = status if status in PAGES else (500 if status >= 500 else 400)
    # What another site made the browser send is not offered, with a good token beside it, for sending again.
    keep = status in (503, 429) or (status == 400 and from_here())
    kept = _kept() if request.method == "POST" and keep else []
    try:
        text = render_template(f"errors/{chosen}.html", kept=kept, **values)
    except OperationalError:  # the database is gone: the page is drawn for nobody in particular
        db.session.rollback()
        text = as_nobody(lambda: render_template(f"errors/{chosen}.html", kept=kept, **values))
    return make_response(text, status)


def as_nobody(draw: Callable[[], str]) -> str:
    """Draw a page without asking who is signed in; nor does anything that follows in this request."""
    g._login_user = login_manager.anonymous_user()
    return draw()


def _problem(problem: Problem) -> Response:
    status = next((code for kind, code in STATUS.items() if isinstance(problem, kind)), 500)
    response = error_page(status, problem=problem)
    if isinstance(problem, TooMany):
        response.headers["Retry-After"] = str(problem.seconds)
    if isinstance(problem, Unavailable):
        response.headers["Retry-After"] = "5"
    return response


def _repeated(repeated: Repeated) -> AnyResponse:
    return see(repeated.outcome or local_path(request.referrer) or url_for("home.index"))


def _csrf(_error: CSRFError) -> Response:
    return error_page(400, expired=True)


def _http(error: HTTPException) -> AnyResponse:
    if error.code is not None and error.code < 400:
        return error.get_response()
    if isinstance(error, SecurityError):  # asked under a name that is not ours: no page, for pages are made of links
        return Response("这个地址不是本站的地址。", 400, mimetype="text/plain")
    response = error_page(error.code or 500)
    if isinstance(methods := getattr(error, "valid_methods", None), list | set | tuple):
        response.headers["Allow"] = ", ".join(sorted(methods))
    return response


def _database(error: OperationalError) -> Response:
    db.session.rollback()
    if is_busy(error):
        log.warning("database not available", extra={"facts": {"request": g.get("request_id")}})
        return _problem(Unavailable())
    return _unexpected(error)


def _unexpected(error: Exception) -> Response:
    db.session.rollback()
    log.error("unexpected", exc_info=error, extra={"facts": {"request": g.get("request_id")}})
    return error_page(500)


def _kept() -> list[tuple[str, str]]:
    """What was typed, without the secrets: the page brings a token of its own, the rest of them is typed again."""
    pairs = request.form.items(multi=True)
    return [(name, value) for name, value in pairs if name not in SECRET_NAMES]
