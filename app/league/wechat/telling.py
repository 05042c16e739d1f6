"""Messages to bound members through the outbox: one when something happened to them, one a day to their secretary.

They say what was decided and lead to it, and name nobody.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.kernel.access.rules import Role
from app.kernel.clock import local
from app.kernel.db.unit import writing
from app.kernel.jobs.periodic import periodic
from app.kernel.outbox.operations import handles, put
from app.kernel.work import Work
from app.league.accounts.messages import echoes
from app.league.appointments.models import Appointment
from app.league.joining import own
from app.league.joining.states import NAMES
from app.league.organisations import counters
from app.league.organisations.models import Organisation
from app.league.wechat import bindings, client
from app.league.wechat.models import WechatBinding
from app.league.wechat.official import official
from app.league.wechat.receiving import link

TOLD: dict[str, tuple[str, str, str]] = {
    "submitted": ("入档申请，等团支书审核", "已提交", "progress"),
    "returned": ("入档申请，有几处要改", "请补正", "fix"),
    "approved": ("入档申请，电子档案建好了", "已通过", "file"),
    "rejected": ("入档申请，点开看原因", "未通过", "progress"),
}
"""What happened → matter, result, and where the link leads. WeChat takes 20 characters for a matter, 5 for a result."""
EVENING = 18
AT_ONCE = 200


@echoes
def echo(work: Work, account_id: int, event: str) -> None:
    """Say in WeChat what the inbox says, where the account is bound."""
    if event not in TOLD or not _tells(work):
        return
    if openid := bindings.reachable(work, account_id):
        key = f"wechat:{event}:{account_id}:{int(work.now.timestamp())}"
        put(work, "wechat.notice", key, _notice(work, openid, *TOLD[event]))


@handles("wechat.notice", abroad=True)
def _deliver(work: Work, payload: dict[str, Any]) -> None:
    known = official(work.settings)
    if known is None:
        return
    said = zip(known.fields, (payload["about"], payload["result"], payload["at"]), strict=False)
    data = {name: {"value": value} for name, value in said if name}
    document = {"touser": payload["openid"], "template_id": known.template, "url": payload["url"], "data": data}
    client.send(work, known, "/cgi-bin/message/template/send", document)


@handles("wechat.progress", abroad=True)
def _deliver_progress(work: Work, payload: dict[str, Any]) -> None:
    known = official(work.settings)
    account = bindings.account_of(work, payload["openid"])
    if known is None or account is None:
        return
    text = _progress(work, account.id, has_file=account.person_id is not None)
    work.session.rollback()
    document = {"touser": payload["openid"], "msgtype": "text", "text": {"content": text}}
    client.send(work, known, "/cgi-bin/message/custom/send", document)


@periodic("wechat.daily", every=timedelta(hours=1))
def daily(work: Work) -> int:
    """In the evening, tell each bound secretary how many forms wait: once a day, never one by one. Returns how many."""
    if local(work.now).hour < EVENING or not _tells(work):
        return 0
    told, after = 0, 0
    while rows := _secretaries(work, after):
        with writing(work.session):
            for account_id, path in rows:
                told += _count(work, account_id, path)
        after = rows[-1][0]
    return told


def _tells(work: Work) -> bool:
    known = official(work.settings)
    return known is not None and bool(known.template)


def _count(work: Work, account_id: int, path: str) -> bool:
    waiting = counters.figures_of(work.session, [path], "pending").get(path, {}).get("pending", 0)
    openid = bindings.reachable(work, account_id) if waiting else ""
    if openid:
        key = f"wechat:daily:{account_id}:{work.today}"
        put(work, "wechat.notice", key, _notice(work, openid, f"{waiting} 份档案等您审核", "待审核", "class"))
    return bool(openid)


def _secretaries(work: Work, after: int) -> list[tuple[int, str]]:
    """(account, path of the branch) of bound secretaries, by account; a secretary of two branches hears of the first."""
    query = (
        select(Appointment.account_id, Organisation.path)
        .join(Organisation, Organisation.id == Appointment.organisation_id)
        .join(WechatBinding, WechatBinding.account_id == Appointment.account_id)
        .where(WechatBinding.unbound_at.is_(None), Appointment.role == Role.BRANCH_SECRETARY)
        .where(Appointment.ended_at.is_(None), Appointment.starts_on <= work.today)
        .where(Appointment.ends_on.is_(None) | (Appointment.ends_on >= work.today))
        .where(Appointment.account_id > after)
        .order_by(Appointment.account_id, Appointment.id)
        .limit(AT_ONCE)
    )
    return [(account_id, path) for account_id, path in work.session.execute(query)]


def _notice(work: Work, openid: str, about: str, result: str, target: str) -> dict[str, str]:
    at = local(work.now).strftime("%Y-%m-%d %H:%M")
    return {"openid": openid, "about": about, "result": result, "at": at, "url": link(work, target)}


def _progress(work: Work, account_id: int, *, has_file: bool) -> str:
    last = own.latest(work, account_id)
    if has_file:
        return f"您的电子档案已经建好：{link(work, 'file')}"
    if last is None:
        return f"您还没有提交申请：{link(work, 'member')}"
    return f"您的入档申请：{NAMES[last.state]}。受理号 {last.reference}：{link(work, 'progress')}"
