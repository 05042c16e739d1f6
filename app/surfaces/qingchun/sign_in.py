"""Sign in, the second factor, sign out."""

from datetime import timedelta

from flask import Blueprint, Response, flash, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse
from wtforms import HiddenField, StringField

from app.kernel.access.gates import public
from app.kernel.audit.record import record
from app.kernel.errors import Invalid, TooMany
from app.league.accounts import operations, second_factor, sessions, signing_in
from app.league.accounts.models import AccountStatus
from app.league.people.facts import plain
from app.surfaces.qingchun.visit import carry, device, drop, recall, too_many, wants_to_see
from app.surfaces.web import ended
from app.surfaces.web.ended import SignInForm
from app.surfaces.web.forms import Form
from app.surfaces.web.house import changing, viewer, work
from app.surfaces.web.pages import local_target, page, see
from app.surfaces.web.sessions import give_cookie, take_cookie
from app.surfaces.wechat import visitor

bp = Blueprint("sign_in", __name__)
TICKET = "factor"
FIVE_MINUTES = timedelta(minutes=5)
LONGEST_TYPED = 40


class FactorForm(Form):
    """The value an authenticator shows, or a recovery code."""

    code = StringField("动态口令", id="sign-in-code")
    kept = HiddenField(id="sign-in-kept")


@bp.get("/login")
@public("登录")
def form() -> AnyResponse:
    """Phone and password; whoever is signed in already goes on."""
    if viewer() is not None:
        return see(_target(request.args.get("next")))
    return page("qingchun/sign_in.html", form=SignInForm(next=request.args.get("next", "")), shown=False)


@bp.post("/login")
@public("登录")
def submit() -> AnyResponse:
    """Judge them. One neutral line for whatever is wrong."""
    form = SignInForm()
    if wants_to_see():
        return ended.ask_again(form, shown=True)
    typed = plain(form.phone.data or "").replace(" ", "")[:LONGEST_TYPED]
    try:
        with changing() as change:
            signing_in.knock(change, typed)
    except TooMany as problem:
        return ended.ask_again(form, too_many(form, problem, ""))
    proof = signing_in.prove(work(), typed, form.password.data or "")
    if proof.account is None:
        with changing() as change:
            signing_in.failed(change, proof.known)
        form.blame(Invalid(signing_in.WRONG))
        return ended.ask_again(form, 422)
    if proof.account.status is AccountStatus.GUARDIAN_PENDING:
        carry("waiting", {"account": proof.known})
        return see(url_for("guardian.waiting"))
    if second_factor.enabled(proof.account):
        stamp = proof.account.password_hash[-16:]
        ticket = {"account": proof.known, "next": form.next.data, "short": proof.short_for_staff, "stamp": stamp}
        carry(TICKET, ticket, FIVE_MINUTES)
        if form.kept.data:  # too much for an address or a cookie: the page itself goes on carrying it
            return ended.ask_again(FactorForm(formdata=None, data={"kept": form.kept.data}), step="_factor")
        return see(url_for(".factor"))
    return _enter(proof.known, form.next.data, form.kept.data, short=proof.short_for_staff, with_factor=False)


@bp.get("/login/factor")
@public("登录的第二步")
def factor() -> AnyResponse:
    """The second factor, between the password and the session."""
    if not recall(TICKET):
        return see(url_for(".form"))
    return page("qingchun/sign_in_factor.html", form=FactorForm())


@bp.post("/login/factor")
@public("登录的第二步")
def check_factor() -> AnyResponse:
    """Take the value once."""
    form, ticket = FactorForm(), recall(TICKET)
    if not ticket:
        return see(url_for(".form"))
    right = False
    try:
        with changing() as change:
            account = operations.account_of(change, ticket["account"])
            second_factor.count(change, account.id)
            fresh = account.password_hash[-16:] == ticket["stamp"] and account.status is AccountStatus.ACTIVE
            right = fresh and second_factor.accept(change, account, form.code.data or "")
    except TooMany as problem:
        return ended.ask_again(form, too_many(form, problem, "code"), step="_factor")
    if not right:
        form.blame(Invalid({"code": second_factor.WRONG}))
        return ended.ask_again(form, 422, step="_factor")
    drop(TICKET)
    return _enter(ticket["account"], ticket["next"], form.kept.data, short=ticket["short"], with_factor=True)


@bp.post("/logout")
@public("退出")
def out() -> AnyResponse:
    """End this session; the browser is asked to forget what it stored."""
    who = viewer()
    if who is not None and who.session_id is not None:
        with changing() as change:
            sessions.end_session(change, who.session_id)
            record(change, "accounts:login:out", "account", who.public_id)
    return visitor.forget(take_cookie(see(url_for("home.index"))))


def _enter(public_id: str, target: str | None, note: str | None, *, short: bool, with_factor: bool) -> AnyResponse:
    with changing() as change:
        if current_user.is_authenticated:
            sessions.end_session(change, current_user.viewer.session_id)
        account = operations.account_of(change, public_id)
        token = signing_in.enter(change, account, second_factor=with_factor, device=device())
        staff = operations.is_staff(change, account)
    kept = ended.unseal(note)
    mine = kept is not None and kept.account == public_id
    home = url_for("desk.index") if staff else url_for("my_home.index")
    onward = url_for("security.password") if short else local_target(target, home)
    answer = give_cookie(Response() if mine else see(onward), token, public_id)
    if short:
        flash("您担任了管理职务，请换一个 12 位以上的密码", "look")
    if kept is not None and mine:
        return ended.give_back(kept, answer)
    if note:
        flash("刚才没提交的内容不属于这个账号，所以没有显示" if kept else "等得太久，刚才没提交的内容没有保留", "look")
    return answer


def _target(typed: str | None) -> str:
    who = viewer()
    home = url_for("desk.index") if who and who.is_staff else url_for("my_home.index")
    return local_target(typed, home)
