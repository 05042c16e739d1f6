"""Registration, one thing per page: phone, code, name and birth date, consent, password.

Nothing is written before the last step; until then the visit carries the answers, sealed.
"""

from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, StringField

from app.kernel.access.gates import public
from app.kernel.clock import age_on
from app.kernel.errors import Conflict, Invalid, TooMany
from app.league.accounts import consents, guardians, operations, signing_in
from app.league.people.facts import clean_date
from app.surfaces.qingchun.phone_steps import PhoneSteps
from app.surfaces.qingchun.visit import (
    carry,
    device,
    drop,
    password_field,
    recall,
    too_many,
    wants_to_see,
)
from app.surfaces.web.forms import Form, OnceForm
from app.surfaces.web.house import Change, changing, viewer, work
from app.surfaces.web.onward import onward
from app.surfaces.web.pages import page, see
from app.surfaces.web.sessions import give_cookie

bp = Blueprint("registration", __name__, url_prefix="/jia")
KIND = "registration"
PLACES = "qingchun/registration"
PHONE = PhoneSteps(KIND, "register", "如果这个号码可以注册，验证码一分钟内会到。", operations.ask_for_registration)


class AboutForm(Form):
    """Who registers."""

    name = StringField("姓名")
    birth_date = StringField("出生日期")


class ConsentForm(Form):
    """Somebody of fourteen or more decides for himself."""

    terms = BooleanField()
    sensitive = BooleanField()


class GuardianForm(Form):
    """A child names the guardian who decides."""

    guardian_name = StringField("监护人姓名")
    guardian_phone = StringField("监护人手机号")


class PasswordForm(OnceForm):
    """The last step."""

    password = password_field("密码")


@bp.get("/start")
@public("注册入口")
def index() -> AnyResponse:
    """What is needed, before anything is asked."""
    if viewer() is not None:
        return see(url_for("my_home.index"))
    return page(f"{PLACES}/start.html")


@bp.get("/account")
@public("注册")
def phone() -> AnyResponse:
    """Step 1: the phone."""
    return PHONE.phone_page()


@bp.post("/account")
@public("注册")
def send() -> AnyResponse:
    """Send a code. The answer is the same whether the phone has an account or not."""
    return PHONE.send()


@bp.get("/account/code")
@public("注册")
def code() -> AnyResponse:
    """Step 2: the code."""
    return PHONE.code_page()


@bp.post("/account/code")
@public("注册")
def check() -> AnyResponse:
    """Compare the code."""
    return PHONE.check(lambda change, number: {"proved": True}, url_for(".about"))


@bp.post("/account/code/again")
@public("注册")
def again() -> AnyResponse:
    """Send the code once more."""
    return PHONE.send_again()


@bp.get("/account/about")
@public("注册")
def about() -> AnyResponse:
    """Step 3: name and birth date."""
    state = recall(KIND)
    if not state.get("proved"):
        return see(url_for(".phone"))
    form = AboutForm(name=state.get("name"))
    form.birth_date.raw_data = state.get("birth_date", "").split("-") if state.get("birth_date") else None
    return page(f"{PLACES}/about.html", form=form)


@bp.post("/account/about")
@public("注册")
def keep_about() -> AnyResponse:
    """Judge both at once."""
    form, state = AboutForm(), recall(KIND)
    if not state.get("proved"):
        return see(url_for(".phone"))
    typed = "-".join(request.form.getlist("birth_date"))
    try:
        name, born = operations.read_about(form.name.data or "", typed, work().today)
    except Invalid as problem:
        form.blame(problem)
        return page(f"{PLACES}/about.html", form=form, status=422)
    carry(KIND, {**_without(state, "agreed", "guardian_phone"), "name": name, "birth_date": f"{born:%Y-%m-%d}"})
    return see(url_for(".consent"))


@bp.get("/consent")
@public("注册")
def consent() -> AnyResponse:
    """Step 4: agree knowingly; a child names the guardian who decides instead."""
    state = recall(KIND)
    if not state.get("name"):
        return see(url_for(".about"))
    form = GuardianForm(data=state) if _child(state) else ConsentForm()
    return _consent_page(state, form)


