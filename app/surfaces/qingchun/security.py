"""Password, sessions, consents, the end of the account. The second factor has a module of its own."""

from flask import Blueprint, flash, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.access.gates import own
from app.kernel.audit.record import record
from app.kernel.errors import Invalid, NotFound, Refused, TooMany
from app.kernel.work import Work
from app.league.accounts import consents, operations, passwords, second_factor, sessions, signing_in
from app.league.accounts.models import Account, Consent, ConsentState
from app.league.wechat import bindings
from app.league.wechat.official import official
from app.surfaces.qingchun.visit import device, password_field, too_many, wants_to_see
from app.surfaces.web.forms import Form
from app.surfaces.web.house import changing, me, work
from app.surfaces.web.pages import page, see
from app.surfaces.web.sessions import give_cookie, take_cookie

bp = Blueprint("security", __name__, url_prefix="/jia/security")
HERE = "qingchun/security"
WRONG = "现在的密码不对，请核对后再填"


class PasswordForm(Form):
    """The present password and the next one."""

    current = password_field("现在的密码")
    password = password_field("新密码")


class ProofForm(Form):
    """The present password, before something that cannot be taken back."""

    current = password_field("现在的密码")


@bp.get("")
@own
def index() -> AnyResponse:
    """Everything that guards the account, on one page."""
    unit = work()
    account = mine(unit)
    return page(
        f"{HERE}/index.html",
        account=account,
        phone=operations.phone_of(unit, account),
        wechat=bindings.binding_of(unit, account.id),
        wechat_door=official(unit.settings) is not None,
        factor=second_factor.enabled(account),
        codes_left=second_factor.codes_left(unit, account),
        sessions=sessions.live(unit, account.id),
        here=me().session_id,
        ledger=consents.of_account(unit, account.id),
        names=consents.NAMES,
        taken_back=consents.withdrawn(unit, account.id, consents.SENSITIVE.purpose),
    )


@bp.get("/password")
@own
def password() -> AnyResponse:
    """A new password."""
    return page(f"{HERE}/password.html", form=PasswordForm(), shown=False)


@bp.post("/password")
@own
def change_password() -> AnyResponse:
    """Take it; every other session ends and this one gets a fresh token."""
    form = PasswordForm()
    if wants_to_see():
        return page(f"{HERE}/password.html", form=form, shown=True)
    try:
        prove(form)
        unit = work()
        account = mine(unit)
        kept = operations.choose_password(
            unit,
            form.password.data or "",
            name=account.name,
            phone=operations.phone_of(unit, account),
            birth_date=account.birth_date,
            staff=me().is_staff,
        )
    except TooMany as problem:
        return page(f"{HERE}/password.html", form=form, shown=False, status=too_many(form, problem, "current"))
    except Invalid as problem:
        form.blame(problem)
        return page(f"{HERE}/password.html", form=form, shown=False, status=422)
    with changing() as change:
        account = mine(change)
        operations.change_password(change, account, kept, keep=me().session_id)
        token = fresh_session(change, account, with_factor=me().second_factor)
    return give_and_say(see(url_for(".index")), token, "密码已改，其他地方的登录都已结束")


@bp.post("/sessions/<public_id>/end")
@own
def end_session(public_id: str) -> AnyResponse:
    """End one of my sessions."""
    with changing() as change:
        ended = sessions.end_one(change, me().account_id, public_id)
        record(change, "accounts:session:end", "account", me().public_id)
    if ended == me().session_id:
        return take_cookie(see(url_for("sign_in.form")))
    return see(url_for(".index"), "已结束那处登录")


@bp.post("/sessions/end-all")
@own
def end_all() -> AnyResponse:
    """Sign out everywhere, here too."""
    with changing() as change:
        sessions.end_all(change, me().account_id)
        record(change, "accounts:session:end-all", "account", me().public_id)
    response = take_cookie(see(url_for("sign_in.form")))
    flash("所有登录都已结束")
    return response


@bp.get("/consents/<public_id>/withdraw")
@own
def consent(public_id: str) -> AnyResponse:
    """What taking a consent back means, before it is done."""
    return page(f"{HERE}/withdraw.html", form=Form(), consent=_my_consent(public_id), names=consents.NAMES)


@bp.post("/consents/<public_id>/withdraw")
@own
def withdraw(public_id: str) -> AnyResponse:
    """Take it back."""
    if _my_consent(public_id).purpose == "terms":
        return see(url_for(".closing"))
    with changing() as change:
        consents.withdraw(change, mine(change), public_id)
    return see(url_for(".index"), "已撤回。以后想建档时可以再同意")


@bp.post("/consents/sensitive")
@own
def agree_again() -> AnyResponse:
    """Agree again to what was taken back."""
    with changing() as change:
        account = mine(change)
        if consents.withdrawn(change, account.id, consents.SENSITIVE.purpose):
            consents.give(change, account, consents.SENSITIVE)
    return see(url_for(".index"), "已记下您的同意")


@bp.get("/close")
@own
def closing() -> AnyResponse:
    """What closing the account means."""
    return page(f"{HERE}/close.html", form=ProofForm(), shown=False)


@bp.post("/close")
@own
def close() -> AnyResponse:
    """注销, after the password."""
    form = ProofForm()
    if wants_to_see():
        return page(f"{HERE}/close.html", form=form, shown=True)
    try:
        prove(form)
        with changing() as change:
            operations.close(change, mine(change))
    except TooMany as problem:
        return page(f"{HERE}/close.html", form=form, shown=False, status=too_many(form, problem, "current"))
    except Refused as problem:
        form.blame(Invalid(problem.text))
        return page(f"{HERE}/close.html", form=form, shown=False, status=409)
    except Invalid as problem:
        form.blame(problem)
        return page(f"{HERE}/close.html", form=form, shown=False, status=422)
    response = take_cookie(see(url_for("home.index")))
    flash("账号已注销")
    return response


def mine(unit: Work) -> Account:
    """The signed-in account's row."""
    return operations.account_of(unit, me().public_id)


def fresh_session(change: Work, account: Account, *, with_factor: bool) -> str:
    """A new token in place of this session's: what guarded less does not survive what guards more."""
    session_id = me().session_id
    if session_id is not None:
        sessions.end_session(change, session_id)
    return sessions.open_session(change, account, second_factor=with_factor, device=device())


def give_and_say(response: AnyResponse, token: str, message: str) -> AnyResponse:
    """Hand the browser its new token; what was to be said survives the change."""
    give_cookie(response, token)
    flash(message)
    return response


def prove(form: Form) -> None:
    """Raises Invalid unless the present password was typed, TooMany after many tries."""
    unit = work()
    phone = operations.phone_of(unit, mine(unit))
    with changing() as change:
        signing_in.knock(change, phone)
    unit = work()
    kept = mine(unit).password_hash
    if not passwords.verify(kept, form.current.data or "", memory_kib=unit.settings.password_cost):
        raise Invalid({"current": WRONG})


def _my_consent(public_id: str) -> Consent:
    ledger = consents.of_account(work(), me().account_id)
    found = next((c for c in ledger if c.public_id == public_id and c.state is ConsentState.GIVEN), None)
    if found is None:
        raise NotFound
    return found
