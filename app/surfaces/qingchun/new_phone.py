"""Another phone to sign in by: the password, the new number, the code that comes to it."""

from typing import Any

from flask import Blueprint, flash, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms import StringField

from app.kernel.access.gates import own
from app.kernel.errors import Conflict, Invalid, TooMany
from app.kernel.work import Work
from app.league.accounts import operations
from app.league.people.facts import clean_phone
from app.surfaces.qingchun.phone_steps import PhoneSteps
from app.surfaces.qingchun.security import ProofForm, mine, prove
from app.surfaces.qingchun.visit import carry, drop, recall, too_many, wants_to_see
from app.surfaces.web.house import changing, me
from app.surfaces.web.pages import page, see

bp = Blueprint("new_phone", __name__, url_prefix="/jia/security/phone")
KIND = "new_phone"


class NewPhoneForm(ProofForm):
    """The present password and the new number."""

    phone = StringField("新手机号")


def _ask(change: Work, number: str) -> None:
    operations.ask_for_new_phone(change, mine(change), number)


STEPS = PhoneSteps(KIND, "phone", "短信会发到新手机。", _ask)


@bp.get("")
@own
def phone() -> AnyResponse:
    """The password and the number."""
    return _page(NewPhoneForm(phone=recall(KIND).get("phone")))


@bp.post("")
@own
def send() -> AnyResponse:
    """Send a code to the new number; the answer never tells whether it has an account."""
    form = NewPhoneForm()
    if wants_to_see():
        return _page(form, shown=True)
    try:
        number = _number(form)
        prove(form)
        with changing() as change:
            _ask(change, number)
    except TooMany as problem:
        return _page(form, too_many(form, problem, "phone"))
    except Invalid as problem:
        form.blame(problem)
        return _page(form, 422)
    carry(KIND, {"phone": number, "account": me().public_id})
    return see(url_for(".code"))


@bp.get("/code")
@own
def code() -> AnyResponse:
    """The code."""
    return STEPS.code_page() if _begun() else see(url_for(".phone"))


@bp.post("/code")
@own
def check() -> AnyResponse:
    """Compare the code; from then on the new number signs in."""
    if not _begun():
        return see(url_for(".phone"))
    try:
        response = STEPS.check(_take, url_for("security.index"))
    except Conflict as problem:
        drop(KIND)
        return see(url_for(".phone"), problem.text)
    if response.status_code == 303:
        drop(KIND)
        flash("登录手机号已更换，其他地方的登录都已结束")
    return response


def _begun() -> bool:
    """Whether this very account asked for a code."""
    return recall(KIND).get("account") == me().public_id


def _take(change: Work, number: str) -> dict[str, Any]:
    operations.change_phone(change, mine(change), number, keep=me().session_id)
    return {}


def _number(form: NewPhoneForm) -> str:
    try:
        return clean_phone(form.phone.data or "")
    except Invalid as problem:
        raise Invalid({"phone": problem.text}) from None


def _page(form: NewPhoneForm, status: int = 200, *, shown: bool = False) -> AnyResponse:
    return page("qingchun/new_phone/phone.html", form=form, shown=shown, status=status)
