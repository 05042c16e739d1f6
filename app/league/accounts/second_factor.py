"""动态口令 (TOTP, RFC 6238) and recovery codes: each value opens the door once."""

import secrets

import pyotp
from sqlalchemy import delete, func, select, update

from app.kernel import limits
from app.kernel.access.viewer import Viewer
from app.kernel.audit.record import record
from app.kernel.errors import Invalid, Refused
from app.kernel.work import Work
from app.league.accounts import sessions
from app.league.accounts.messages import tell
from app.league.accounts.models import Account, RecoveryCode
from app.league.accounts.operations import is_staff, once_key
from app.league.appointments import rules
from app.league.appointments.queries import live_posts
from app.league.organisations.models import Kind
from app.league.people.facts import plain

PERIOD = 30
WINDOW = 1
CODES = 10
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
ISSUER = "团务通"
WRONG = "动态口令不对或已用过，请等下一个再填"


def count(work: Work, account_id: int) -> None:
    """Count a try before it is made. Raises TooMany."""
    limits.hit(work.session, work.vault, "factor.account", str(account_id), now=work.now.timestamp())


def enabled(account: Account) -> bool:
    """Whether signing in asks for a second factor."""
    return account.totp_enabled_at is not None


def begin(work: Work, account: Account) -> None:
    """Make a secret to be confirmed; one that waits already stays, so that a page can be loaded again."""
    if account.totp_sealed is None:
        account.totp_sealed = work.vault.seal("totp", pyotp.random_base32())


def secret_of(work: Work, account: Account) -> str:
    """The secret while it waits for confirmation. Raises Refused afterwards: it is shown no more."""
    if enabled(account) or account.totp_sealed is None:
        raise Refused("动态口令已经开启，密钥不再显示")
    return work.vault.open("totp", account.totp_sealed)


def address_of(work: Work, account: Account) -> str:
    """The otpauth:// address an authenticator scans; the label holds no phone."""
    return pyotp.TOTP(secret_of(work, account)).provisioning_uri(name=account.name, issuer_name=ISSUER)


def confirm(work: Work, account: Account, typed: str) -> list[str] | None:
    """Switch the factor on when ``typed`` is right, and return the recovery codes, shown this once; None when wrong."""
    if enabled(account) or account.totp_sealed is None:
        raise Refused("动态口令已经开启")
    if not _totp(work, account, typed):
        record(work, "accounts:factor:fail", "account", account.public_id)
        return None
    account.totp_enabled_at = work.now
    record(work, "accounts:factor:add", "account", account.public_id)
    _tell(work, account, "add", "已开启动态口令", "以后登录除了密码，还要填写动态口令。")
    return _new_codes(work, account)


def accept(work: Work, account: Account, typed: str) -> bool:
    """Whether ``typed`` is the present value or an unused recovery code; it is used up by this."""
    if not enabled(account):
        return False
    if _totp(work, account, typed) or _recovery(work, account, typed):
        return True
    record(work, "accounts:factor:fail", "account", account.public_id)
    return False


def renew_codes(work: Work, account: Account) -> list[str]:
    """Ten fresh recovery codes; the old ones stop working."""
    record(work, "accounts:factor:codes", "account", account.public_id)
    return _new_codes(work, account)


def codes_left(work: Work, account: Account) -> int:
    """How many recovery codes are still unused."""
    query = select(func.count()).select_from(RecoveryCode)
    return work.session.scalar(query.where(RecoveryCode.account_id == account.id, RecoveryCode.used_at.is_(None))) or 0


def remove(work: Work, account: Account) -> None:
    """Switch the factor off. Raises Refused for an administrator in production, who must have one."""
    if work.settings.production and is_staff(work, account):
        raise Refused("担任管理职务期间不能关闭动态口令")
    _clear(work, account)
    record(work, "accounts:factor:remove", "account", account.public_id)
    _tell(work, account, "remove", "已关闭动态口令", "以后登录只用密码。如果不是您本人，请马上修改密码。")


