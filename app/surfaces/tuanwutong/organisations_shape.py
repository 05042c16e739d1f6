"""Moving and merging: choose the other organisation, look at the consequences with their counts, then confirm."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, request, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms import HiddenField
from wtforms.validators import InputRequired

from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.kernel.access.scope import Scope
from app.kernel.errors import Conflict, Invalid, NotFound
from app.kernel.work import Work
from app.league.organisations import consequences, queries, reshaping, tasks, transferring
from app.league.organisations.models import Organisation
from app.league.organisations.rules import MAY_STAND_UNDER
from app.surfaces.tuanwutong.organisations import bp
from app.surfaces.tuanwutong.organisations_making import version_of
from app.surfaces.web.forms import OnceForm
from app.surfaces.web.house import Change, changing, me, work
from app.surfaces.web.pages import page, see

MOST_CHOICES = 20


class ShapeForm(OnceForm):
    """Where to, and which versions were shown."""

    to = HiddenField(validators=[InputRequired("请先选择一个团组织")])
    version = HiddenField(validators=[InputRequired("请重新打开这个页面")])
    to_version = HiddenField()


@dataclass(frozen=True)
class Act:
    """What moving and merging differ in."""

    name: str
    """The endpoint and the template."""
    power: Power
    """Held over the organisation itself."""
    targets: Power
    """Held over the other one."""
    fault: Callable[[Work, Organisation, Organisation], str | None]
    """Why the second cannot be chosen for the first."""
    carry_out: Callable[[Change, ShapeForm, Organisation, Organisation], tuple[str, str]]
    """Does it, or leaves it to the worker; returns where to go and what to say."""


@bp.route("/<public_id>/move", methods=["GET", "POST"])
@needs(Power.ORGANISATIONS_MOVE)
def move(public_id: str) -> AnyResponse:
    """换上级."""
    return _reshape(MOVE, public_id)


@bp.route("/<public_id>/merge", methods=["GET", "POST"])
@needs(Power.ORGANISATIONS_MERGE)
def merge(public_id: str) -> AnyResponse:
    """合并."""
    return _reshape(MERGE, public_id)


def _move(change: Change, form: ShapeForm, row: Organisation, parent: Organisation) -> tuple[str, str]:
    seen = version_of(form.version.data)
    if tasks.is_long(change, row):
        reshaping.check_move(change, me(), row, parent, version=seen)
        asked = {"to": parent.public_id, "version": seen}
        return leave(change, tasks.MOVE, f"把{row.name}移到{parent.name}下面", row, asked)
    reshaping.move(change, me(), row, parent, version=seen)
    return url_for(".show", public_id=row.public_id), f"已移到{parent.name}下面"


def _merge(change: Change, form: ShapeForm, row: Organisation, target: Organisation) -> tuple[str, str]:
    seen, target_seen = version_of(form.version.data), version_of(form.to_version.data)
    if tasks.is_long(change, row):
        reshaping.check_merge(change, me(), row, target, version=seen, target_version=target_seen)
        asked = {"to": target.public_id, "version": seen, "to_version": target_seen}
        return leave(change, tasks.MERGE, f"把{row.name}并入{target.name}", row, asked)
    reshaping.merge(change, me(), row, target, version=seen, target_version=target_seen)
    return url_for(".show", public_id=target.public_id), f"{row.name}已并入{target.name}"


MOVE = Act("move", Power.ORGANISATIONS_MOVE, Power.ORGANISATIONS_CREATE, reshaping.move_fault, _move)
MERGE = Act("merge", Power.ORGANISATIONS_MERGE, Power.ORGANISATIONS_MERGE, reshaping.merge_fault, _merge)


def leave(change: Change, kind: str, title: str, row: Organisation, asked: dict[str, Any]) -> tuple[str, str]:
    """Leave a large change to the worker. Returns where to go and what to say."""
    job = tasks.leave(change, kind, title, row, **asked)
    return url_for("tasks.show", public_id=job.public_id), "数量较大，已交给后台办理"


def again(public_id: str) -> Organisation:
    """The organisation as it is after a change that failed."""
    session = work().session
    session.expire_all()
    return queries.by_public_id(me().scope(Power.ORGANISATIONS_READ), session, public_id)


def _reshape(act: Act, public_id: str) -> AnyResponse:
    """One page in two steps: look for the other organisation; with it chosen, see what will happen and confirm."""
    scope, targets = me().scope(act.power), me().scope(act.targets)
    row = queries.by_public_id(scope, work().session, public_id)
    form = ShapeForm()
    if not form.is_submitted() or not form.validate():
        return _choose(act, form, row, targets)
    try:
        with changing(form.once.data) as change:
            row = queries.by_public_id(scope, change.session, public_id)
            target = queries.by_public_id(targets, change.session, form.to.data)
            change.outcome, said = act.carry_out(change, form, row, target)
    except (Invalid, Conflict) as problem:
        return _choose(act, form, again(public_id), targets, problem)
    return see(change.outcome, said)


def _choose(
    act: Act, form: ShapeForm, row: Organisation, targets: Scope, problem: Invalid | Conflict | None = None
) -> Response:
    here, words = work(), request.args.get("q", "").strip()[:60]
    chosen = form.to.data or request.args.get("to", "")
    target = queries.by_public_id(targets, here.session, chosen) if chosen else None
    choices = (
        queries.search(targets, here.session, words, limit=MOST_CHOICES) if words else _near(here, act, row, targets)
    )
    wrong = act.fault(here, row, target) if target else None
    if isinstance(problem, Invalid):
        wrong = problem.text
    seen = version_of(form.version.data) if problem else row.version
    form.to.data = target.public_id if target else ""
    form.version.data, form.to_version.data = row.version, target.version if target else ""
    for field in (form.to, form.version, form.to_version):
        field.raw_data = None
    stale = problem if isinstance(problem, Conflict) else None
    return page(
        f"tuanwutong/organisations/{act.name}.html",
        form=form,
        organisation=row,
        endpoint=f"organisations.{act.name}",
        target=target,
        choices=[(found, act.fault(here, row, found)) for found in choices if found.id != row.id],
        q=words,
        wrong=wrong,
        consequences=consequences.of(here, row),
        ending=_ending(here, row, target) if act is MERGE and target else [],
        stale=stale,
        seen=seen,
        last=queries.last_change(here.session, row) if stale else None,
        status=409 if stale else 422 if problem or (form.is_submitted() and form.errors) else 200,
    )


def _near(here: Work, act: Act, row: Organisation, targets: Scope) -> list[Organisation]:
    """Before anything is typed: what stands beside (to merge with), or what could be above."""
    above = queries.above(here.session, row)
    if above is None:
        raise NotFound
    if act is MERGE:
        return queries.heirs(targets, here.session, row, [row.kind])[:MOST_CHOICES]
    parents = [kind for kind, below in MAY_STAND_UNDER.items() if row.kind in below]
    return queries.heirs(targets, here.session, above, parents)[:MOST_CHOICES]


def _ending(here: Work, row: Organisation, target: Organisation) -> list[str]:
    """Roles that do not go over, because the viewer could not give them there."""
    posts = transferring.live_appointments(here, row)
    return [lost for post in posts if (lost := reshaping.lost_posts(me(), target, post))]
