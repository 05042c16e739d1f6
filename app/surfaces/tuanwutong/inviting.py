"""Opening branches and handing their secretaries the 团干认证码, one or a school's forty at once."""

from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms import StringField, TextAreaField
from wtforms.validators import Optional

from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.kernel.access.scope import Scope
from app.kernel.errors import Conflict, Invalid, Refused
from app.league.codes import cadres, queries
from app.league.organisations.models import Kind, Organisation
from app.league.organisations.queries import by_public_id
from app.surfaces.web.forms import OnceForm, WholeNumberField, filled
from app.surfaces.web.house import changing, house, me, work
from app.surfaces.web.pages import page, see
from app.surfaces.web.qr import qr

bp = Blueprint("inviting", __name__, url_prefix="/twt/invitations")
HERE = "tuanwutong/classes"
STATES = {
    "open": ("等待接受", "wait"),
    "used": ("已接受", "good"),
    "expired": ("已过期", "look"),
    "revoked": ("已收回", ""),
}


class LinesForm(OnceForm):
    """Branches, one per line."""

    lines = TextAreaField("班级、人数、团支书、手机号", validators=[filled("请填写，每行一个班")])
    step = StringField()


class OneForm(OnceForm):
    """The secretary of one branch that stands already."""

    name = StringField("团支书姓名", validators=[filled("请填写姓名")])
    phone = StringField("手机号", validators=[filled("请填写手机号")])
    expected_members = WholeNumberField("班里一共有多少人", validators=[Optional()])


@bp.get("")
@needs(Power.CODES_INVITE)
def index() -> AnyResponse:
    """Where I stand."""
    post = next(iter(me().posts_with(Power.CODES_INVITE)))
    return redirect(url_for(".show", public_id=post.organisation_public_id), 303)


@bp.get("/<public_id>")
@needs(Power.CODES_INVITE)
def show(public_id: str) -> Response:
    """Who was invited, and the form to invite more."""
    place = _place(public_id)
    if place.kind is Kind.BRANCH:
        return _one_page(place, OneForm(formdata=None))
    return _lines_page(place, LinesForm(formdata=None), [])


@bp.post("/<public_id>")
@needs(Power.CODES_INVITE)
def invite(public_id: str) -> AnyResponse:
    """Invite: look at the lines first, then open them all."""
    place = _place(public_id)
    return _invite_one(place) if place.kind is Kind.BRANCH else _invite_many(place)


@bp.get("/<public_id>/sheet")
@needs(Power.CODES_INVITE)
def slips(public_id: str) -> Response:
    """The invitations that wait, one slip for each secretary, to print and hand over."""
    here, place = work(), _place(public_id)
    rows = queries.waiting(_scope(), here.session, place, here.now, after=request.args.get("after", ""))
    codes = {row.code.public_id: cadres.token_of(here, row.code) for row in rows}
    endings = {row.code.public_id: cadres.phone_ending(here, row.code) for row in rows}
    more = len(rows) == queries.SLIPS
    next_url = url_for(".slips", public_id=public_id, after=rows[-1].code.public_id) if more else None
    return page(f"{HERE}/slips.html", place=place, rows=rows, codes=codes, phones=endings, next_url=next_url)


@bp.get("/code/<public_id>/qr.svg")
@needs(Power.CODES_INVITE)
def picture(public_id: str) -> Response:
    """One invitation as a picture."""
    here = work()
    row = queries.cadre_code(_scope(), here.session, public_id)
    link = url_for("codes.accept_page", token=cadres.token_of(here, row.code))
    return qr(house().settings.public_origin + link)


@bp.post("/code/<public_id>/revoke")
@needs(Power.CODES_INVITE)
def revoke(public_id: str) -> AnyResponse:
    """Take one back."""
    with changing() as change:
        row = queries.cadre_code(_scope(), change.session, public_id)
        back = url_for(".show", public_id=row.branch.public_id)
        try:
            cadres.revoke(change, row.code, row.branch)
        except Conflict as problem:
            return see(back, problem.text)
    return see(back, "已收回")


def _invite_one(branch: Organisation) -> AnyResponse:
    form = OneForm()
    if not form.validate_on_submit():
        return _one_page(branch, form, status=422)
    try:
        with changing(form.once.data) as change:
            branch = by_public_id(_scope(), change.session, branch.public_id)
            expected = form.expected_members.data or 0
            cadres.invite(change, me(), branch, name=form.name.data, phone=form.phone.data, expected=expected)
            change.outcome = url_for(".slips", public_id=branch.public_id)
    except (Invalid, Refused) as problem:
        form.blame(problem if isinstance(problem, Invalid) else Invalid(problem.text))
        return _one_page(branch, form, status=422)
    return see(change.outcome, "团干认证码已生成，请交给本人")


def _invite_many(parent: Organisation) -> AnyResponse:
    form, lines = LinesForm(), []
    if not form.validate():
        return _lines_page(parent, form, [], status=422)
    try:
        lines = cadres.read(work(), parent, form.lines.data)
        good = not any(line.fault for line in lines)
        if form.step.data != "commit" or not good:
            return _lines_page(parent, form, lines, status=200 if good else 422)
        with changing(form.once.data) as change:
            parent = by_public_id(_scope(), change.session, parent.public_id)
            cadres.open_branches(change, me(), parent, form.lines.data)
            change.outcome = url_for(".slips", public_id=parent.public_id)
    except (Invalid, Refused) as problem:
        form.blame(problem if isinstance(problem, Invalid) else Invalid(problem.text))
        return _lines_page(parent, form, lines, status=422)
    return see(change.outcome, f"已开通 {len(lines)} 个班，请把认证码交给团支书本人")


def _scope() -> Scope:
    return me().scope(Power.CODES_INVITE)


def _place(public_id: str) -> Organisation:
    return by_public_id(_scope(), work().session, public_id)


def _rows(place: Organisation) -> dict[str, Any]:
    here, before = work(), request.args.get("before", "")
    rows = queries.invited(_scope(), here.session, place, before=before)
    more = len(rows) == queries.PAGE
    shown = [(row, *STATES[row.state(here.now)], row.state(here.now) == "open") for row in rows]
    next_url = url_for(".show", public_id=place.public_id, before=rows[-1].code.public_id) if more else None
    return {"place": place, "rows": shown, "next_url": next_url, "waiting": any(row[-1] for row in shown)}


def _one_page(branch: Organisation, form: OneForm, *, status: int = 200) -> Response:
    return page(f"{HERE}/invite_one.html", form=form, status=status, **_rows(branch))


def _lines_page(parent: Organisation, form: LinesForm, lines: list[cadres.Line], *, status: int = 200) -> Response:
    ready = bool(lines) and not any(line.fault for line in lines)
    return page(f"{HERE}/invite.html", form=form, lines=lines, ready=ready, status=status, **_rows(parent))