def reset_second_factor(work: Work, viewer: Viewer, account: Account, reason: str) -> None:
    """A superior, having seen the person, takes a lost factor away: a case, never a password (安全设计: 找回须经上级).

    ``viewer`` must be able to give and take every post the account holds. All sessions end, both sides are told; the
    person signs in with his own password and must enrol again. Raises Refused, Invalid (``reason``).
    """
    if len(plain(reason)) < 5:
        raise Invalid({"reason": "请写明怎样核实了本人身份，至少五个字"})
    if viewer.account_id == account.id:
        raise Refused("不能给自己解除，请联系上级管理员")
    posts = live_posts(work.session, account.id, work.today)
    places = [(post.role, rules.Place(post.path, Kind(post.organisation_kind))) for post in posts]
    if not places or any(rules.post_to_grant(viewer, role, place) is None for role, place in places):
        raise Refused("只有能任免此人全部职务的上级管理员才能解除")
    if not enabled(account):
        raise Refused("此人没有开启动态口令")
    _clear(work, account)
    sessions.end_all(work, account.id)
    record(work, "accounts:factor:reset", "account", account.public_id, reason=plain(reason), org_path=posts[0].path)
    _tell(work, account, "reset", "动态口令已由上级解除", f"{viewer.name}核实身份后解除。请登录后重新开启。")
    key = once_key(account, "factor-reset-by", work.now)
    tell(work, viewer.account_id, key, "已解除动态口令", f"您解除了{account.name}的动态口令，对方的登录都已结束。")


def _totp(work: Work, account: Account, typed: str) -> bool:
    assert account.totp_sealed is not None
    code = "".join(c for c in plain(typed) if c.isdigit())
    if len(code) != 6:
        return False
    maker = pyotp.TOTP(work.vault.open("totp", account.totp_sealed), interval=PERIOD)
    step = int(work.now.timestamp()) // PERIOD
    for candidate in range(step - WINDOW, step + WINDOW + 1):
        if secrets.compare_digest(maker.generate_otp(candidate), code):
            taken = (
                update(Account)
                .where(Account.id == account.id, Account.totp_last_step < candidate)
                .values(totp_last_step=candidate)
                .execution_options(synchronize_session="fetch")
            )
            return bool(work.session.execute(taken).rowcount)  # type: ignore[attr-defined]
    return False


def _recovery(work: Work, account: Account, typed: str) -> bool:
    code = "".join(c for c in plain(typed).lower() if c in ALPHABET)
    if len(code) != 10:
        return False
    used = (
        update(RecoveryCode)
        .where(RecoveryCode.account_id == account.id, RecoveryCode.used_at.is_(None))
        .where(RecoveryCode.code_index.in_(work.vault.indexes("recovery", f"{account.public_id}:{code}")))
        .values(used_at=work.now)
    )
    if not work.session.execute(used).rowcount:  # type: ignore[attr-defined]
        return False
    record(work, "accounts:factor:recover", "account", account.public_id)
    _tell(
        work,
        account,
        "recover",
        "使用了恢复码",
        f"还剩 {codes_left(work, account)} 个。如果不是您本人，请马上修改密码。",
    )
    return True


def _new_codes(work: Work, account: Account) -> list[str]:
    work.session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(10)) for _ in range(CODES)]
    for code in codes:
        index = work.vault.index("recovery", f"{account.public_id}:{code}")
        work.session.add(RecoveryCode(account_id=account.id, code_index=index))
    work.session.flush()
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def _clear(work: Work, account: Account) -> None:
    account.totp_sealed = account.totp_enabled_at = None
    work.session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))


def _tell(work: Work, account: Account, what: str, title: str, body: str) -> None:
    tell(work, account.id, once_key(account, f"factor-{what}", work.now), title, body, link="/jia/security")
