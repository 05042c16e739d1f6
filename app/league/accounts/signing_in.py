"""登录: from phone and password to a session, in the same time and words whether the account exists or not."""

import contextlib
from dataclasses import dataclass

from sqlalchemy import select

from app.kernel import limits
from app.kernel.audit.record import record
from app.kernel.errors import Invalid
from app.kernel.work import Work
from app.league.accounts import passwords, sessions
from app.league.accounts.messages import tell
from app.league.accounts.models import Account, AccountStatus, SignIn, SignInKind
from app.league.accounts.operations import account_by_phone, act_as, is_staff, once_key, phone_of
from app.league.accounts.password_rules import SHORTEST_FOR_STAFF
from app.league.people.facts import clean_phone

WRONG = "手机号或密码不对，请核对后再试"


@dataclass(frozen=True)
class Proof:
    """What a phone and password came to. ``account``: None when they do not belong together."""

    account: Account | None
    known: str = ""
    """The public id of the account behind the phone, for the audit alone."""
    short_for_staff: bool = False


def knock(work: Work, phone: str) -> None:
    """Count a try before it is made. Raises TooMany; the wait grows with the number of tries."""
    _count(work, phone, 1)


def forgive(work: Work, phone: str) -> None:
    """Take back what a right try counted: limits are for those who guess."""
    _count(work, phone, -1)


def _count(work: Work, phone: str, cost: int) -> None:
    keys = [("login.address", work.address)]
    with contextlib.suppress(Invalid):  # however it is typed, it is one phone; what is no phone opens nothing
        number = clean_phone(phone)
        keys += [("login.account", f"{number}|{work.address}"), ("login.phone", number)]
    for name, key in keys:
        limits.hit(work.session, work.vault, name, key, cost=cost, now=work.now.timestamp())


def prove(work: Work, phone: str, password: str) -> Proof:
    """Judge phone and password. Slow on purpose: call it outside a transaction."""
    try:
        known = account_by_phone(work, clean_phone(phone))
    except Invalid:
        known = None
    cost = work.settings.password_cost
    right = passwords.verify(known.password_hash if known else None, password, memory_kib=cost)
    if not right or known is None or known.status is AccountStatus.DISABLED:
        return Proof(None, known.public_id if known else "")
    return Proof(known, known.public_id, len(password) < SHORTEST_FOR_STAFF and is_staff(work, known))


def failed(work: Work, known: str) -> None:
    """Write down a try that failed; ``known``: the account's public id, or nothing."""
    record(work, "accounts:login:fail", "account", known)


def enter(
    work: Work,
    account: Account,
    *,
    second_factor: bool,
    device: str,
    kind: SignInKind = SignInKind.BROWSER,
    token: str | None = None,
) -> str:
    """Open a session and return its token; a device not seen before is told to the person."""
    seen = select(SignIn.id).where(SignIn.account_id == account.id)
    first = work.session.scalar(seen.limit(1)) is None
    known = work.session.scalar(seen.where(SignIn.device == device[:100], SignIn.address == work.address).limit(1))
    act_as(work, account)
    token = sessions.open_session(work, account, second_factor=second_factor, device=device, kind=kind, token=token)
    forgive(work, phone_of(work, account))
    record(work, "accounts:login:ok", "account", account.public_id)
    if known is None and not first:
        tell(
            work,
            account.id,
            once_key(account, "device", work.now),
            "新设备登录了您的账号",
            f"设备：{device}。如果不是您本人，请马上修改密码，并结束那处登录。",
            link="/jia/security",
        )
    return token
