"""Codes by SMS: six digits, ten minutes, five tries, kept as a blind index only."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from app.kernel import limits
from app.kernel.errors import TooMany
from app.kernel.ids import new_public_id
from app.kernel.outbox.operations import handles, put
from app.kernel.work import Work
from app.league.accounts.models import DemonstrationSms, SmsCode
from app.league.accounts.sms_adapters import adapter
from app.league.people.facts import plain

LIFE = timedelta(minutes=10)
MOST_TRIES = 5
WRONG = "验证码不对或已过期，请核对后再填"
TEMPLATES = {
    "code": "验证码 {code}，10 分钟内有效。请勿告诉他人。",
    "known": "您的手机号已有账号，请直接登录；忘记密码可在登录页重设。如非本人操作请忽略。",
    "guardian": "{child} 申请建立青年电子档案，请您作为监护人查看并决定： {link}",
    "guardian_agreed": "监护人已同意，您的账号可以使用了。",
    "guardian_refused": "监护人没有同意，您填写的内容已经删除。",
    "phone_changed": "您的青春家园账号已改用尾号 {ending} 的手机登录。如果不是您本人，请马上联系团支部或学校团委。",
    "unknown": "您的手机号还没有账号。如需注册，请在青春家园登记。如非本人操作请忽略。",
}
"""Fixed texts: nothing a visitor types reaches an SMS but a masked name and our own link."""


def send_code(work: Work, phone: str, purpose: str, *, instead: str = "") -> None:
    """Send a fresh code to ``phone`` for ``purpose`` (register, reset, guardian). Raises TooMany.

    ``instead``: the name of a text that leaves in the code's place, when the phone is not one that may have a code;
    everything else stays the same, so that only who reads the phone's messages learns of it.
    """
    code = f"{secrets.randbelow(1_000_000):06d}"
    _count(work, phone)
    forget(work, phone, purpose)
    kept = secrets.token_hex(8) if instead else code
    work.session.add(
        SmsCode(
            phone_index=work.vault.index("phone", phone),
            purpose=purpose,
            code_index=work.vault.index("sms", f"{purpose}:{phone}:{kept}"),
            created_at=work.now,
            expires_at=work.now + LIFE,
        )
    )
    _put(work, phone, instead or "code", {} if instead else {"code": code})


def send_text(work: Work, phone: str, template: str, *, counted: bool = True, **values: str) -> None:
    """Send one of the fixed texts. Raises TooMany, unless the text answers what this phone began (not ``counted``)."""
    if counted:
        _count(work, phone)
    _put(work, phone, template, values)


def check_code(work: Work, phone: str, purpose: str, code: str) -> bool:
    """Whether ``code`` is the one sent; a right one is used up by this, a wrong one is counted.

    The caller commits either way: a failed try that is rolled back would be a try for nothing. Raises TooMany.
    """
    limits.hit(work.session, work.vault, "sms.check", f"{purpose}:{phone}", now=work.now.timestamp())
    typed = "".join(ch for ch in plain(code) if ch.isdigit())
    row = work.session.scalar(
        select(SmsCode)
        .where(SmsCode.phone_index.in_(work.vault.indexes("phone", phone)), SmsCode.purpose == purpose)
        .order_by(SmsCode.id.desc())
        .limit(1)
        .with_for_update()
    )
    if row is None or row.used_at or row.expires_at <= work.now or row.attempts >= MOST_TRIES:
        return False
    if row.code_index not in work.vault.indexes("sms", f"{purpose}:{phone}:{typed}"):
        row.attempts += 1
        return False
    row.used_at = work.now
    return True


def forget(work: Work, phone: str, purpose: str) -> None:
    """Make earlier codes of ``phone`` for ``purpose`` worthless."""
    work.session.execute(
        update(SmsCode)
        .where(
            SmsCode.phone_index.in_(work.vault.indexes("phone", phone)),
            SmsCode.purpose == purpose,
            SmsCode.used_at.is_(None),
        )
        .values(used_at=work.now)
    )


def _count(work: Work, phone: str) -> None:
    moment = work.now.timestamp()
    limits.hit(work.session, work.vault, "sms.phone", phone, now=moment)
    if work.address:
        limits.hit(work.session, work.vault, "sms.address", work.address, now=moment)
    limits.hit(work.session, work.vault, "sms.budget", "all", now=moment)
    if limits.used(work.session, work.vault, "sms.budget", "all", now=moment) > work.settings.sms_daily_budget:
        raise TooMany(3600, "今天的短信已发完，请明天再试，或请团支书协助")


def _put(work: Work, phone: str, template: str, values: dict[str, str]) -> None:
    text = TEMPLATES[template].format(**values)
    payload = {"phone": phone, "template": template, "values": values, "text": text}
    put(work, "sms", f"sms:{new_public_id()}", payload)


@handles("sms", abroad=True)
def _deliver(work: Work, payload: dict[str, Any]) -> None:
    adapter(work.settings).send(work, payload["phone"], payload["template"], payload["values"], payload["text"])


@dataclass(frozen=True)
class Shown:
    """A message as the demonstration's page shows it."""

    phone: str
    text: str
    sent_at: datetime


def shown(work: Work, ending: str = "", most: int = 50) -> list[Shown]:
    """What the demonstration adapter kept, newest first; with ``ending``: to phones whose last digits are these."""
    found: list[Shown] = []
    for row in work.session.scalars(select(DemonstrationSms).order_by(DemonstrationSms.id.desc()).limit(1000)):
        phone = work.vault.open("phone", row.phone_sealed)
        if phone.endswith(ending):
            found.append(Shown(phone, work.vault.open("sms_text", row.text_sealed), row.sent_at))
        if len(found) == most:
            break
    return found
