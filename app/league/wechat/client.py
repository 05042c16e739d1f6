"""Asking WeChat's servers: who signed in, and to deliver what we have to say."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import urllib3

from app.kernel.db.unit import upsert, writing
from app.kernel.errors import Refused, Unavailable
from app.kernel.work import Work
from app.league.wechat.models import WechatToken
from app.league.wechat.official import Official

SECONDS = urllib3.Timeout(connect=2, read=5)
LARGEST = 256 * 1024
PURPOSE = "wechat_token"
EARLY = timedelta(minutes=5)
TOKEN_ENDED = {40001, 40014, 42001}
NOT_REACHABLE = {43004, 43019, 43101, 45015, 45047}
"""Does not follow, does not want to be told, or has not spoken for too long: nothing that trying again would change."""
NOT_SIGNED_IN = "微信登录没有成功，请回到公众号再点一次"


def sign_in_page(known: Official, back: str, state: str) -> str:
    """Where WeChat asks its user, and comes back to ``back`` with a code and ``state`` (网页授权)."""
    query = {
        "appid": known.app_id, "redirect_uri": back, "response_type": "code", "scope": "snsapi_base", "state": state,
    }  # fmt: skip
    return f"{known.pages}/connect/oauth2/authorize?{urlencode(query)}#wechat_redirect"


def openid_for(known: Official, code: str) -> str:
    """Who signed in, by the code that came back. Raises Refused for a code that is no good, Unavailable."""
    query = {
        "appid": known.app_id, "secret": known.secret, "code": code[:512], "grant_type": "authorization_code",
    }  # fmt: skip
    answer = _ask("GET", f"{known.api}/sns/oauth2/access_token?{urlencode(query)}")
    openid = answer.get("openid")
    if not isinstance(openid, str) or not 1 <= len(openid) <= 64:
        raise Refused(NOT_SIGNED_IN)
    return openid


def send(work: Work, known: Official, path: str, document: dict[str, Any]) -> bool:
    """Post ``document``. Returns whether it can be delivered at all; raises Unavailable to be tried again.

    Runs outside a transaction: nobody waits for the writer's turn meanwhile.
    """
    for fresh in (False, True):
        address = f"{known.api}{path}?{urlencode({'access_token': access_token(work, known, fresh=fresh)})}"
        code = int(_ask("POST", address, document).get("errcode") or 0)
        if code not in TOKEN_ENDED:
            break
    if code in NOT_REACHABLE:
        return False
    if code:
        raise Unavailable
    return True


def access_token(work: Work, known: Official, *, fresh: bool = False) -> str:
    """The token all processes share; asked for anew shortly before it ends."""
    kept = work.session.get(WechatToken, known.app_id)
    if kept is not None and not fresh and kept.expires_at > work.now:
        return work.vault.open(PURPOSE, kept.token_sealed)
    work.session.rollback()
    wanted = {
        "grant_type": "client_credential", "appid": known.app_id, "secret": known.secret, "force_refresh": fresh,
    }  # fmt: skip
    answer = _ask("POST", f"{known.api}/cgi-bin/stable_token", wanted)
    token, life = answer.get("access_token"), answer.get("expires_in")
    if not isinstance(token, str) or not isinstance(life, int):
        raise Unavailable
    values = {
        "token_sealed": work.vault.seal(PURPOSE, token),
        "expires_at": work.now + max(timedelta(seconds=life) - EARLY, timedelta(minutes=1)),
    }
    with writing(work.session):
        statement = upsert(work.session, WechatToken.__table__).values(app_id=known.app_id, **values)  # type: ignore[arg-type]
        work.session.execute(statement.on_conflict_do_update(index_elements=["app_id"], set_=values))
    return token


def _ask(method: str, address: str, document: dict[str, Any] | None = None) -> dict[str, Any]:
    body = None if document is None else json.dumps(document, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8"} if body else {}
    try:
        with urllib3.PoolManager(retries=False, timeout=SECONDS) as pool:
            answer = pool.request(method, address, body=body, headers=headers, redirect=False, preload_content=False)
            raw = answer.read(LARGEST)
            answer.release_conn()
        found = json.loads(raw)
    except (urllib3.exceptions.HTTPError, ValueError) as error:
        raise Unavailable from error
    if not isinstance(found, dict):
        raise Unavailable
    return found
