"""What a browser carries between the steps of a form, sealed: nobody reads a phone out of a cookie."""

from datetime import timedelta
from typing import Any

from flask import Response, after_this_request, request, session
from wtforms import PasswordField, StringField
from wtforms.widgets import PasswordInput

from app.kernel.errors import Invalid, TooMany
from app.league.accounts import tickets
from app.surfaces.web.forms import Form
from app.surfaces.web.house import work

HALF_AN_HOUR = timedelta(minutes=30)


def recall(kind: str) -> dict[str, Any]:
    """What the visit carries under ``kind``; empty when nothing, or when it is too old."""
    return tickets.read(work(), kind, session.get(kind)) or {}


def carry(kind: str, values: dict[str, Any], life: timedelta = HALF_AN_HOUR) -> None:
    """Let the visit carry ``values`` under ``kind``."""
    session[kind] = tickets.write(work(), kind, values, life)


def drop(kind: str) -> None:
    """Carry it no longer."""
    session.pop(kind, None)


class PhoneForm(Form):
    """A mobile number."""

    phone = StringField("手机号")


class CodeForm(Form):
    """The code that came by SMS."""

    code = StringField("短信验证码")


def password_field(label: str) -> PasswordField:
    """A password that the page shows only when asked to."""
    return PasswordField(label, widget=PasswordInput(hide_value=False))


def wants_to_see() -> bool:
    """Whether the button 显示密码 was pressed: the same form comes back with the password readable."""
    return request.form.get("show") == "1"


def too_many(form: Form, problem: TooMany, field: str) -> int:
    """Say in the form how long to wait. Returns the status of the page."""
    form.blame(Invalid({field: problem.text}))
    seconds = str(problem.seconds)

    @after_this_request
    def tell(response: Response) -> Response:
        response.headers["Retry-After"] = seconds
        return response

    return 429


def device() -> str:
    """The browser in words a person recognises: 手机上的微信, Windows 上的 Edge."""
    agent = request.headers.get("User-Agent", "")
    systems = (
        ("Android", "安卓"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("HarmonyOS", "鸿蒙"), ("Windows", "Windows"),
        ("Mac OS", "苹果电脑"), ("Linux", "Linux"),
    )  # fmt: skip
    browsers = (
        ("MicroMessenger", "微信"), ("Edg", "Edge"), ("QQBrowser", "QQ 浏览器"), ("Firefox", "Firefox"),
        ("Chrome", "Chrome"), ("Safari", "Safari"),
    )  # fmt: skip
    system = next((name for mark, name in systems if mark in agent), "一台设备")
    browser = next((name for mark, name in browsers if mark in agent), "浏览器")
    return f"{system}上的{browser}"
