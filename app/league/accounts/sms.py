"""Codes by SMS: six digits, ten minutes, five tries, kept as a blind index only."""

import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from app.kernel import limits
from app.kernel.errors import Invalid, TooMany
from app.kernel.ids import new_public_id
from app.kernel.outbox.operations import handles, put
from app.kernel.work import Work
from app.league.accounts.models import SmsCode
from app.league.accounts.sms_adapters import adapter

LIFE = timedelta(minutes=10)
MOST_TRIES = 5
WRONG = "验证码不对或已过期，请核对后再填"
TEMPLATES = {
    "code": "验证码 {code}，10 分钟内有效。请勿告诉他人。",
    "known": "您的手机号已有账号，请直接登录；忘记密码可在登录页重设。如非本人操作请忽略。",
    "guardian": "{child} 申请建立青年电子档案，请您作为监护人查看并决定：{link}",
    "unknown": "您的手机号还没有账号。如需注册，请在青春家园登记。如非本人操作请忽略。",
}
"""Fixed texts: nothing a visitor types reaches an SMS but a masked name and our own link."""


def send_code(work: Work, phone: str, purpose: str) -> None:
    """Send a fresh code to ``phone`` for ``purpose`` (register, reset, guardian). Raises TooMany."""
    code = f"{secrets.randbelow(1_000_000):06d}"
    index = work.vault.index("phone", phone)
    _count(work, phone)
    forget(work, phone, purpose)
    work.session.add(
        SmsCode(
            phone_index=index,
            purpose=purpose,
            code_index=work.vault.index("sms", f"{purpose}:{phone}:{code}"),
            created_at=work.now,
            expires_at=work.now + LIFE,
        )
    )
    _put(work, phone, "code", {"code": code})


def send_text(work: Work, phone: str, template: str, **values: str) -> None:
    """Send one of the fixed texts. Raises TooMany."""
    _count(work, phone)
    _put(work, phone, template, values)


def check_code(work: Work, phone: str, purpose: str, code: str) -> None:
    """Use up the code of ``phone``. Raises Invalid for the field "code"; a wrong one counts and is kept counted."""
    typed = "".join(ch for ch in code if ch.isdigit())
    row = work.session.scalar(
        select(SmsCode)
        .where(SmsCode.phone_index == work.vault.index("phone", phone), SmsCode.purpose == purpose)
        .order_by(SmsCode.id.desc())
        .limit(1)
        .with_for_update()
    )
    if row is None or row.used_at or row.expires_at <= work.now or row.attempts >= MOST_TRIES:
        raise Invalid({"code": WRONG})
    if row.code_index not in work.vault.indexes("sms", f"{purpose}:{phone}:{typed}"):
        row.attempts += 1
        raise Invalid({"code": WRONG})
    row.used_at = work.now


def forget(work: Work, phone: str, purpose: str) -> None:
    """Make earlier codes of ``phone`` for ``purpose`` worthless."""
    index = work.vault.index("phone", phone)
    work.session.execute(
        update(SmsCode)
        .where(SmsCode.phone_index == index, SmsCode.purpose == purpose, SmsCode.used_at.is_(None))
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


@handles("sms")
def _deliver(work: Work, payload: dict[str, Any]) -> None:
    adapter(work.settings).send(work, payload["phone"], payload["template"], payload["values"], payload["text"])
