"""A forgotten password: phone, code, a new one. The answer never says whether there is an account."""

from flask import Blueprint, flash, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.access.gates import public
from app.kernel.errors import Invalid, TooMany
from app.league.accounts import operations, sms
from app.league.people.facts import clean_phone
from app.surfaces.qingchun.visit import (
    CodeForm,
    PhoneForm,
    carry,
    drop,
    password_field,
    recall,
    too_many,
    wants_to_see,
)
from app.surfaces.web.forms import Form
from app.surfaces.web.house import changing, work
from app.surfaces.web.pages import page, see
from app.surfaces.web.sessions import take_cookie

bp = Blueprint("reset", __name__, url_prefix="/reset")
KIND = "reset"
SENT_NOTE = "如果这个号码有账号，验证码一分钟内会到。"


class NewPasswordForm(Form):
    """The new password."""

    password = password_field("新密码")


@bp.get("")
@public("重设密码")
def phone() -> AnyResponse:
    """The phone."""
    return page("qingchun/reset/phone.html", form=PhoneForm(phone=recall(KIND).get("phone")))


@bp.post("")
@public("重设密码")
def send() -> AnyResponse:
    """Send a code, or the news that there is no account: to the phone, not to this page."""
    form = PhoneForm()
    try:
        number = clean_phone(form.phone.data or "")
    except Invalid as problem:
        form.blame(Invalid({"phone": problem.text}))
        return page("qingchun/reset/phone.html", form=form, status=422)
    try:
        with changing() as change:
            operations.ask_for_reset(change, number)
    except TooMany as problem:
        return page("qingchun/reset/phone.html", form=form, status=too_many(form, problem, "phone"))
    carry(KIND, {"phone": number})
    return see(url_for(".code"))


@bp.get("/code")
@public("重设密码")
def code() -> AnyResponse:
    """The code."""
    state = recall(KIND)
    if not state:
        return see(url_for(".phone"))
    return page("qingchun/reset/code.html", form=CodeForm(), phone=state["phone"], note=SENT_NOTE)


@bp.post("/code")
@public("重设密码")
def check() -> AnyResponse:
    """Compare the code; every try is counted."""
    form, state = CodeForm(), recall(KIND)
    if not state:
        return see(url_for(".phone"))
    account, status = None, 422
    try:
        with changing() as change:
            if sms.check_code(change, state["phone"], "reset", form.code.data or ""):
                account = operations.account_by_phone(change, state["phone"])
    except TooMany as problem:
        status = too_many(form, problem, "code")
    else:
        if account is None:
            form.blame(Invalid({"code": sms.WRONG}))
    if account is None:
        return page("qingchun/reset/code.html", form=form, phone=state["phone"], note=SENT_NOTE, status=status)
    # The note dies with the password it was written for.
    carry(KIND, {"phone": state["phone"], "account": account.public_id, "stamp": account.password_hash[-16:]})
    return see(url_for(".password"))


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
