"""WeChat as the demonstration plays it: a phone with the official account's chat, and WeChat's servers behind it.

The servers speak WeChat's protocol, and the product calls them over HTTP as it would call WeChat's; what the phone says
goes signed and encrypted through the product's own callback.
"""

import re
import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, jsonify, redirect, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse
from wtforms import HiddenField, StringField

from app.kernel.access.gates import demonstration
from app.kernel.db.unit import writing
from app.kernel.work import Work
from app.league.accounts import tickets
from app.league.wechat import crypto, envelopes, receiving
from app.league.wechat.menus import MENU
from app.league.wechat.models import DemonstrationChat
from app.league.wechat.official import DEMONSTRATION_ID, DEMONSTRATION_PATH, Official, official
from app.surfaces.web.forms import Form
from app.surfaces.web.house import house, work
from app.surfaces.web.pages import page, see

bp = Blueprint("demonstration_wechat", __name__, url_prefix=DEMONSTRATION_PATH)
servers = Blueprint("demonstration_wechat_servers", __name__, url_prefix=DEMONSTRATION_PATH)
PHONES = 6
PHONE = "demonstration_phone"
LONGEST = 60
KIND, LIFE = "demonstration_chat", timedelta(minutes=5)
ADDRESS = re.compile(r"(https?://\S+)")
RESULTS = ("事项", "结果", "时间")


class SayForm(Form):
    """What is typed, or which button of the menu is pressed."""

    text = StringField("说点什么")
    key = HiddenField()


@bp.get("")
@demonstration
def chat() -> AnyResponse:
    """The phone: whose it is, the chat, the menu."""
    if (chosen := request.args.get("phone", "")) in {str(n + 1) for n in range(PHONES)}:
        taken = see(url_for(".chat"))
        taken.set_cookie(PHONE, chosen, httponly=True, samesite="Lax", secure=house().settings.secure_cookies)
        return taken
    here, known = work(), _official()
    if not _lines(here):
        _say(here, known, MsgType="event", Event="subscribe", EventKey="")
    return page(
        "portal/demonstration_wechat.html", form=SayForm(), lines=_lines(here), menu=MENU["button"],
        phones=PHONES, phone=_phone(),
    )  # fmt: skip


@bp.post("")
@demonstration
def say() -> AnyResponse:
    """Say something, or press a button."""
    form, here, known = SayForm(), work(), _official()
    names = {button["key"]: button["name"] for button in MENU["button"]}
    typed = (form.text.data or "").strip()[:LONGEST]
    if not form.validate_on_submit() or (form.key.data not in names and not typed):
        return see(url_for(".chat"))
    if form.key.data in names:
        _keep(here, _who(), names[form.key.data], mine=True)
        _say(here, known, MsgType="event", Event="CLICK", EventKey=form.key.data)
    else:
        _keep(here, _who(), typed, mine=True)
        _say(here, known, MsgType="text", Content=typed, MsgId=secrets.randbelow(10**15))
    return see(url_for(".chat") + "#last")


@bp.get("/connect/oauth2/authorize")
@demonstration
def authorize() -> AnyResponse:
    """Sign in to a page: who holds the phone agrees at once, as in WeChat."""
    back = request.args.get("redirect_uri", "")
    if back != house().settings.public_origin + url_for("wechat_login.back"):
        abort(400)
    code = tickets.write(work(), KIND, {"openid": _who()}, LIFE)
    return redirect(
        f"{url_for('wechat_login.back')}?{urlencode({'code': code, 'state': request.args.get('state', '')})}"
    )


@servers.get("/sns/oauth2/access_token")
@demonstration
def who_signed_in() -> Response:
    """Who is behind a code."""
    note = tickets.read(work(), KIND, request.args.get("code"))
    return jsonify(openid=note["openid"]) if note else jsonify(errcode=40029, errmsg="invalid code")


@servers.post("/cgi-bin/stable_token")
@demonstration
def token() -> Response:
    """A token that is always the same."""
    return jsonify(access_token=DEMONSTRATION_ID, expires_in=7200)


@servers.post("/cgi-bin/menu/create")
@demonstration
def take_menu() -> Response:
    """The phone shows the product's menu anyway."""
    return jsonify(errcode=0)


@servers.post("/cgi-bin/message/<kind>/send")
@demonstration
def deliver(kind: str) -> Response:
    """A message to a phone."""
    sent: Any = request.get_json(silent=True)
    try:
        openid, text = sent["touser"], sent["text"]["content"] if kind == "custom" else _laid_out(sent)
    except (AttributeError, KeyError, TypeError):
        return jsonify(errcode=47001, errmsg="data format error")
    if openid not in [f"demonstration-{n + 1}" for n in range(PHONES)] or not isinstance(text, str):
        return jsonify(errcode=40003, errmsg="invalid openid")
    _keep(work(), openid, text, mine=False)
    return jsonify(errcode=0)


def _laid_out(sent: dict[str, Any]) -> str:
    told = [f"{name}：{field['value']}" for name, field in zip(RESULTS, sent["data"].values(), strict=False)]
    return "\n".join(["【业务办理结果】", *told, f"查看 {sent.get('url', '')}"])


def _say(here: Work, known: Official, **values: str | int) -> None:
    """Send a message through the callback, as WeChat's servers would, and keep the answer."""
    moment, nonce = int(here.now.timestamp()), secrets.token_hex(8)
    xml = envelopes.write({"ToUserName": "gh_demonstration", "FromUserName": _who(), "CreateTime": moment, **values})
    sealed = crypto.encrypt(known.aes_key, known.app_id, xml.encode())
    signature = crypto.signature(known.token, str(moment), nonce, sealed)
    query = {"timestamp": str(moment), "nonce": nonce, "msg_signature": signature}
    reply = receiving.receive(here, known, query, envelopes.write({"Encrypt": sealed}).encode())
    if reply != receiving.NOTHING:
        opened = crypto.decrypt(known.aes_key, known.app_id, envelopes.read(reply.encode())["Encrypt"])
        _keep(here, _who(), envelopes.read(opened)["Content"], mine=False)


def _keep(here: Work, who: str, text: str, *, mine: bool) -> None:
    row = DemonstrationChat(who=who, mine=mine, text_sealed=here.vault.seal("wechat_text", text), sent_at=here.now)
    with writing(here.session):
        here.session.add(row)


def _lines(here: Work) -> list[tuple[DemonstrationChat, list[str]]]:
    """The chat so far, each text cut at its addresses."""
    query = select(DemonstrationChat).where(DemonstrationChat.who == _who()).order_by(DemonstrationChat.id.desc())
    rows = list(here.session.scalars(query.limit(LONGEST)))[::-1]
    return [(row, ADDRESS.split(here.vault.open("wechat_text", row.text_sealed))) for row in rows]


def _phone() -> int:
    """Which phone this browser holds, whoever signs in on it."""
    held = request.cookies.get(PHONE, "")
    return int(held) if held in {str(n + 1) for n in range(PHONES)} else 1


def _who() -> str:
    return f"demonstration-{_phone()}"


def _official() -> Official:
    known = official(house().settings)
    if known is None or known.app_id != DEMONSTRATION_ID:
        abort(404)
    return known