@bp.post("/consent")
@public("注册")
def agree() -> AnyResponse:
    """Take the ticks, or the guardian's name and phone."""
    state = recall(KIND)
    if not state.get("name"):
        return see(url_for(".about"))
    form = GuardianForm() if _child(state) else ConsentForm()
    try:
        kept = _guardian(form, state) if _child(state) else _ticked(form)
    except Invalid as problem:
        form.blame(problem)
        return _consent_page(state, form, status=422)
    carry(KIND, {**state, **kept})
    return see(url_for(".password"))


@bp.get("/consent/refused")
@public("注册")
def refused() -> AnyResponse:
    """Whoever does not agree is told what works without an account."""
    drop(KIND)
    return page(f"{PLACES}/refused.html")


@bp.get("/account/password")
@public("注册")
def password() -> AnyResponse:
    """Step 5: the password."""
    state = recall(KIND)
    if not _complete(state):
        return see(url_for(".consent"))
    return page(f"{PLACES}/password.html", form=PasswordForm(), shown=False)


@bp.post("/account/password")
@public("注册")
def finish() -> AnyResponse:
    """Make the account and sign in; a child's account waits for the guardian."""
    form, state = PasswordForm(), recall(KIND)
    if not _complete(state):
        return see(url_for(".consent"))
    if wants_to_see():
        return page(f"{PLACES}/password.html", form=form, shown=True)
    unit, typed = work(), form.password.data or ""
    born = clean_date(state["birth_date"], unit.today)
    try:
        kept = operations.choose_password(unit, typed, name=state["name"], phone=state["phone"], birth_date=born)
        with changing(form.once.data) as change:
            token = _make(change, state, kept)
    except TooMany as problem:
        return page(f"{PLACES}/password.html", form=form, shown=False, status=too_many(form, problem, "password"))
    except Conflict as problem:
        drop(KIND)
        return see(url_for("sign_in.form"), problem.text)
    except Invalid as problem:
        form.blame(problem)
        return page(f"{PLACES}/password.html", form=form, shown=False, status=422)
    drop(KIND)
    response = see(change.outcome)
    if token is None:
        return response
    give_cookie(response, token)
    return response


def _make(change: Change, state: dict[str, Any], password_hash: str) -> str | None:
    born = clean_date(state["birth_date"], change.today)
    account = operations.register(
        change,
        phone=state["phone"],
        password_hash=password_hash,
        name=state["name"],
        birth_date=born,
        agreed=() if "guardian_phone" in state else consents.texts_for(age_on(born, change.today)),
    )
    if "guardian_phone" in state:
        guardians.ask(change, account, state["guardian_name"], state["guardian_phone"])
        carry("waiting", {"account": account.public_id})
        change.outcome = url_for("guardian.waiting")
        return None
    change.outcome = onward(url_for("my_home.index"))
    return signing_in.enter(change, account, second_factor=False, device=device())


def _child(state: dict[str, Any]) -> bool:
    today = work().today
    return operations.needs_guardian(clean_date(state["birth_date"], today), today)


def _complete(state: dict[str, Any]) -> bool:
    """Whether every earlier step is answered for the age of today: at midnight a child may turn fourteen."""
    return bool(state.get("name")) and bool(state.get("guardian_phone" if _child(state) else "agreed"))


def _ticked(form: Form) -> dict[str, Any]:
    faults = {}
    if not form.terms.data:
        faults["terms"] = "请先看完说明，同意的话打上勾"
    if not form.sensitive.data:
        faults["sensitive"] = "建立档案需要核对身份证号；不同意的话可以先不注册"
    if faults:
        raise Invalid(faults)
    return {"agreed": True}


def _guardian(form: Form, state: dict[str, Any]) -> dict[str, Any]:
    name, number = guardians.read_guardian(
        form.guardian_name.data or "", form.guardian_phone.data or "", state["phone"]
    )
    return {"guardian_name": name, "guardian_phone": number}


def _consent_page(state: dict[str, Any], form: Form, status: int = 200) -> AnyResponse:
    if _child(state):
        return page(f"{PLACES}/guardian.html", form=form, status=status)
    today = work().today
    age = age_on(clean_date(state["birth_date"], today), today)
    return page(f"{PLACES}/consent.html", form=form, texts=consents.texts_for(age), age=age, status=status)


def _without(state: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in state.items() if name not in names}
