"""监护人同意: a child's account waits until a parent agrees on another phone (儿童个人信息网络保护规定 第九条)."""

import secrets
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import delete, exists, select, update

from app.kernel.audit.record import record
from app.kernel.db.unit import writing
from app.kernel.errors import Invalid, NotFound, Refused
from app.kernel.jobs.periodic import periodic
from app.kernel.masking import mask_name
from app.kernel.work import Work
from app.league.accounts import sessions, sms
from app.league.accounts.consents import GUARDIAN, VERSION
from app.league.accounts.models import Account, AccountStatus, Consent, ConsentState
from app.league.accounts.operations import phone_of
from app.league.joining.models import Draft
from app.league.people.facts import clean_name, clean_phone

LINK_LIVES = timedelta(days=7)
FORGET_AFTER = timedelta(days=30)
"""A child's account nobody agreed to is emptied after so long: what is not needed is not kept."""


@dataclass(frozen=True)
class Asked:
    """What a guardian was asked, and for which child."""

    consent: Consent
    account: Account
    phone: str

    @property
    def child(self) -> str:
        """The child's name as a page shows it to whoever holds the link."""
        return mask_name(self.account.name)


def read_guardian(name: str, phone: str, own_phone: str) -> tuple[str, str]:
    """A guardian's name and phone as typed, made clean. Raises Invalid for ``guardian_name``, ``guardian_phone``."""
    faults: dict[str, str] = {}
    kept_name = kept_phone = ""
    try:
        kept_name = clean_name(name)
    except Invalid as problem:
        faults["guardian_name"] = problem.text.replace("姓名", "监护人姓名")
    try:
        kept_phone = clean_phone(phone)
    except Invalid as problem:
        faults["guardian_phone"] = problem.text
    if kept_phone and kept_phone == own_phone:
        faults["guardian_phone"] = "要填监护人自己的手机号，不能和你的相同"
    if faults:
        raise Invalid(faults)
    return kept_name, kept_phone


def ask(work: Work, account: Account, name: str, phone: str) -> None:
    """Send the guardian a link to decide with; an earlier one stops working. Raises Refused, TooMany."""
    if account.status != AccountStatus.GUARDIAN_PENDING:
        raise Refused("这个账号不用再等监护人同意了")
    earlier = (Consent.account_id == account.id, Consent.state == ConsentState.PENDING)
    work.session.execute(
        update(Consent)
        .where(*earlier)
        .values(state=ConsentState.WITHDRAWN, token_hash=None, answered_at=work.now)
        .execution_options(synchronize_session="fetch")
    )
    token = secrets.token_urlsafe(24)
    work.session.add(
        Consent(
            account_id=account.id,
            purpose=GUARDIAN.purpose,
            text_version=VERSION,
            text_hash=GUARDIAN.hash,
            state=ConsentState.PENDING,
            asked_at=work.now,
            token_hash=sessions.token_hash(token),
            guardian_name_sealed=work.vault.seal("guardian_name", name),
            guardian_phone_sealed=work.vault.seal("guardian_phone", phone),
            guardian_phone_index=work.vault.index("phone", phone),
        )
    )
    link = f"{work.settings.public_origin}/guardian/{token}"
    sms.send_text(work, phone, "guardian", child=mask_name(account.name), link=link)
    record(work, "accounts:guardian:ask", "account", account.public_id)


def ask_for_child(work: Work, account: Account, birth: date, name: str, phone: str) -> None:
    """Let an account wait for a guardian whose owner's document tells of a child, whatever was said at registration.

    Signs the account out everywhere until the guardian agrees. Raises TooMany.
    """
    account.birth_date, account.status = birth, AccountStatus.GUARDIAN_PENDING
    ask(work, account, name, phone)
    sessions.end_all(work, account.id)


