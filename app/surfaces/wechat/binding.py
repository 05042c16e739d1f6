"""Binding this WeChat to the account that is signed in, and undoing it."""

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.access.gates import own
from app.kernel.errors import Conflict, NotFound
from app.league.joining import operations
from app.league.wechat import bindings
from app.surfaces.web.forms import Form
from app.surfaces.web.house import changing, me, work
from app.surfaces.web.pages import local_target, page, see
from app.surfaces.wechat import visitor

bp = Blueprint("wechat_binding", __name__, url_prefix="/wx")


@bp.get("/bind")
@own
def offer() -> AnyResponse:
    """Bind it? For who came from WeChat and is not bound yet."""
    onward = _onward(request.args.get("next"))
    if not visitor.openid() or bindings.binding_of(work(), me().account_id) is not None:
        return see(onward)
    return page("wechat/bind.html", form=Form(), onward=onward)


@bp.post("/bind")
@own
def bind() -> AnyResponse:
    """Bind the WeChat whose openid WeChat's server told; nothing that is sent says which."""
    onward, openid = _onward(request.form.get("next")), visitor.openid()
    if not openid:
        return see(url_for("security.index"), "请从公众号里进来，再绑定微信")
    try:
        with changing() as change:
            bindings.bind(change, operations.account_of(change, me().account_id), openid)
    except Conflict as problem:
        return see(onward, problem.text)
    return see(onward, "微信已绑定")


@bp.post("/unbind")
@own
def unbind() -> AnyResponse:
    """Take it apart."""
    try:
        with changing() as change:
            bindings.unbind(change, operations.account_of(change, me().account_id))
    except NotFound:
        return see(url_for("security.index"), "现在没有绑定微信")
    return see(url_for("security.index"), "微信已解绑")


def _onward(typed: str | None) -> str:
    return local_target(typed, url_for("my_home.index"))
