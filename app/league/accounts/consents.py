"""What a person agrees to, in which words, and the ledger of it (个人信息保护法 第十四、二十九、三十一条)."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import bindparam, select

from app.kernel.audit.record import record
from app.kernel.db import reading
from app.kernel.errors import NotFound, Refused
from app.kernel.work import Work
from app.league.accounts import events as events
from app.league.accounts.models import Account, Consent, ConsentState

VERSION = "2026-11"


@dataclass(frozen=True)
class Text:
    """One thing to agree to. ``label``: the words beside the tick; ``body``: what is told before."""

    purpose: str
    label: str
    body: tuple[str, ...]

    @property
    def hash(self) -> str:
        """What was shown, as a digest kept with the consent."""
        return hashlib.sha256("\n".join((VERSION, self.label, *self.body)).encode()).hexdigest()


TERMS = Text(
    "terms",
    "我已阅读并同意这份说明",
    (
        "我们用您的手机号建立账号，用您填写的内容建立一份青年电子档案。",
        "档案只给您所在的团组织和它的上级看，用来审核入档、办理团务和给您发通知。",
        "您可以随时查看、复制、更正档案，也可以撤回同意、注销账号。",
    ),
)
SENSITIVE = Text(
    "sensitive",
    "我单独同意处理我的身份证号",
    (
        "身份证号是敏感个人信息。我们用它核对身份，防止同一个人重复建档。",
        "号码加密保存，平时打星号。管理员要写明理由才能查看，您能看到每一次。",
    ),
)
TEENAGER = Text(
    "terms",
    "我看懂了，并且同意",
    (
        "你已满 14 周岁，可以自己决定是否登记。建议先和家长说一声。",
        *TERMS.body,
        "查看未满 18 周岁者的档案，会另外留下记录。",
    ),
)
GUARDIAN = Text(
    "guardian",
    "我是孩子的父母或其他监护人，同意为孩子建立账号和电子档案",
    (
        "孩子不满 14 周岁，依法要由监护人同意。",
        "我们会记录孩子的姓名、出生日期、手机号、身份证号、民族、籍贯、学历和所在团组织，只用于团务工作。",
        "孩子的信息加密保存在山西共青团的服务器上；孩子离开团组织、您撤回同意或账号注销后，不再使用。",
        "您可以随时查看、更正、要求删除，也可以撤回同意；不同意不会影响孩子上学。",
    ),
)


def texts_for(age: int) -> tuple[Text, ...]:
    """What somebody of ``age`` full years is asked; a child's guardian is asked besides."""
    return (TERMS if age >= 18 else TEENAGER, SENSITIVE)


def give(work: Work, account: Account, text: Text) -> None:
    """Write into the ledger that ``account`` agreed to ``text`` now."""
    work.session.add(
        Consent(
            account_id=account.id,
            purpose=text.purpose,
            text_version=VERSION,
            text_hash=text.hash,
            state=ConsentState.GIVEN,
            asked_at=work.now,
            answered_at=work.now,
        )
    )
    record(work, "accounts:consent:give", "account", account.public_id, reason=f"{text.purpose} {VERSION}")


def withdraw(work: Work, account: Account, public_id: str) -> Consent:
    """Take a consent back. Raises NotFound for one that is not the account's, Refused when it is not in force."""
    consent = work.session.scalar(
        select(Consent).where(Consent.public_id == public_id, Consent.account_id == account.id).with_for_update()
    )
    if consent is None:
        raise NotFound
    if consent.state is not ConsentState.GIVEN:
        raise Refused("这项同意已经不在生效了")
    consent.state, consent.answered_at = ConsentState.WITHDRAWN, work.now
    record(work, "accounts:consent:withdraw", "account", account.public_id, reason=consent.purpose)
    return consent


def of_account(work: Work, account_id: int) -> list[Consent]:
    """The ledger of one account, newest first."""
    query = select(Consent).where(Consent.account_id == account_id).order_by(Consent.id.desc())
    return list(work.session.scalars(query))


def in_force(work: Work, account_id: int) -> list[Consent]:
    """What the account agrees to now."""
    query = select(Consent).where(Consent.account_id == account_id, Consent.state == ConsentState.GIVEN)
    return list(work.session.scalars(query.order_by(Consent.id)))


def withdrawn(work: Work, account_id: int, purpose: str) -> bool:
    """Whether the account agreed to ``purpose`` once and took that back since."""
    found = reading.rows(work.session, _LATEST, account=account_id, purpose=purpose)
    return any(state is ConsentState.WITHDRAWN for (state,) in found)


_LATEST = (
    select(Consent.state)
    .where(Consent.account_id == bindparam("account"), Consent.purpose == bindparam("purpose"))
    .order_by(Consent.id.desc())
    .limit(1)
)


NAMES = {"terms": "账号与青年档案的说明", "sensitive": "处理身份证号（敏感个人信息）", "guardian": "监护人同意"}
