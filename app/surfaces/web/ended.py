"""A form sent after its session ended: what was typed comes back, to the person who typed it and to nobody else.

The form's own CSRF token names the account it was drawn for. What was typed travels sealed inside the sign-in page,
bound to that account and to the address it was meant for; passwords, codes and files are never kept.
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Response, current_app, g, make_response, render_template, request, session
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response as AnyResponse
from wtforms import HiddenField, PasswordField, StringField
from wtforms.widgets import PasswordInput

from app.league.accounts import tickets
from app.surfaces.web.forms import SECRET_NAMES, Form
from app.surfaces.web.house import viewer, work
from app.surfaces.web.pages import is_htmx

KIND = "kept"
LIFE = timedelta(minutes=30)
LARGEST = 200_000
"""Bytes of typed text that one page carries; a form is refused before it is twice as large."""


class SignInForm(Form):
    """Phone and password. ``kept``: the sealed note of a form that waits for its sender to sign in again."""

    phone = StringField("手机号", id="sign-in-phone")
    password = PasswordField("密码", id="sign-in-password", widget=PasswordInput(hide_value=False))
    next = HiddenField(id="sign-in-next")
    kept = HiddenField(id="sign-in-kept")


@dataclass(frozen=True)
class Kept:
    """A form that waits. ``files``: the names of its file fields, which are chosen anew."""

    account: str
    target: str
    fields: list[tuple[str, str]]
    files: list[str]


def typed() -> list[tuple[str, str]]:
    """The fields of this request without its secrets."""
    return [(name, value) for name, value in request.form.items(multi=True) if name not in SECRET_NAMES]


def owner() -> str:
    """The public id of the account that this request's form or page was drawn for; "" when there was none."""
    sent = request.form.get("csrf_token") or request.headers.get("X-CSRFToken", "")
    if not sent:
        return _account_in(session.get("csrf_token", "")) if request.method == "GET" else ""
    try:
        return _account_in(URLSafeTimedSerializer(current_app.secret_key or "", salt="wtf-csrf-token").loads(sent))
    except BadData:
        return ""


def csrf_for(digest: str, account: str) -> str:
    """What the session's CSRF token is made of: a digest of the session's own token, and whose session it is."""
    return f"{digest}.{account}"


def seal() -> str:
    """The note for this request's form; "" when nothing is known to keep it for, or it is too large."""
    whose = owner()
    if not whose:
        return ""
    fields = [] if is_htmx() else typed()  # with htmx they stay where they are, in the page
    if len(json.dumps(fields, ensure_ascii=False).encode()) > LARGEST:
        return ""
    values = {"account": whose, "target": _here(), "fields": fields, "files": sorted(set(request.files))}
    return tickets.write(work(), KIND, values, LIFE)


def unseal(note: str | None) -> Kept | None:
    """The form behind ``note``; None when there is none or it waited too long."""
    values: dict[str, Any] | None = tickets.read(work(), KIND, note)
    if values is None:
        return None
    fields = [(str(name), str(value)) for name, value in values["fields"]]
    return Kept(values["account"], values["target"], fields, values["files"])


def ask() -> Response | None:
    """The sign-in page or panel that carries this request's form; None when there is nothing to carry."""
    note = seal()
    if not note:
        return None
    form = SignInForm(formdata=None, data={"kept": note})
    stranger = viewer() is not None
    answer = ask_again(form, 400 if stranger else 401, ended=True, stranger=stranger)
    if is_htmx():
        answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#problem", "innerHTML"
    return answer


def ask_again(form: Form, status: int = 200, *, step: str = "", **values: Any) -> Response:
    """Sign in: as a page, or as the panel above what is being typed. ``step``: "" or "_factor"."""
    template = f"qingchun/_sign_in{step}_panel.html" if is_htmx() else f"qingchun/sign_in{step}.html"
    return make_response(render_template(template, form=form, **{"shown": False, **values}), status)


def give_back(kept: Kept, answer: AnyResponse) -> AnyResponse:
    """Fill ``answer``, which signs the owner in, with the form to be sent once more under the new session."""
    template = "qingchun/_signed_in_panel.html" if is_htmx() else "qingchun/signed_in.html"
    g.pop("csrf_token", None)  # the token drawn so far was the old visit's
    answer.set_data(render_template(template, waiting=kept))
    return answer


def _here() -> str:
    return request.full_path.rstrip("?")


def _account_in(token: object) -> str:
    return str(token).partition(".")[2]
