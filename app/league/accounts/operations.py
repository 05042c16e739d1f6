"""Making an account, its password, its end. Signing in, guardians and second factors have modules of their own."""

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.kernel import limits
from app.kernel.audit.record import record
from app.kernel.clock import age_on
from app.kernel.errors import Conflict, Invalid, NotFound, Refused
from app.kernel.masking import mask_phone
from app.kernel.work import Actor, Work
from app.league.accounts import consents, password_rules, passwords, sessions, sms
from app.league.accounts import events as events
from app.league.accounts.messages import tell
from app.league.accounts.models import Account, AccountStatus
from app.league.appointments.queries import live_posts
from app.league.people.facts import clean_date, clean_name
from app.league.rules import rule

Ending = Callable[[Work, Account], None]
_ENDINGS: list[Ending] = []


def account_by_phone(work: Work, phone: str) -> Account | None:
    """The account whose phone is ``phone`` (clean, eleven digits)."""
    return work.session.scalars(
        select(Account).where(Account.phone_index.in_(work.vault.indexes("phone", phone)))
    ).one_or_none()


def account_of(work: Work, public_id: str) -> Account:
    """The account with that public id, locked for a change. Raises NotFound."""
    found = work.session.scalars(select(Account).where(Account.public_id == public_id).with_for_update())
    account = found.one_or_none()
    if account is None:
        raise NotFound
    return account


def phone_of(work: Work, account: Account) -> str:
    """The phone in clear, for sending to it and for judging a password."""
    return work.vault.open("phone", account.phone_sealed)


def ask_for_registration(work: Work, phone: str) -> None:
    """Send ``phone`` a code to register with, or the news that it has an account already. Raises TooMany."""
    limits.hit(work.session, work.vault, "register.address", work.address, now=work.now.timestamp())
    sms.send_code(work, phone, "register", instead="known" if account_by_phone(work, phone) else "")


def ask_for_reset(work: Work, phone: str) -> None:
    """Send ``phone`` a code to choose a new password with, or the news that it has no account. Raises TooMany."""
    limits.hit(work.session, work.vault, "reset.account", phone, now=work.now.timestamp())
    account = account_by_phone(work, phone)
    usable = account is not None and account.status != AccountStatus.DISABLED
    sms.send_code(work, phone, "reset", instead="" if usable else "unknown")


def ask_for_new_phone(work: Work, account: Account, phone: str) -> None:
    """Send ``phone``, which is to become the account's, a code, or the news that it has an account already.

    Raises Invalid for the phone the account has, TooMany.
    """
    if phone == phone_of(work, account):
        raise Invalid({"phone": "您现在登录用的就是这个号码"})
    limits.hit(work.session, work.vault, "phone.account", str(account.id), now=work.now.timestamp())
    sms.send_code(work, phone, "phone", instead="known" if account_by_phone(work, phone) else "")


def read_about(name: str, birth_date: str, today: date) -> tuple[str, date]:
    """Name and birth date as typed, made clean. Raises Invalid for ``name`` and ``birth_date``, both at once."""
    faults: dict[str, str] = {}
    kept_name, kept_birth = "", today
    try:
        kept_name = clean_name(name)
    except Invalid as problem:
        faults["name"] = problem.text
    try:
        kept_birth = clean_date(birth_date, today, what="出生日期")
    except Invalid as problem:
        faults["birth_date"] = problem.text
    if faults:
        raise Invalid(faults)
    return kept_name, kept_birth


def needs_guardian(birth_date: date, today: date) -> bool:
    """Whether somebody born then is still a child whose guardian must agree (个人信息保护法 第三十一条)."""
    return age_on(birth_date, today) < rule("guardian.age_under", today)


def choose_password(
    work: Work, password: str, *, name: str, phone: str, birth_date: date | None, staff: bool = False
) -> str:
    """The hash of a password that keeps the rules; slow on purpose, so call it outside a transaction. Raises Invalid."""
    own = [name, phone, *([f"{birth_date:%Y%m%d}", f"{birth_date:%y%m%d}"] if birth_date else [])]
    password_rules.check(password, own=own, staff=staff)
    if work.settings.production and password == work.settings.demo_password:
        raise Invalid({"password": "这个密码很多人在用，请换一个"})
    return passwords.hash_password(password, memory_kib=work.settings.password_cost)


def blank(work: Work, phone: str, name: str, password_hash: str) -> Account:
    """An account for ``phone``, which is sealed here; the caller adds it to the session."""
    return Account(
        name=name,
        phone_sealed=work.vault.seal("phone", phone),
        phone_index=work.vault.index("phone", phone),
        password_hash=password_hash,
        created_at=work.now,
    )


