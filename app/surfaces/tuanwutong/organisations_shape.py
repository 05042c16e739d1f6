"""Moving, merging and closing: choose, look at the consequences with their counts, then confirm."""

from collections.abc import Callable
from typing import Any

from flask import Response, request, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms import HiddenField, SelectField, TextAreaField
from wtforms.validators import InputRequired

from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.kernel.access.scope import Scope
from app.kernel.errors import Conflict, Invalid, NotFound
from app.kernel.work import Work
from app.league.joining.operations import PLACES
from app.league.organisations import closing, consequences, queries, reshaping, tasks, transferring
from app.league.organisations.models import Organisation
from app.league.organisations.rules import MAY_STAND_UNDER
from app.surfaces.tuanwutong.organisations import bp
from app.surfaces.tuanwutong.organisations_making import version_of
from app.surfaces.web.forms import OnceForm, filled
from app.surfaces.web.house import Change, changing, me, work
from app.surfaces.web.pages import page, see

MOST_CHOICES = 20
Fault = Callable[[Work, Organisation, Organisation], str | None]


class ShapeForm(OnceForm):
    """Where to, and which versions were shown."""

    to = HiddenField(validators=[InputRequired("请先选择一个团组织")])
    version = HiddenField(validators=[InputRequired("请重新打开这个页面")])
    to_version = HiddenField()


class CloseForm(OnceForm):
    """Why, and where things go on."""

    reason = TextAreaField("撤销的原因", validators=[filled("请填写撤销的原因")])
    requests_to = SelectField("未办完的入档申请")
    children_to = SelectField("下级团组织")
    version = HiddenField(validators=[InputRequired("请重新打开这个页面")])


@bp.route("/<public_id>/move", methods=["GET", "POST"])
@needs(Power.ORGANISATIONS_MOVE)
def move(public_id: str) -> AnyResponse:
    """换上级."""
    targets = me().scope(Power.ORGANISATIONS_CREATE)
    row = _row(Power.ORGANISATIONS_MOVE, public_id)
    form = ShapeForm()
    if not form.is_submitted() or not form.validate():
        return _choose("move", form, row, targets, reshaping.move_fault)
    try:
        with changing(form.once.data) as change:
            row = queries.by_public_id(me().scope(Power.ORGANISATIONS_MOVE), change.session, public_id)
            parent = queries.by_public_id(targets, change.session, form.to.data)
            seen = version_of(form.version.data)
            if tasks.is_long(change, row):
                reshaping.check_move(change, me(), row, parent, version=seen)
                title, asked = f"把{row.name}移到{parent.name}下面", {"to": parent.public_id, "version": seen}
                change.outcome, said = _leave(change, tasks.MOVE, title, row, asked)
            else:
                reshaping.move(change, me(), row, parent, version=seen)
                change.outcome, said = url_for(".show", public_id=public_id), f"已移到{parent.name}下面"
    except (Invalid, Conflict) as problem:
        return _choose("move", form, _again(public_id), targets, reshaping.move_fault, problem)
    return see(change.outcome, said)


@bp.route("/<public_id>/merge", methods=["GET", "POST"])
@needs(Power.ORGANISATIONS_MERGE)
def merge(public_id: str) -> AnyResponse:
    """合并."""
    scope = me().scope(Power.ORGANISATIONS_MERGE)
    row = _row(Power.ORGANISATIONS_MERGE, public_id)
    form = ShapeForm()
    if not form.is_submitted() or not form.validate():
        return _choose("merge", form, row, scope, reshaping.merge_fault)
    try:
        with changing(form.once.data) as change:
            row = queries.by_public_id(scope, change.session, public_id)
            target = queries.by_public_id(scope, change.session, form.to.data)
            seen, target_seen = version_of(form.version.data), version_of(form.to_version.data)
            if tasks.is_long(change, row):
                reshaping.check_merge(change, me(), row, target, version=seen, target_version=target_seen)
                asked = {"to": target.public_id, "version": seen, "to_version": target_seen}
                change.outcome, said = _leave(change, tasks.MERGE, f"把{row.name}并入{target.name}", row, asked)
            else:
                reshaping.merge(change, me(), row, target, version=seen, target_version=target_seen)
                change.outcome = url_for(".show", public_id=target.public_id)
                said = f"{row.name}已并入{target.name}"
    except (Invalid, Conflict) as problem:
        return _choose("merge", form, _again(public_id), scope, reshaping.merge_fault, problem)
    return see(change.outcome, said)


@bp.route("/<public_id>/close", methods=["GET", "POST"])
@needs(Power.ORGANISATIONS_CLOSE)
def close(public_id: str) -> AnyResponse:
    """撤销."""
    row = _row(Power.ORGANISATIONS_CLOSE, public_id)
    form = CloseForm()
    _offer_heirs(form, row)
    if not form.is_submitted():
        form.version.data = row.version
        return _close_page(form, row)
    if not form.validate():
        return _close_page(form, row, 422)
    try:
        with changing(form.once.data) as change:
            row = queries.by_public_id(me().scope(Power.ORGANISATIONS_CLOSE), change.session, public_id)
            change.outcome, said = _close(change, form, row)
    except Invalid as problem:
        form.blame(problem)
        return _close_page(form, _again(public_id), 422)
    except Conflict as problem:
        return _close_page(form, _again(public_id), 409, problem.text)
    return see(change.outcome, said)


