"""Where WeChat's servers call: the greeting when the account is set up, and every message."""

from flask import Blueprint, Response, request

from app.kernel.access.gates import public
from app.kernel.errors import NotFound
from app.league.wechat import receiving
from app.league.wechat import telling as telling  # the echo of messages
from app.league.wechat.crypto import Forged
from app.league.wechat.envelopes import LARGEST, Malformed
from app.league.wechat.official import Official, official
from app.surfaces.web.house import house, work

bp = Blueprint("wechat", __name__, url_prefix="/wx")


@bp.get("/callback")
@public("微信服务器；凭签名")
def greet() -> Response:
    """Prove that the callback is ours."""
    try:
        return _plain(receiving.greet(_official(), request.args))
    except Forged:
        return _plain("", 403)


@bp.post("/callback")
@public("微信服务器；凭签名")
def receive() -> Response:
    """One message: answered at once, whatever it is."""
    known = _official()
    request.max_content_length = LARGEST
    if (request.content_length or 0) > LARGEST:
        return _plain("", 413)
    try:
        said = receiving.receive(work(), known, request.args, request.get_data())
    except Forged:
        return _plain("", 403)
    except Malformed:
        return _plain("", 400)
    kind = "application/xml" if said.startswith("<xml>") else "text/plain"
    return Response(said, mimetype=kind)


def _official() -> Official:
    known = official(house().settings)
    if known is None:
        raise NotFound
    return known


def _plain(text: str, status: int = 200) -> Response:
    return Response(text, status, mimetype="text/plain")
