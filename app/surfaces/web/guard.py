"""Every view declares its gate; the gate is kept before the view runs."""

from flask import Flask, abort, current_app, redirect, request, url_for
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response

from app.kernel.access.gates import Gate, gate_of, public
from app.kernel.errors import NotFound
from app.surfaces.web import ended
from app.surfaces.web.house import house, viewer
from app.surfaces.web.pages import is_htmx
from app.surfaces.web.requests import by_api

FACTOR_FIRST = "担任管理职务要用动态口令登录。请在网页的账号安全里开启，再重新登录"


class Undeclared(RuntimeError):
    """A view says nothing of who may use it."""


def init_app(app: Flask) -> None:
    """Keep the gates of ``app``."""
    public("静态文件")(app.view_functions["static"])
    app.before_request(_nameable)
    app.before_request(_keep_gate)


def every_view_declares(app: Flask) -> None:
    """Raises Undeclared naming the views without a gate."""
    silent = sorted({r.endpoint for r in app.url_map.iter_rules() if gate_of(app.view_functions[r.endpoint]) is None})
    if silent:
        raise Undeclared(f"views without a gate: {', '.join(silent)}")


def _nameable() -> None:
    """No text of PostgreSQL holds the character NUL: an address with one names nothing. The API judges its queries itself."""
    if "\0" in request.path or (not by_api() and any("\0" in value for value in request.args.values())):
        raise NotFound


def _keep_gate() -> Response | None:
    if request.endpoint is None:
        return None
    gate = gate_of(current_app.view_functions[request.endpoint])
    assert gate is not None
    return _pass(gate)


def _pass(gate: Gate) -> Response | None:
    if gate.kind == "public":
        return None
    if gate.kind == "demonstration":
        if not house().settings.demonstration:
            raise NotFound
        return None
    who = viewer()
    if who is None:
        return _ask_to_sign_in()
    if gate.kind == "own":
        return None
    if house().settings.production and who.is_staff and not who.second_factor:
        if by_api():
            raise Forbidden(FACTOR_FIRST)
        return redirect(url_for("security.second_factor"), 303)
    if not (who.is_staff if gate.kind == "staff" else gate.power is not None and who.has(gate.power)):
        raise NotFound
    return None


def _ask_to_sign_in() -> Response:
    if by_api():
        abort(401)
    if (request.method == "POST" or is_htmx()) and (carrying := ended.ask()):
        return carrying
    if is_htmx():
        abort(401)
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("sign_in.form", next=back), 303)