def _close(change: Change, form: CloseForm, row: Organisation) -> tuple[str, str]:
    """Close ``row`` here, or leave it to the worker. Returns where to go and what to say."""
    seen = version_of(form.version.data)
    requests_to = _heir(change, Power.JOINING_DECIDE, form.requests_to.data)
    children_to = _heir(change, Power.ORGANISATIONS_CREATE, form.children_to.data)
    if not tasks.is_long(change, row):
        closing.close(
            change,
            me(),
            row,
            version=seen,
            reason=form.reason.data,
            requests_to=requests_to,
            children_to=children_to,
        )
        return url_for(".show", public_id=row.public_id), f"已撤销{row.name}"
    closing.check_close(change, me(), row, version=seen, reason=form.reason.data)
    if children_to is None and (fault := closing.files_fault(change, row)):
        raise Invalid({"": fault})
    asked = {
        "version": seen,
        "reason": form.reason.data,
        "requests_to": form.requests_to.data,
        "children_to": form.children_to.data,
    }
    return _leave(change, tasks.CLOSE, f"撤销{row.name}", row, asked)


def _leave(change: Change, kind: str, title: str, row: Organisation, asked: dict[str, Any]) -> tuple[str, str]:
    job = tasks.leave(change, kind, title, row, **asked)
    return url_for("tasks.show", public_id=job.public_id), "数量较大，已交给后台办理"


def _row(power: Power, public_id: str) -> Organisation:
    return queries.by_public_id(me().scope(power), work().session, public_id)


def _again(public_id: str) -> Organisation:
    session = work().session
    session.expire_all()
    return queries.by_public_id(me().scope(Power.ORGANISATIONS_READ), session, public_id)


def _heir(here: Work, power: Power, public_id: str) -> Organisation | None:
    return queries.by_public_id(me().scope(power), here.session, public_id) if public_id else None


def _choose(
    act: str,
    form: ShapeForm,
    row: Organisation,
    targets: Scope,
    fault: Fault,
    problem: Invalid | Conflict | None = None,
) -> Response:
    """One page in two steps: look for the other organisation; with it chosen, see what will happen."""
    here, words = work(), request.args.get("q", "").strip()[:60]
    chosen = form.to.data or request.args.get("to", "")
    target = _target(here, targets, chosen)
    choices = (
        queries.search(targets, here.session, words, limit=MOST_CHOICES) if words else _near(here, act, row, targets)
    )
    wrong = fault(here, row, target) if target else None
    if isinstance(problem, Invalid):
        wrong = problem.text
    seen = version_of(form.version.data) if problem else row.version
    form.to.data = target.public_id if target else ""
    form.version.data, form.to_version.data = row.version, target.version if target else ""
    for field in (form.to, form.version, form.to_version):
        field.raw_data = None
    stale = problem if isinstance(problem, Conflict) else None
    return page(
        f"tuanwutong/organisations/{act}.html",
        form=form,
        organisation=row,
        target=target,
        choices=[(found, fault(here, row, found)) for found in choices if found.id != row.id],
        q=words,
        wrong=wrong,
        consequences=consequences.of(here, row),
        ending=_ending(here, row, target) if act == "merge" and target else [],
        stale=stale,
        seen=seen,
        last=queries.last_change(here.session, row) if stale else None,
        status=409 if stale else 422 if problem or (form.is_submitted() and form.errors) else 200,
    )


def _target(here: Work, targets: Scope, public_id: str) -> Organisation | None:
    if not public_id:
        return None
    return queries.by_public_id(targets, here.session, public_id)


def _near(here: Work, act: str, row: Organisation, targets: Scope) -> list[Organisation]:
    """Before anything is typed: what stands beside (to merge with), or what could be above."""
    above = queries.above(here.session, row)
    if above is None:
        raise NotFound
    if act == "merge":
        return queries.heirs(targets, here.session, row, [row.kind])[:MOST_CHOICES]
    parents = [kind for kind, below in MAY_STAND_UNDER.items() if row.kind in below]
    return queries.heirs(targets, here.session, above, parents)[:MOST_CHOICES]


def _ending(here: Work, row: Organisation, target: Organisation) -> list[str]:
    """Roles that do not go over, because the viewer could not give them there."""
    posts = transferring.live_appointments(here, row)
    return [lost for post in posts if (lost := reshaping.lost_posts(me(), target, post))]


def _offer_heirs(form: CloseForm, row: Organisation) -> None:
    session = work().session
    for field, power, kinds, otherwise in (
        (form.requests_to, Power.JOINING_DECIDE, PLACES, "退回申请人，请其另选团支部"),
        (form.children_to, Power.ORGANISATIONS_CREATE, tuple(MAY_STAND_UNDER), "一并撤销"),
    ):
        heirs = queries.heirs(me().scope(power), session, row, kinds)
        word = "转到" if field is form.requests_to else "移到"
        field.choices = [("", otherwise), *((heir.public_id, f"{word}{heir.name}") for heir in heirs)]


def _close_page(form: CloseForm, row: Organisation, status: int = 200, stale: str = "") -> Response:
    here = work()
    seen = version_of(form.version.data)
    form.version.data, form.version.raw_data = row.version, None
    return page(
        "tuanwutong/organisations/close.html",
        form=form,
        organisation=row,
        consequences=consequences.of(here, row),
        wrong=closing.files_fault(here, row),
        stale=stale,
        seen=seen,
        last=queries.last_change(here.session, row) if stale else None,
        status=status,
    )
