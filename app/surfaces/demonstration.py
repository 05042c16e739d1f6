"""What the demonstration shows beyond the product: the text messages it would have sent, and every kind of trouble."""

import sqlite3

from flask import Blueprint, abort, url_for
from sqlalchemy.exc import OperationalError
from werkzeug.wrappers import Response as AnyResponse
from wtforms import SelectField, StringField, TextAreaField

from app.kernel.access.gates import demonstration
from app.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused, TooMany, Unavailable
from app.league.accounts import sms
from app.surfaces import demonstration_wechat
from app.surfaces.web import ended
from app.surfaces.web.forms import Form, OnceForm, choices
from app.surfaces.web.house import changing, house, work
from app.surfaces.web.pages import page, see

bp = Blueprint("demonstration", __name__, url_prefix="/demo")
BLUEPRINTS = (bp, demonstration_wechat.bp, demonstration_wechat.servers)
TEMPLATES = ("portal/demonstration_messages.html", "portal/_demonstration_messages.html")


TROUBLES = {
    "fine": "没有问题，收下",
    "400": "页面停留太久，表单过期",
    "401": "登录到期",
    "403": "不在权限里",
    "404": "没有找到",
    "405": "地址不能直接打开",
    "409": "别人先处理了",
    "refused": "规定不允许",
    "413": "文件太大",
    "422": "内容要改",
    "429": "太快了",
    "500": "我们出了错",
    "503": "正在维护",
    "locked": "数据库正忙",
}


class TroubleForm(OnceForm):
    """Something typed, and what is to go wrong with it."""

    note = TextAreaField("想说的话")
    kind = SelectField("会发生什么", choices=choices(TROUBLES.items()), validate_choice=False)


class SearchForm(Form):
    """The last four digits of a phone."""

    ending = StringField("手机号后四位")


@bp.get("/messages")
@demonstration
def messages() -> AnyResponse:
    """演示短信, newest first."""
    return page(*TEMPLATES, form=SearchForm(), rows=sms.shown(work()), ending="")


@bp.post("/messages")
@demonstration
def search() -> AnyResponse:
    """Those to phones that end so; a POST keeps digits of a phone out of addresses."""
    form = SearchForm()
    ending = "".join(c for c in form.ending.data or "" if c.isdigit())[-4:]
    return page(*TEMPLATES, form=form, rows=sms.shown(work(), ending), ending=ending)


@bp.get("/trouble")
@demonstration
def trouble() -> AnyResponse:
    """Every way in which a form can fail to be taken, to be looked at before it happens."""
    return page("portal/demonstration_trouble.html", form=TroubleForm())


@bp.post("/trouble")
@demonstration
def meet() -> AnyResponse:
    """Fail as asked."""
    form = TroubleForm()
    kind = form.kind.data or ""
    if kind == "422":
        form.blame(Invalid({"note": "这句话要改一改"}))
        return page("portal/demonstration_trouble.html", "portal/_demonstration_trouble.html", form=form, status=422)
    if kind == "401" and (carrying := ended.ask()):
        return carrying
    if kind == "500":
        raise RuntimeError("asked for")
    if kind in TROUBLES and kind != "fine":
        _fail(kind)
    with changing(form.once.data) as change:
        change.outcome = url_for(".trouble")
    return see(change.outcome, "收下了")


def _fail(kind: str) -> None:
    if kind == "locked":
        raise OperationalError("BEGIN IMMEDIATE", None, sqlite3.OperationalError("database is locked"))
    problems: dict[str, Problem] = {
        "404": NotFound(),
        "409": Conflict("这份申请已经退回", by="李老师", at=house().clock.now()),
        "refused": Refused("任期已经结束，不能再审核"),
        "429": TooMany(47),
        "503": Unavailable("正在维护，大约 2 分钟"),
    }
    if kind in problems:
        raise problems[kind]
    abort(int(kind))
