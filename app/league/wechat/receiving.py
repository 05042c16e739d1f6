"""What WeChat tells: checked, heard once, answered at once; whatever takes longer follows through the outbox.

The answer is a function of the message and of whose WeChat it is, so that a repeated message gets the same answer; its
effects happen once, and whatever order messages come in, the latest of what they say stands.
"""

import re
from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import delete, select

from app.kernel.db.unit import upsert, writing
from app.kernel.jobs.periodic import periodic
from app.kernel.outbox.operations import put
from app.kernel.pruning import sweep
from app.kernel.work import Work
from app.league.codes import cadres, guessing
from app.league.wechat import bindings, crypto, envelopes
from app.league.wechat.crypto import Forged
from app.league.wechat.models import WechatFollower, WechatMessage
from app.league.wechat.official import Official

SKEW = 300
"""Seconds that a message may be old, or WeChat's clock be ahead."""
KEPT = timedelta(days=2)
NOTHING = "success"
MEMBER, CADRE, PROGRESS = "MEMBER", "CADRE", "PROGRESS"
WELCOME = "欢迎来到“山西青年之声”。"
LOOKING = "正在为您查，马上告诉您。"
SCENE = re.compile(r"(?:qrscene_)?([a-z2-9]{16})")


def greet(known: Official, query: Mapping[str, str]) -> str:
    """The echo by which WeChat knows the callback for its own. Raises Forged. The time is not judged: it is a setup."""
    parts = (query.get("timestamp", ""), query.get("nonce", ""))
    if not crypto.signed(query.get("signature", ""), known.token, *parts):
        raise Forged("signature")
    return query.get("echostr", "")[:256]


def receive(work: Work, known: Official, query: Mapping[str, str], raw: bytes) -> str:
    """The answer to one message as it came: its body's text, encrypted where the message was.

    Raises Forged and envelopes.Malformed; then nothing was done.
    """
    message = _opened(work, known, query, raw)
    key = _key(work, message)
    text = answer(work, message)
    with writing(work.session):
        if _hear(work, key, query):
            _act(work, message, key)
    reply = NOTHING if text is None else _reply(work, message, text)
    if known.aes_key and text is not None:
        return _sealed_reply(work, known, query, reply)
    return reply


def answer(work: Work, message: Mapping[str, str]) -> str | None:
    """What to say at once; None where nothing is asked."""
    event, asked = message.get("Event", "").upper(), message.get("EventKey", "")
    if message["MsgType"] == "event":
        if event == "CLICK":
            return _clicked(work, message, asked)
        if event in ("SUBSCRIBE", "SCAN"):
            found = SCENE.fullmatch(asked)
            hello = WELCOME if event == "SUBSCRIBE" else ""
            return hello + (
                f"请点这里，填写您班的电子档案：{_site(work, f'/jia/i/{found[1]}')}" if found else menu(work)
            )
        return None
    typed = message.get("Content", "") if message["MsgType"] == "text" else ""
    if guessing.digits(typed):
        return f"请点这里，输入班级认证码，选您的班级：{link(work, 'member')}"
    if len(cadres.tidy(typed)) == cadres.LENGTH and cadres.tidy(typed).isalnum():
        return f"请点这里，输入团干认证码：{link(work, 'cadre')}"
    if "进度" in typed:
        return _clicked(work, message, PROGRESS)
    return menu(work)


def menu(work: Work) -> str:
    """The three ways on."""
    ways = (("我是团员", "member"), ("我是团干", "cadre"), ("我的进度", "progress"))
    return "请点：\n" + "\n".join(f"{name} {link(work, target)}" for name, target in ways)


def link(work: Work, target: str) -> str:
    """The address of ``target`` through WeChat's sign-in."""
    return _site(work, f"/wx/go/{target}")


@periodic("wechat.prune", every=timedelta(hours=1))
def prune(work: Work) -> int:
    """Forget which messages were heard when none of them could be taken again. Returns how many."""
    return sweep(work, delete(WechatMessage).where(WechatMessage.heard_at < work.now - KEPT))


def _clicked(work: Work, message: Mapping[str, str], asked: str) -> str:
    if asked == MEMBER:
        return f"请点这里，输入班级认证码：{link(work, 'member')}"
    if asked == CADRE:
        return f"请点这里，发班级认证码，审核档案：{link(work, 'cadre')}"
    if asked == PROGRESS:
        if bindings.account_of(work, message["FromUserName"]) is not None:
            return LOOKING
        return f"请点这里登录，看您的进度：{link(work, 'progress')}"
    return menu(work)


