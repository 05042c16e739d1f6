"""A child's account that waits, and the guardian's page behind the link in the SMS."""

from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, StringField

from app.kernel.access.gates import public
from app.kernel.errors import Invalid, NotFound, TooMany
from app.league.accounts import guardians, operations, sms
from app.league.accounts.consents import GUARDIAN
from app.league.accounts.models import AccountStatus, ConsentState
from app.surfaces.qingchun.registration import GuardianForm
from app.surfaces.qingchun.visit import recall, too_many
from app.surfaces.web.forms import Form
from app.surfaces.web.house import changing, work
from app.surfaces.web.pages import page, see

bp = Blueprint("guardian", __name__)
HERE = "qingchun/guardian"


class VerdictForm(Form):
    """The guardian's decision: the code that came to his phone, and one of two buttons of equal weight."""

    code = StringField("短信验证码")
    adult = BooleanField("我已满 18 周岁，是孩子的父母或其他监护人")


@bp.get("/jia/account/waiting")
@public("未满 14 周岁者等待监护人同意")
def waiting() -> AnyResponse:
    """Where it stands, and what works meanwhile."""
    return _waiting_page(GuardianForm())


@bp.post("/jia/account/waiting/again")
@public("再请监护人一次")
def again() -> AnyResponse:
    """Send the same guardian a fresh link."""
    try:
        with changing() as change:
            guardians.ask_again(change, operations.account_of(change, recall("waiting").get("account", "")))
    except TooMany as problem:
        form = GuardianForm()
        return _waiting_page(form, too_many(form, problem, ""))
    return see(url_for(".waiting"), "已再发一次短信给监护人")


@bp.post("/jia/account/waiting")
@public("换一位监护人")
def other() -> AnyResponse:
    """Name another guardian; the earlier link stops working."""
    form = GuardianForm()
    try:
        with changing() as change:
            account = operations.account_of(change, recall("waiting").get("account", ""))
            own_phone = operations.phone_of(change, account)
            typed = (form.guardian_name.data or "", form.guardian_phone.data or "")
            guardians.ask(change, account, *guardians.read_guardian(*typed, own_phone))
    except TooMany as problem:
        return _waiting_page(form, too_many(form, problem, "guardian_phone"))
    except Invalid as problem:
        form.blame(problem)
        return _waiting_page(form, 422)
    return see(url_for(".waiting"), "已发短信给这位监护人")


@bp.get("/guardian/<token>")
@public("监护人凭短信里的链接查看并决定")
def question(token: str) -> AnyResponse:
    """What is asked, in plain words."""
    return _question_page(token, VerdictForm())


@bp.post("/guardian/<token>/code")
@public("监护人获取验证码")
def send(token: str) -> AnyResponse:
    """Send a code to the guardian's own phone."""
    form = VerdictForm()
    try:
        with changing() as change:
            sms.send_code(change, guardians.asked(change, token).phone, "guardian")
    except TooMany as problem:
        return _question_page(token, form, too_many(form, problem, "code"))
    return see(url_for(".question", token=token, _anchor="decide"), "验证码已发到您的手机")


@bp.post("/guardian/<token>")
@public("监护人作出决定")
def decide(token: str) -> AnyResponse:
    """Agree, refuse, or take an earlier agreement back."""
    form, verdict = VerdictForm(), request.form.get("verdict")
    if verdict not in ("agree", "refuse", "withdraw"):
        form.blame(Invalid("请选择同意或不同意"))
        return _question_page(token, form, 422)
    if verdict == "agree" and not form.adult.data:
        form.blame(Invalid({"adult": "请确认您是成年的监护人"}))
        return _question_page(token, form, 422)
    try:
        with changing() as change:
            asked = guardians.asked(change, token)
            right = sms.check_code(change, asked.phone, "guardian", form.code.data or "")
            if right and verdict == "withdraw":
                guardians.withdraw(change, asked)
            elif right:
                guardians.answer(change, asked, agree=verdict == "agree")
    except TooMany as problem:
        return _question_page(token, form, too_many(form, problem, "code"))
    if not right:
        form.blame(Invalid({"code": sms.WRONG}))
        return _question_page(token, form, 422)
    return see(url_for(".question", token=token))


def _waiting_page(form: Form, status: int = 200) -> AnyResponse:
    unit = work()
    public_id = recall("waiting").get("account")
    if not public_id:
        return see(url_for("sign_in.form"))
    try:
        account = operations.account_of(unit, public_id)
    except NotFound:
        return see(url_for("sign_in.form"))
    last = guardians.latest(unit, account.id)
    phone = ""
    if last is not None and last.guardian_phone_sealed:
        phone = unit.vault.open("guardian_phone", last.guardian_phone_sealed)
    values: dict[str, Any] = {"account": account, "last": last, "phone": phone, "Status": AccountStatus}
    return page(f"{HERE}/waiting.html", form=form, status=status, **values)


def _question_page(token: str, form: Form, status: int = 200) -> AnyResponse:
    asked = guardians.asked(work(), token)
    state: dict[str, Any] = {"asked": asked, "state": None, "text": GUARDIAN, "token": token, "State": ConsentState}
    return page(f"{HERE}/question.html", form=form, status=status, **state)
