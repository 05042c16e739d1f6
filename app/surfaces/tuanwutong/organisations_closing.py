"""Closing: say why and where things go on, look at the consequences with their counts, then confirm."""

from collections.abc import Collection
from typing import NamedTuple

from flask import Response, request, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.kernel.access.scope import Scope
from app.kernel.errors import Conflict, Invalid
from app.kernel.work import Work
from app.league.joining.operations import PLACES
from app.league.organisations import closing, consequences, queries, tasks
from app.league.organisations.models import Kind, Organisation
from app.league.organisations.rules import MAY_STAND_UNDER
from app.surfaces.tuanwutong.organisations import bp
from app.surfaces.tuanwutong.organisations_making import version_of
from app.surfaces.tuanwutong.organisations_shape import MOST_CHOICES, again, leave
from app.surfaces.web.forms import OnceForm, choices, filled
from app.surfaces.web.house import Change, changing, me, work
from app.surfaces.web.pages import page, see

PARENTS = tuple(kind for kind, below in MAY_STAND_UNDER.items() if below)
FIND = "find"
"""The button that only looks for further places to offer."""


class CloseForm(OnceForm):
    """Why, and where things go on."""

    reason = TextAreaField("撤销的原因", validators=[filled("请填写撤销的原因")])
    q = StringField("上面没有？按名称查找", validators=[Length(max=60)])
    requests_to = SelectField("未办完的入档申请")
    children_to = SelectField("下级团组织")
    version = HiddenField(validators=[InputRequired("请重新打开这个页面")])


class Heirs(NamedTuple):
    """Who may take over one part of what hangs there."""

    power: Power
    kinds: Collection[Kind]
    otherwise: str
    """What happens when nobody does."""
    goes: str


HEIRS = {
    "requests_to": Heirs(Power.JOINING_DECIDE, PLACES, "退回申请人，请其另选团支部", "转到"),
    "children_to": Heirs(Power.ORGANISATIONS_CREATE, PARENTS, "一并撤销", "移到"),
}


@bp.route("/<public_id>/close", methods=["GET", "POST"])
@needs(Power.ORGANISATIONS_CLOSE)
def close(public_id: str) -> AnyResponse:
    """撤销."""
    row = queries.by_public_id(me().scope(Power.ORGANISATIONS_CLOSE), work().session, public_id)
    form = CloseForm()
    found = _offer(form, row)
    if not form.is_submitted():
        return _close_page(form, row)
    if request.form.get(FIND):
        return _close_page(form, row, found=found)
    if not form.validate():
        return _close_page(form, row, 422)
    try:
        with changing(form.once.data) as change:
            row = queries.by_public_id(me().scope(Power.ORGANISATIONS_CLOSE), change.session, public_id)
            change.outcome, said = _close(change, form, row)
    except Invalid as problem:
        form.blame(problem)
        return _close_page(form, again(public_id), 422)
    except Conflict as problem:
        return _close_page(form, again(public_id), 409, problem)
    return see(change.outcome, said)


def _close(change: Change, form: CloseForm, row: Organisation) -> tuple[str, str]:
    """Close ``row`` here, or leave it to the worker. Returns where to go and what to say."""
    seen, reason = version_of(form.version.data), form.reason.data
    heirs = {name: _heir(change, me().scope(kind.power), form[name].data) for name, kind in HEIRS.items()}
    if not tasks.is_long(change, row):
        closing.close(change, me(), row, version=seen, reason=reason, **heirs)
        return url_for(".show", public_id=row.public_id), f"已撤销{row.name}"
    closing.check_close(change, me(), row, version=seen, reason=reason)
    if heirs["children_to"] is None and (fault := closing.files_fault(change, row)):
        raise Invalid({"": fault})
    asked = {"version": seen, "reason": reason, **{name: form[name].data for name in HEIRS}}
    return leave(change, tasks.CLOSE, f"撤销{row.name}", row, asked)


def _heir(here: Work, scope: Scope, public_id: str) -> Organisation | None:
    return queries.by_public_id(scope, here.session, public_id) if public_id else None


def _offer(form: CloseForm, row: Organisation) -> int:
    """What stands near, what was searched for by name, and what is chosen already, all from inside the scope.

    Returns how many the search found.
    """
    all_found = set()
    here, words = work(), (form.q.data or "").strip()[:60]
    for name, kind in HEIRS.items():
        field, scope = form[name], me().scope(kind.power)
        near = queries.heirs(scope, here.session, row, kind.kinds)
        found = queries.search(scope, here.session, words, kinds=kind.kinds, outside=row, limit=MOST_CHOICES)
        chosen = _heir(here, scope, field.data or "")
        offered = {heir.public_id: f"{kind.goes}{heir.name}" for heir in near}
        all_found |= {heir.id for heir in found}
        offered |= {heir.public_id: f"{kind.goes}{heir.full_name}" for heir in found}
        if chosen is not None:
            offered.setdefault(chosen.public_id, f"{kind.goes}{chosen.full_name}")
        field.choices = choices([("", kind.otherwise), *offered.items()])
    return len(all_found)


def _close_page(
    form: CloseForm, row: Organisation, status: int = 200, problem: Conflict | None = None, *, found: int | None = None
) -> Response:
    here = work()
    seen = version_of(form.version.data)
    form.version.data, form.version.raw_data = row.version, None
    return page(
        "tuanwutong/organisations/close.html",
        form=form,
        organisation=row,
        find=FIND,
        found=found,
        consequences=consequences.of(here, row),
        wrong=closing.files_fault(here, row),
        stale=problem,
        seen=seen,
        last=queries.last_change(here.session, row) if problem else None,
        status=status,
    )
