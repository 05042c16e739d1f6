"""A forgotten password: phone, code, a new one. The answer never says whether there is an account."""

from typing import Any

from flask import Blueprint, flash, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.access.gates import public
from app.kernel.errors import Invalid
from app.kernel.work import Work
from app.league.accounts import operations
from app.surfaces.qingchun.phone_steps import PhoneSteps
from app.surfaces.qingchun.visit import drop, password_field, recall, wants_to_see
from app.surfaces.web.forms import Form
from app.surfaces.web.house import changing, work
from app.surfaces.web.pages import page, see
from app.surfaces.web.sessions import take_cookie

bp = Blueprint("reset", __name__, url_prefix="/reset")
KIND = "reset"
PHONE = PhoneSteps(KIND, "reset", "如果这个号码有账号，验证码一分钟内会到。", operations.ask_for_reset)


class NewPasswordForm(Form):
    """The new password."""

    password = password_field("新密码")


@bp.get("")
@public("重设密码")
def phone() -> AnyResponse:
    """The phone."""
    return PHONE.phone_page()


@bp.post("")
@public("重设密码")
def send() -> AnyResponse:
    """Send a code, or the news that there is no account: to the phone, not to this page."""
    return PHONE.send()


@bp.get("/code")
@public("重设密码")
def code() -> AnyResponse:
    """The code."""
    return PHONE.code_page()


@bp.post("/code")
@public("重设密码")
def check() -> AnyResponse:
    """Compare the code."""
    return PHONE.check(_account, url_for(".password"))


@bp.get("/password")
@public("重设密码")
def password() -> AnyResponse:
    """The new password."""
    if not recall(KIND).get("account"):
        return see(url_for(".phone"))
    return page("qingchun/reset/password.html", form=NewPasswordForm(), shown=False)


@bp.post("/password")
@public("重设密码")
def finish() -> AnyResponse:
    """Take it; every session of the account ends."""
    form, state, unit = NewPasswordForm(), recall(KIND), work()
    if not state.get("account"):
        return see(url_for(".phone"))
    if wants_to_see():
        return page("qingchun/reset/password.html", form=form, shown=True)
    account = operations.account_of(unit, state["account"])
    try:
        kept = operations.choose_password(
            unit,
            form.password.data or "",
            name=account.name,
            phone=state["phone"],
            birth_date=account.birth_date,
            staff=operations.is_staff(unit, account),
        )
    except Invalid as problem:
        form.blame(problem)
        return page("qingchun/reset/password.html", form=form, shown=False, status=422)
    with changing() as change:
        account = operations.account_of(change, state["account"])
        fresh = account.password_hash[-16:] == state["stamp"]
        if fresh:
            operations.change_password(change, account, kept)
    drop(KIND)
    if not fresh:
        return see(url_for(".phone"), "这次重设已经用过了，请重新获取验证码")
    response = see(url_for("sign_in.form"))
    take_cookie(response)
    flash("密码已重设，请用新密码登录。其他地方的登录都已结束")
    return response


def _account(unit: Work, number: str) -> dict[str, Any] | None:
    """Whose password it is. The note dies with the password it was written for."""
    account = operations.account_by_phone(unit, number)
    return {"account": account.public_id, "stamp": account.password_hash[-16:]} if account else None
