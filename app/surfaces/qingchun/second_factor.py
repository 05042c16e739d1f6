"""动态口令 on the security pages: switch on, recovery codes, switch off."""

import io

import segno
from flask import Response, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms import StringField

from app.kernel.access.gates import own
from app.kernel.errors import Invalid, Refused, TooMany
from app.league.accounts import passwords, second_factor
from app.surfaces.qingchun.security import WRONG, bp, fresh_session, give_and_say, mine
from app.surfaces.qingchun.visit import carry, drop, password_field, recall, too_many, wants_to_see
from app.surfaces.web.forms import Form
from app.surfaces.web.house import changing, house, me, work
from app.surfaces.web.pages import page, see

HERE = "qingchun/factor"
CODES = "codes"


class ConfirmForm(Form):
    """The first value the authenticator shows."""

    code = StringField("动态口令")


class RemoveForm(Form):
    """Password and factor, both."""

    current = password_field("现在的密码")
    code = StringField("动态口令或恢复码")


def _page(form: Form, status: int = 200) -> AnyResponse:
    unit = work()
    account = mine(unit)
    on = second_factor.enabled(account)
    waiting = not on and account.totp_sealed is not None
    return page(
        f"{HERE}/index.html",
        form=form,
        status=status,
        on=on,
        secret=second_factor.secret_of(unit, account) if waiting else None,
        codes_left=second_factor.codes_left(unit, account),
        required=house().settings.production and me().is_staff,
    )


@bp.get("/factor", endpoint="second_factor")
@own
def index() -> AnyResponse:
    """Off, being set up, or on."""
    return _page(ConfirmForm())


@bp.post("/factor/begin")
@own
def begin_factor() -> AnyResponse:
    """Make a secret and show it."""
    with changing() as change:
        second_factor.begin(change, mine(change))
    return see(url_for(".second_factor"))


@bp.get("/factor/qr.svg")
@own
def factor_qr() -> AnyResponse:
    """The secret as a picture for the authenticator's camera, an answer of its own that nothing keeps."""
    unit = work()
    drawn = io.BytesIO()
    address = second_factor.address_of(unit, mine(unit))
    segno.make(address, error="m").save(drawn, kind="svg", scale=5, border=4, light="#fff", xmldecl=False)
    return Response(drawn.getvalue(), mimetype="image/svg+xml", headers={"Cache-Control": "no-store"})


@bp.post("/factor")
@own
def confirm_factor() -> AnyResponse:
    """Switch it on; this session counts as one with two factors, under a fresh token."""
    form, codes, token = ConfirmForm(), None, ""
    try:
        with changing() as change:
            account = mine(change)
            second_factor.count(change, account.id)
            codes = second_factor.confirm(change, account, form.code.data or "")
            if codes:
                token = fresh_session(change, account, with_factor=True)
    except TooMany as problem:
        return _page(form, too_many(form, problem, "code"))
    if codes is None:
        form.blame(Invalid({"code": second_factor.WRONG}))
        return _page(form, 422)
    response = give_and_say(see(url_for(".factor_codes")), token, "动态口令已开启")
    carry(CODES, {"codes": codes})
    return response


@bp.get("/factor/codes")
@own
def factor_codes() -> AnyResponse:
    """The recovery codes, while they are fresh."""
    codes = recall(CODES).get("codes")
    if not codes:
        return see(url_for(".second_factor"))
    return page(f"{HERE}/codes.html", form=Form(), codes=codes)


@bp.post("/factor/codes/kept")
@own
def factor_codes_kept() -> AnyResponse:
    """They are written down: forget them."""
    drop(CODES)
    return see(url_for(".index"), "恢复码已收好")


@bp.get("/factor/codes/new")
@own
def factor_new_codes() -> AnyResponse:
    """Ask for fresh recovery codes."""
    return page(f"{HERE}/new_codes.html", form=ConfirmForm())


@bp.post("/factor/codes/new")
@own
def renew_factor_codes() -> AnyResponse:
    """Ten fresh ones, after a value."""
    form, codes = ConfirmForm(), None
    try:
        with changing() as change:
            account = mine(change)
            second_factor.count(change, account.id)
            if second_factor.accept(change, account, form.code.data or ""):
                codes = second_factor.renew_codes(change, account)
    except TooMany as problem:
        return page(f"{HERE}/new_codes.html", form=form, status=too_many(form, problem, "code"))
    if codes is None:
        form.blame(Invalid({"code": second_factor.WRONG}))
        return page(f"{HERE}/new_codes.html", form=form, status=422)
    carry(CODES, {"codes": codes})
    return see(url_for(".factor_codes"))


@bp.get("/factor/remove")
@own
def factor_removal() -> AnyResponse:
    """Ask for password and factor."""
    return page(f"{HERE}/remove.html", form=RemoveForm(), shown=False)


@bp.post("/factor/remove")
@own
def remove_factor() -> AnyResponse:
    """Switch it off."""
    form, unit, status = RemoveForm(), work(), 422
    if wants_to_see():
        return page(f"{HERE}/remove.html", form=form, shown=True)
    cost = unit.settings.password_cost
    known = passwords.verify(mine(unit).password_hash, form.current.data or "", memory_kib=cost)
    try:
        with changing() as change:
            account = mine(change)
            second_factor.count(change, account.id)
            right = known and second_factor.accept(change, account, form.code.data or "")
            if right:
                second_factor.remove(change, account)
        if right:
            return see(url_for(".index"), "动态口令已关闭")
        form.blame(Invalid({"code": second_factor.WRONG} if known else {"current": WRONG}))
    except TooMany as problem:
        status = too_many(form, problem, "code")
    except Refused as problem:
        form.blame(Invalid(problem.text))
        status = 409
    return page(f"{HERE}/remove.html", form=form, shown=False, status=status)
