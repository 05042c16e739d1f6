"""A class as its secretary works with it: the code to hand out, how far it has come, the forms that wait."""

from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms.validators import InputRequired, Optional

from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.kernel.errors import Invalid, NotFound, Refused
from app.league.codes import operations, queries
from app.league.joining.states import NAMES
from app.league.organisations.models import Kind, Organisation
from app.league.organisations.queries import by_public_id
from app.surfaces.web.forms import OnceForm, WholeNumberField
from app.surfaces.web.house import changing, house, me, work
from app.surfaces.web.pages import page, see
from app.surfaces.web.qr import qr

bp = Blueprint("classes", __name__, url_prefix="/twt/class")
HERE = "tuanwutong/classes"
TONES = {"submitted": "wait", "returned": "look", "approved": "good"}


class CodeForm(OnceForm):
    """For how long; and how many belong to the class, while nobody has said so."""

    days = WholeNumberField("有效天数", default=operations.USUAL_DAYS, validators=[InputRequired("请填写天数")])
    expected_members = WholeNumberField("班里一共有多少人", validators=[Optional()])


@bp.get("")
@needs(Power.CODES_OPEN)
def index() -> AnyResponse:
    """My class; who leads more than one finds it in the tree."""
    where = next((post for post in me().posts_with(Power.CODES_OPEN) if post.organisation_kind == Kind.BRANCH), None)
    if where is None:
        return redirect(url_for("inviting.index"), 303)
    return redirect(url_for(".show", public_id=where.organisation_public_id), 303)


@bp.get("/<public_id>")
@needs(Power.CODES_OPEN)
def show(public_id: str) -> Response:
    """已审/已填/总数, the code, and the forms."""
    return _page(_branch(public_id), CodeForm(formdata=None))


@bp.post("/<public_id>/code")
@needs(Power.CODES_OPEN)
def open_code(public_id: str) -> AnyResponse:
    """A fresh code; the old one ends."""
    branch, form = _branch(public_id), CodeForm()
    if not form.validate_on_submit():
        return _page(branch, form, status=422)
    try:
        with changing(form.once.data) as change:
            branch = by_public_id(me().scope(Power.CODES_OPEN), change.session, public_id)
            if form.expected_members.data is not None:
                operations.expect(change, branch, form.expected_members.data)
            operations.open_code(change, branch, days=form.days.data)
            change.outcome = url_for(".show", public_id=public_id)
    except Invalid as problem:
        form.blame(problem)
        return _page(_branch(public_id), form, status=422)
    except Refused as problem:
        return see(url_for(".show", public_id=public_id), problem.text)
    return see(change.outcome, "班级认证码可以发了")


@bp.post("/<public_id>/close")
@needs(Power.CODES_OPEN)
def close(public_id: str) -> AnyResponse:
    """Let nobody in any more."""
    try:
        with changing() as change:
            branch = by_public_id(me().scope(Power.CODES_OPEN), change.session, public_id)
            operations.close_code(change, branch)
    except NotFound:
        _branch(public_id)
        return see(url_for(".show", public_id=public_id), "认证码已经停用了")
    return see(url_for(".show", public_id=public_id), "认证码已停用，想用时再开")


@bp.get("/<public_id>/poster")
@needs(Power.CODES_OPEN)
def poster(public_id: str) -> AnyResponse:
    """One sheet for the classroom's door."""
    branch = _branch(public_id)
    code = _live(branch)
    if code is None:
        return see(url_for(".show", public_id=public_id), "请先开通班级认证码")
    return page(f"{HERE}/poster.html", branch=branch, code=code, link=_link(code.token))


@bp.get("/<public_id>/qr.svg")
@needs(Power.CODES_OPEN)
def picture(public_id: str) -> Response:
    """The link as a picture."""
    code = _live(_branch(public_id))
    if code is None:
        raise NotFound
    return qr(_link(code.token))


def _branch(public_id: str) -> Organisation:
    branch = by_public_id(me().scope(Power.CODES_OPEN), work().session, public_id)
    if branch.kind is not Kind.BRANCH:
        raise NotFound
    return branch


def _live(branch: Organisation) -> Any:
    here = work()
    code = queries.running(here.session, branch.id)
    return code if code is not None and code.expires_at > here.now else None


def _link(token: str) -> str:
    return house().settings.public_origin + url_for("codes.invitation", token=token)


def _page(branch: Organisation, form: CodeForm, *, status: int = 200) -> Response:
    here, code = work(), _live(branch)
    scope = me().scope(Power.JOINING_READ)
    after = request.args.get("after", "")
    rows = queries.forms(scope, here.session, branch, after=after) if scope.covers(branch.path) else []
    more = len(rows) == queries.PAGE
    return page(
        f"{HERE}/show.html",
        status=status, branch=branch, form=form, room=queries.room(here.session, branch), code=code,
        text=_text(branch, code) if code else "", rows=rows, names=NAMES, tones=TONES, may_decide=bool(scope),
        next_url=url_for(".show", public_id=branch.public_id, after=rows[-1].public_id) if more else None,
    )  # fmt: skip


def _text(branch: Organisation, code: Any) -> str:
    """What is pasted into the class's chat group."""
    return (
        f"【{branch.name}】请各位同学填写电子档案，五分钟就好：{_link(code.token)}"
        f"　也可以在“山西青年之声”公众号点“我是团员”，输入班级认证码 {code.code}。"
    )