def ask_again(work: Work, account: Account) -> None:
    """Send the same guardian a fresh link. Raises Refused when nobody was asked, TooMany."""
    last = latest(work, account.id)
    if last is None or last.guardian_name_sealed is None or last.guardian_phone_sealed is None:
        raise Refused("还没有填写监护人，请先填写")
    name = work.vault.open("guardian_name", last.guardian_name_sealed)
    ask(work, account, name, work.vault.open("guardian_phone", last.guardian_phone_sealed))


def latest(work: Work, account_id: int) -> Consent | None:
    """What the account's guardian was last asked."""
    query = select(Consent).where(Consent.account_id == account_id, Consent.purpose == GUARDIAN.purpose)
    return work.session.scalars(query.order_by(Consent.id.desc()).limit(1)).one_or_none()


def asked(work: Work, token: str) -> Asked:
    """What stands behind a guardian's link. Raises NotFound for an unknown, replaced or old one."""
    row = work.session.execute(
        select(Consent, Account)
        .join(Account, Account.id == Consent.account_id)
        .where(Consent.token_hash == sessions.token_hash(token), Consent.purpose == GUARDIAN.purpose)
    ).one_or_none()
    if row is None:
        raise NotFound
    consent, account = row
    if consent.guardian_phone_sealed is None:
        raise NotFound
    if consent.state is ConsentState.PENDING and work.now - consent.asked_at > LINK_LIVES:
        raise NotFound
    return Asked(consent, account, work.vault.open("guardian_phone", consent.guardian_phone_sealed))


def answer(work: Work, question: Asked, *, agree: bool) -> None:
    """Take the guardian's yes or no, given on a phone that has proved itself. Raises Refused when answered already."""
    consent, account = question.consent, question.account
    work.session.refresh(consent, with_for_update=True)
    if consent.state is not ConsentState.PENDING:
        raise Refused("您已经作过决定了")
    consent.state = ConsentState.GIVEN if agree else ConsentState.REFUSED
    consent.answered_at = work.now
    record(work, f"accounts:guardian:{'agree' if agree else 'refuse'}", "account", account.public_id)
    child_phone = phone_of(work, account)
    if agree:
        account.status = AccountStatus.ACTIVE
    else:
        forget(work, account)
    sms.send_text(work, child_phone, "guardian_agreed" if agree else "guardian_refused", counted=False)


def withdraw(work: Work, question: Asked) -> None:
    """Take the guardian's yes back: the child's account stops at once. Raises Refused when there is none in force."""
    consent, account = question.consent, question.account
    work.session.refresh(consent, with_for_update=True)
    if consent.state is not ConsentState.GIVEN:
        raise Refused("这项同意已经不在生效了")
    consent.state, consent.answered_at = ConsentState.WITHDRAWN, work.now
    account.status = AccountStatus.DISABLED
    sessions.end_all(work, account.id)
    record(work, "accounts:guardian:withdraw", "account", account.public_id)


def forget(work: Work, account: Account) -> None:
    """Empty an account without consent: no name, phone, birth date, password or draft stays; the phone is free again."""
    work.session.execute(delete(Draft).where(Draft.account_id == account.id))
    account.name = "已删除"
    account.phone_sealed = work.vault.seal("phone", "")
    account.phone_index = work.vault.index("forgotten", account.public_id)
    account.birth_date = None
    account.password_hash = ""
    account.status = AccountStatus.DISABLED
    sessions.end_all(work, account.id)
    record(work, "accounts:account:forget", "account", account.public_id)


@periodic("accounts.forget_unanswered", every=timedelta(days=1))
def forget_unanswered(work: Work) -> None:
    """Empty the accounts of children nobody agreed to in time."""
    with writing(work.session):
        limit = work.now - FORGET_AFTER
        asked_since = exists().where(
            Consent.account_id == Account.id, Consent.purpose == GUARDIAN.purpose, Consent.asked_at >= limit
        )
        query = select(Account).where(
            Account.status == AccountStatus.GUARDIAN_PENDING, Account.created_at < limit, ~asked_since
        )
        for account in work.session.scalars(query):
            forget(work, account)