def _act(work: Work, message: Mapping[str, str], key: str) -> None:
    """The effects of a message heard for the first time."""
    event = message.get("Event", "").upper() if message["MsgType"] == "event" else ""
    if event in ("SUBSCRIBE", "UNSUBSCRIBE"):
        _follow(work, message, following=event == "SUBSCRIBE")
    asked = event == "CLICK" and message.get("EventKey") == PROGRESS
    if answer(work, message) == LOOKING and (asked or message["MsgType"] == "text"):
        put(work, "wechat.progress", f"wechat:{key}", {"openid": message["FromUserName"]})


def _follow(work: Work, message: Mapping[str, str], *, following: bool) -> None:
    """Keep the later of what is known and what is told; of two in one second, that somebody left."""
    openid, told = message["FromUserName"], int(message["CreateTime"])
    query = select(WechatFollower).where(WechatFollower.openid_index.in_(bindings.indexes(work, openid)))
    row = work.session.scalars(query.with_for_update()).first()
    if row is None:
        values = {"openid_index": bindings.index(work, openid), "following": following, "as_of": told}
        statement = upsert(work.session, WechatFollower.__table__).values(**values)  # type: ignore[arg-type]
        work.session.execute(statement.on_conflict_do_nothing())
        row = work.session.scalars(query.with_for_update()).one()  # ours, or that of who came at the same moment
    if told > row.as_of or (told == row.as_of and not following):
        row.following, row.as_of = following, told


def _opened(work: Work, known: Official, query: Mapping[str, str], raw: bytes) -> dict[str, str]:
    moment, nonce = query.get("timestamp", ""), query.get("nonce", "")
    if not _number(moment) or abs(int(work.now.timestamp()) - int(moment)) > SKEW or not 1 <= len(nonce) <= 64:
        raise Forged("time")
    outer = envelopes.read(raw)
    if known.aes_key:
        sealed = outer.get("Encrypt", "")
        if not crypto.signed(query.get("msg_signature", ""), known.token, moment, nonce, sealed):
            raise Forged("signature")
        outer = envelopes.read(crypto.decrypt(known.aes_key, known.app_id, sealed))
    elif not crypto.signed(query.get("signature", ""), known.token, moment, nonce):
        raise Forged("signature")
    if not outer.get("MsgType") or not _number(outer.get("CreateTime", "")):
        raise envelopes.Malformed("no message")
    if not all(1 <= len(outer.get(name, "")) <= 64 for name in ("FromUserName", "ToUserName")):
        raise envelopes.Malformed("nobody")
    return outer


def _key(work: Work, message: Mapping[str, str]) -> str:
    """What is the same in every delivery of a message: its MsgId; an event's sender, time and kind."""
    told = message.get("MsgId") or ":".join(
        (message["CreateTime"], message.get("Event", ""), message.get("EventKey", ""))
    )
    return work.vault.index("wechat_message", f"{message['FromUserName']}:{told}")


def _hear(work: Work, key: str, query: Mapping[str, str]) -> bool:
    """Whether the message is new. Raises Forged when its nonce served another message before."""
    nonce = work.vault.index("wechat_nonce", f"{query.get('timestamp')}:{query.get('nonce')}")
    known = work.session.execute(select(WechatMessage.key).where(WechatMessage.nonce == nonce)).scalar()
    if known not in (None, key):
        raise Forged("nonce")
    row = {"key": key, "nonce": nonce, "heard_at": work.now}
    statement = upsert(work.session, WechatMessage.__table__).values(**row)  # type: ignore[arg-type]
    done = work.session.execute(statement.on_conflict_do_nothing())
    return bool(done.rowcount)  # type: ignore[attr-defined]


def _reply(work: Work, message: Mapping[str, str], text: str) -> str:
    values: dict[str, str | int] = {
        "ToUserName": message["FromUserName"], "FromUserName": message["ToUserName"],
        "CreateTime": int(work.now.timestamp()), "MsgType": "text", "Content": text,
    }  # fmt: skip
    return envelopes.write(values)


def _sealed_reply(work: Work, known: Official, query: Mapping[str, str], reply: str) -> str:
    sealed = crypto.encrypt(known.aes_key, known.app_id, reply.encode())
    moment, nonce = int(work.now.timestamp()), query["nonce"]
    signature = crypto.signature(known.token, str(moment), nonce, sealed)
    return envelopes.write({"Encrypt": sealed, "MsgSignature": signature, "TimeStamp": moment, "Nonce": nonce})


def _site(work: Work, path: str) -> str:
    return work.settings.public_origin + path


def _number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 12
