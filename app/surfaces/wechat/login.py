"""WeChat's own sign-in (网页授权): the openid comes from its server, the state is bound to this browser, a code is used once."""

import secrets

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.access.gates import public
from app.kernel.errors import NotFound, Refused, Unavailable
from app.league.accounts import second_factor, signing_in
from app.league.accounts.models import Account, AccountStatus
from app.league.wechat import bindings, client
from app.league.wechat.official import Official, official
from app.surfaces.qingchun import sign_in
from app.surfaces.qingchun.visit import carry, device, drop, recall
from app.surfaces.web import onward
from app.surfaces.web.house import changing, house, me, same, viewer, work
from app.surfaces.web.pages import page, see
from app.surfaces.web.sessions import give_cookie
from app.surfaces.wechat import visitor

bp = Blueprint("wechat_login", __name__, url_prefix="/wx")
STATE = "wechat_state"
TARGETS = {
    "member": "codes.enter",
    "cadre": "codes.cadre",
    "class": "classes.index",
    "progress": "application_progress.show",
    "fix": "application_progress.fix",
    "file": "my_file.index",
    "onward": "my_home.index",
}
"""Name in a link → the page it leads to."""


@bp.get("/go/<target>")
@public("公众号里的链接")
def go(target: str) -> AnyResponse:
    """From the chat to a page, by way of WeChat's sign-in."""
    known = _official()
    if target not in TARGETS:
        raise NotFound
    if visitor.openid() and viewer() is not None:
        return see(_address(target))
    state = secrets.token_urlsafe(16)
    carry(STATE, {"state": state, "target": target})
    back = house().settings.public_origin + url_for(".back")
    return see(client.sign_in_page(known, back, state))


@bp.get("/back")
@public("微信登录后回来")
def back() -> AnyResponse:
    """WeChat's answer: only with the state this browser was given, and only once."""
    known, note = _official(), recall(STATE)
    drop(STATE)
    code = request.args.get("code", "")
    if not note or not code or not same(note["state"], request.args.get("state", "")):
        return page("wechat/failed.html", text=client.NOT_SIGNED_IN, target=note.get("target", "member"), status=400)
    try:
        openid = client.openid_for(known, code)
    except (Refused, Unavailable) as problem:
        status = 400 if isinstance(problem, Refused) else 503
        return page("wechat/failed.html", text=problem.text, target=note["target"], status=status)
    return _arrive(openid, _address(note["target"]))


def _arrive(openid: str, target: str) -> AnyResponse:
    """On to ``target``: signed in, where this WeChat belongs to an account."""
    account = bindings.account_of(work(), openid)
    if viewer() is not None:
        offered = account is None and bindings.binding_of(work(), me().account_id) is None
        onto = url_for("wechat_binding.offer", next=target) if offered else target
        return visitor.remember(see(onto), openid)
    if account is None or account.status is not AccountStatus.ACTIVE:
        return visitor.remember(see(target), openid)
    if second_factor.enabled(account):
        return visitor.remember(_ask_factor(account, target), openid)
    with changing() as change:
        token = signing_in.enter(
            change, change.session.get_one(Account, account.id), second_factor=False, device=device()
        )
    return visitor.remember(give_cookie(see(target), token), openid)


def _ask_factor(account: Account, target: str) -> AnyResponse:
    ticket = {"account": account.public_id, "next": target, "short": False, "stamp": account.password_hash[-16:]}
    carry(sign_in.TICKET, ticket, sign_in.FIVE_MINUTES)
    return see(url_for("sign_in.factor"))


def _address(target: str) -> str:
    address = url_for(TARGETS[target])
    return onward.onward(address) if target == "onward" else address


def _official() -> Official:
    known = official(house().settings)
    if known is None:
        raise NotFound
    return known
