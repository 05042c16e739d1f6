"""花名册: paste names, look at the preview, keep them; see who has not filled in a form."""

from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms import TextAreaField

from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.kernel.access.scope import Scope
from app.kernel.errors import Invalid
from app.league.joining import chasing, queries, rosters
from app.league.organisations.models import Organisation
from app.league.organisations.queries import ancestors, by_public_id
from app.surfaces.web.forms import OnceForm, filled
from app.surfaces.web.house import changing, me, work
from app.surfaces.web.pages import page, see

bp = Blueprint("roster", __name__, url_prefix="/twt/roster")


class NamesForm(OnceForm):
    """The pasted names."""

    names = TextAreaField("姓名", validators=[filled("请粘贴姓名，一行一个")])


def _scope() -> Scope:
    return me().scope(Power.JOINING_ROSTER)


def _branch(public_id: str) -> Organisation:
    return by_public_id(_scope(), work().session, public_id)


@bp.get("")
@needs(Power.JOINING_ROSTER)
def index() -> AnyResponse:
    """The roster of where I stand; a branch secretary comes straight to the branch's."""
    where = next((post for post in (me().acting, *me().posts) if post and _scope().covers(post.path)), None)
    assert where is not None
    return redirect(url_for(".show", public_id=where.organisation_public_id), 303)


@bp.get("/<public_id>")
@needs(Power.JOINING_ROSTER)
def show(public_id: str) -> Response:
    """A branch's roster, or how far each organisation below has come."""
    return _page(_branch(public_id), NamesForm(formdata=None))


def _page(organisation: Organisation, form: NamesForm, *, status: int = 200, **values: Any) -> Response:
    scope, session = _scope(), work().session
    absent = rosters.missing(scope, session, organisation)
    keeps = organisation.kind in rosters.LISTS
    crumbs = [
        (above.name, url_for(".show", public_id=above.public_id))
        for above in ancestors(session, organisation.path)
        if scope.covers(above.path)
    ]
    progress, below = queries.progress_and_below(scope, session, organisation)
    return page(
        "tuanwutong/roster/show.html",
        status=status,
        organisation=organisation,
        crumbs=crumbs,
        form=form,
        keeps=keeps,
        unfinished=chasing.unfinished(work(), organisation) if keeps else None,
        progress=progress,
        below=below,
        entries=rosters.entries(session, organisation),
        absent=absent,
        absent_ids={person.public_id for person in absent},
        invitation=rosters.invitation(organisation, absent),
        **values,
    )


@bp.post("/<public_id>/preview")
@needs(Power.JOINING_ROSTER)
def preview(public_id: str) -> Response:
    """What the pasted lines would become."""
    organisation = _branch(public_id)
    form = NamesForm()
    try:
        if not form.validate_on_submit():
            raise Invalid({})
        lines = rosters.read(work().session, organisation, form.names.data)
    except Invalid as problem:
        form.blame(problem)
        return _page(organisation, form, status=422)
    odd = [line for line in lines if line.problem]
    if odd:
        form.blame(Invalid({"names": f"有 {len(odd)} 行要改，见下面的标记"}))
    return _page(organisation, form, status=422 if odd else 200, lines=lines, ready=not odd)


@bp.post("/<public_id>/names")
@needs(Power.JOINING_ROSTER)
def add(public_id: str) -> AnyResponse:
    """Keep the names of the preview."""
    organisation = _branch(public_id)
    form = NamesForm()
    try:
        if not form.validate_on_submit():
            raise Invalid({})
        with changing(form.once.data) as change:
            change.outcome = url_for(".show", public_id=public_id)
            fresh = by_public_id(_scope(), change.session, public_id)
            number = rosters.add(change, fresh, form.names.data)
    except Invalid as problem:
        form.blame(problem)
        return _page(organisation, form, status=422)
    return see(change.outcome, f"花名册添加了 {number} 人")


@bp.post("/<public_id>/remind")
@needs(Power.JOINING_ROSTER)
def remind(public_id: str) -> AnyResponse:
    """催一次."""
    with changing(request.form.get("once")) as change:
        change.outcome = url_for(".show", public_id=public_id)
        number = chasing.remind(change, by_public_id(_scope(), change.session, public_id))
    return see(change.outcome, f"已提醒 {number} 人，消息在他们的青春家园里")


@bp.post("/<public_id>/names/<entry_id>/remove")
@needs(Power.JOINING_ROSTER)
def remove(public_id: str, entry_id: str) -> AnyResponse:
    """Take one name off."""
    with changing(request.form.get("once")) as change:
        change.outcome = url_for(".show", public_id=public_id)
        organisation = by_public_id(_scope(), change.session, public_id)
        name = rosters.remove(change, organisation, entry_id)
    return see(change.outcome, f"已从花名册移除 {name}")
