"""Signing in from an app: a token, listed and revocable in 账号安全 beside the browsers."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from app.kernel.access.gates import own, public
from app.kernel.audit.record import record
from app.kernel.work import Work
from app.league.accounts import operations, second_factor, sessions, signing_in
from app.league.accounts.models import Account, AccountStatus, SignIn, SignInKind
from app.league.people.facts import plain
from app.surfaces.api import replies
from app.surfaces.api.operation import Link, operation
from app.surfaces.web.house import Change, changing, me, work
from app.surfaces.web.problems import Kind

TAG = "登录"
FACTOR_ASKED = "这个账号开启了动态口令，请一并发送 code"
GUARDIAN_FIRST = "正在等监护人同意，同意以后才能登录"
Phone = Annotated[str, Meta(min_length=1, max_length=40, examples=["13900000006"])]
Password = Annotated[str, Meta(min_length=1, max_length=200)]
DeviceName = Annotated[str, Meta(min_length=1, max_length=40, examples=["小林的手机"])]


class Credentials(Struct, frozen=True, forbid_unknown_fields=True):
    """手机号、密码和这台设备的名字；开启了动态口令的账号还要 code（或一个恢复码）。"""

    phone: Phone
    password: Password
    device: DeviceName
    code: Annotated[str, Meta(max_length=40)] = ""


class Token(Struct, frozen=True):
    """登录凭证。token 只出现这一次，以后放在 Authorization: Bearer 里。"""

    id: str
    token: str
    device: str
    expires_at: datetime
    staff: bool
    short_password: bool
    """Whether a cadre's password is shorter than cadres' passwords have to be: it should be changed on the site."""


class SignInPlace(Struct, frozen=True):
    """一处登录：浏览器或手机应用。"""

    id: str
    kind: SignInKind
    device: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    here: bool


class SignInList(Struct, frozen=True):
    """正在登录的地方。"""

    items: list[SignInPlace]


@operation(
    "POST", "/tokens", "登录，取得凭证", tag=TAG, status=201, also=(403,),
    example={"phone": "13900000006", "password": "qingchun-2016", "device": "小林的手机"},
    links=(Link("revoke_token", {"public_id": "$response.body#/id"}),),
)  # fmt: skip
@public("登录")
def sign_in(body: Credentials) -> Token:
    """Judge phone, password and second factor in one step. One neutral sentence for whatever is wrong."""
    typed = plain(body.phone).replace(" ", "")
    with changing() as change:
        signing_in.knock(change, typed)
    proof = signing_in.prove(work(), typed, body.password)
    if proof.account is None:
        with changing() as change:
            signing_in.failed(change, proof.known)
        raise Kind(422, "credentials", signing_in.WRONG)
    if proof.account.status is AccountStatus.GUARDIAN_PENDING:
        raise Kind(403, "guardian", GUARDIAN_FIRST)
    with_factor = second_factor.enabled(proof.account)
    if with_factor and not body.code:
        raise Kind(422, "second-factor", FACTOR_ASKED, {"code": FACTOR_ASKED})
    stamp = proof.account.password_hash
    with replies.one_effect() as change:
        account = operations.account_of(change, proof.known)
        right = account.password_hash == stamp and account.status is AccountStatus.ACTIVE
        if right and with_factor:
            second_factor.count(change, account.id)
            right = second_factor.accept(change, account, body.code)
        if right:
            change.answer = enter(change, account, body.device, with_factor=with_factor, short=proof.short_for_staff)
    if change.answer is None:  # the try is counted all the same
        raise Kind(422, "second-factor", second_factor.WRONG, {"code": second_factor.WRONG})
    answer: Token = change.answer
    return answer


@operation("GET", "/tokens", "正在登录的地方", tag=TAG)
@own
def list_tokens() -> SignInList:
    """Browsers and apps, the last used first."""
    found = sessions.live(work(), me().account_id)
    return SignInList([_place(row) for row in found])


@operation("DELETE", "/tokens/current", "退出", tag=TAG, status=204)
@own
def sign_out() -> None:
    """End the session of this very token."""
    with changing() as change:
        sessions.end_session(change, me().session_id or 0)
        record(change, "accounts:login:out", "account", me().public_id)


@operation("DELETE", "/tokens/{public_id}", "结束一处登录", tag=TAG, status=204)
@own
def revoke_token(public_id: str) -> None:
    """End one of my sessions, whether an app's or a browser's."""
    with changing() as change:
        sessions.end_one(change, me().account_id, public_id)
        record(change, "accounts:session:end", "account", me().public_id)


def enter(change: Change, account: Account, device: str, *, with_factor: bool, short: bool = False) -> Token:
    """Open an app's session for ``account``; its token is told once."""
    token = replies.new_token(change)
    signing_in.enter(change, account, second_factor=with_factor, device=device, kind=SignInKind.APP, token=token)
    row = sessions.by_token(change, token)
    staff = operations.is_staff(change, account)
    return Token(row.public_id, token, row.device, _ends(change, row, staff=staff), staff, short)


def _place(row: SignIn) -> SignInPlace:
    here = work()
    ends = _ends(here, row, staff=me().is_staff)
    return SignInPlace(
        row.public_id, row.kind, row.device, row.created_at, row.seen_at, ends, row.id == me().session_id
    )


def _ends(here: Work, row: SignIn, *, staff: bool) -> datetime:
    return min(row.expires_at, sessions.staff_until(here, row.created_at)) if staff else row.expires_at