def register(
    work: Work,
    *,
    phone: str,
    password_hash: str,
    name: str,
    birth_date: date,
    agreed: tuple[consents.Text, ...] = (),
) -> Account:
    """Make an account for a phone that has proved itself by its code, and write what was agreed to.

    A child's account waits in ``guardian_pending``. Raises Conflict when the phone got an account meanwhile.
    """
    child = needs_guardian(birth_date, work.today)
    account = blank(work, phone, name, password_hash)
    account.birth_date = birth_date
    account.status = AccountStatus.GUARDIAN_PENDING if child else AccountStatus.ACTIVE
    taken = Conflict("这个手机号刚刚已经注册过了，请直接登录")
    if account_by_phone(work, phone) is not None:
        raise taken
    try:
        with work.session.begin_nested():
            work.session.add(account)
    except IntegrityError:
        raise taken from None
    act_as(work, account)
    record(work, "accounts:account:register", "account", account.public_id)
    for text in agreed:
        consents.give(work, account, text)
    return account


def act_as(work: Work, account: Account) -> None:
    """From here on the audit names ``account`` as the one who acts: it has just proved who it is."""
    work.actor = Actor(work.actor.source, account.id, account.name)


def is_staff(work: Work, account: Account) -> bool:
    """Whether the account holds any post today."""
    return bool(live_posts(work.session, account.id, work.today))


def way_in(ends: Ending) -> Ending:
    """Declare another way into an account than its password: ``ends(work, account)`` ends it where sessions end too, when
    the password or the phone changes or the account is closed.
    """
    _ENDINGS.append(ends)
    return ends


def _end_ways_in(work: Work, account: Account, *, but: int | None = None) -> None:
    sessions.end_all(work, account.id, but=but)
    for ends in _ENDINGS:
        ends(work, account)


def change_password(work: Work, account: Account, password_hash: str, *, keep: int | None = None) -> None:
    """Take the new password, end every session but ``keep``, and tell the person."""
    account.password_hash = password_hash
    _end_ways_in(work, account, but=keep)
    act_as(work, account)
    action = "accounts:password:change" if keep else "accounts:password:reset"
    record(work, action, "account", account.public_id)
    how = "您修改了密码，其他地方的登录都已结束。" if keep else "密码已用手机验证码重设，所有登录都已结束。"
    _tell(work, account, "password", "密码已更改", f"{how}如果不是您本人，请马上用“忘记密码”重设。")


def change_phone(work: Work, account: Account, phone: str, *, keep: int | None) -> None:
    """Sign in by ``phone`` from here on, which has proved itself by its code; the file's own phone stays as it is.

    Every session but ``keep`` ends, and the old phone is told. Raises Conflict when the phone got an account meanwhile.
    """
    before = phone_of(work, account)
    taken = Conflict("这个手机号刚刚已经注册过了，请换一个号码")
    if account_by_phone(work, phone) is not None:
        raise taken
    try:
        with work.session.begin_nested():
            account.phone_sealed = work.vault.seal("phone", phone)
            account.phone_index = work.vault.index("phone", phone)
    except IntegrityError:
        raise taken from None
    _end_ways_in(work, account, but=keep)
    changes = {"phone": (mask_phone(before), mask_phone(phone))}
    record(work, "accounts:phone:change", "account", account.public_id, changes=changes)
    sms.send_text(work, before, "phone_changed", counted=False, ending=phone[-4:])
    told = "从现在起用新手机号登录，其他地方的登录都已结束。如果不是您本人，请马上改密码。"
    _tell(work, account, "phone", "登录手机号已更换", told)


def close(work: Work, account: Account) -> None:
    """注销: the account ends with its sessions and consents; a file made from it stays with its organisation.

    Raises Refused while the account holds a post.
    """
    if is_staff(work, account):
        raise Refused("您还有任职，请先办理交接，再注销账号")
    for consent in consents.in_force(work, account.id):
        consents.withdraw(work, account, consent.public_id)
    account.status = AccountStatus.DISABLED
    _end_ways_in(work, account)
    record(work, "accounts:account:close", "account", account.public_id)


def _tell(work: Work, account: Account, what: str, title: str, body: str) -> None:
    tell(work, account.id, once_key(account, what, work.now), title, body, link="/jia/security")


def once_key(account: Account, what: str, now: datetime) -> str:
    """A key under which a message about this moment leaves once."""
    return f"account:{account.public_id}:{what}:{now.timestamp():.6f}"
