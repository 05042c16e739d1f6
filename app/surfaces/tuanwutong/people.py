"""青年档案: the list and the search. What somebody types to find a person never stands in a URL."""

from typing import Any

from flask import Blueprint, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse
from wtforms import SelectField, StringField

from app.kernel import limits
from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.kernel.access.scope import Scope
from app.kernel.errors import Invalid
from app.league.organisations import queries as organisations
from app.league.organisations.models import Organisation
from app.league.organisations.queries import Named
from app.league.people import queries
from app.league.people.codes import FILE_STATES, STANDINGS
from app.league.people.models import FileState, Standing
from app.league.people.queries import Filter
from app.league.people.search import recognise
from app.surfaces.web.columns import columns
from app.surfaces.web.forms import Form, choices
from app.surfaces.web.house import changing, me, work
from app.surfaces.web.pages import is_htmx, page
from app.surfaces.web.paging import asked_after, one_page

bp = Blueprint("people", __name__, url_prefix="/twt/people")
SIZE = 50
COLUMNS = {"standing": "身份", "place": "团组织", "id_number": "证件号码", "phone": "手机号", "state": "状态"}
"""What may be hidden of the list; the name is always there."""


class FilterForm(Form):
    """Nothing personal: these stand in the URL."""

    class Meta:
        """Read from the address."""

        csrf = False

    org = SelectField("团组织", validate_choice=False)
    standing = SelectField("身份", choices=choices([("", "全部"), *STANDINGS.items()]), validate_choice=False)
    state = SelectField("状态", choices=choices([("", "在用和待认领"), *FILE_STATES.items()]), validate_choice=False)


class SearchForm(Form):
    """A name, or a number in full."""

    q = StringField("找人")


@bp.get("")
@needs(Power.PEOPLE_READ)
def index() -> AnyResponse:
    """Files in the order of the tree."""
    unit, scope = work(), _scope()
    place, chosen = _chosen(scope, unit.session)
    found = queries.listed(scope, unit.session, unit.vault, chosen, after=asked_after(), size=SIZE + 1)
    rows, more = one_page(found, SIZE, lambda last: _url(after=last.public_id))
    return page(
        "tuanwutong/people/index.html",
        "tuanwutong/people/_list.html",
        rows=rows,
        next_url=more,
        searched=False,
        filters=None if is_htmx() else _filters(scope, unit.session, place),
        **_frame(scope, unit.session, place, chosen, SearchForm(formdata=None)),
    )


@bp.post("/search")
@needs(Power.PEOPLE_READ)
def search() -> AnyResponse:
    """Files that match, from inside the scope alone; how many there are elsewhere is never said."""
    form, scope = SearchForm(), _scope()
    unit = work()
    place, chosen = _chosen(scope, unit.session)
    rows, status = [], 200
    try:
        wanted = recognise(form.q.data or "")
        with changing() as change:
            limits.hit(change.session, change.vault, "search", str(me().account_id), now=change.now.timestamp())
        chosen = Filter(chosen.path, chosen.standing, chosen.state, wanted)
        rows = queries.listed(scope, work().session, unit.vault, chosen, size=SIZE + 1)
    except Invalid as problem:
        form.blame(problem)
        status = 422
    return page(
        "tuanwutong/people/index.html",
        rows=rows[:SIZE],
        next_url=None,
        searched=True,
        too_many=len(rows) > SIZE,
        status=status,
        filters=_filters(scope, work().session, place),
        **_frame(scope, work().session, place, chosen, form),
    )


def _scope() -> Scope:
    return me().scope(Power.PEOPLE_READ)


def _chosen(scope: Scope, session: Session) -> tuple[Organisation | None, Filter]:
    """What the address narrows the list to. Raises NotFound for an organisation outside the scope."""
    wanted = request.args.get("org")
    place = organisations.by_public_id(scope, session, wanted) if wanted else None
    standing = next((s for s in Standing if s.value == request.args.get("standing")), None)
    state = next((s for s in FileState if s.value == request.args.get("state")), None)
    return place, Filter(place.path if place else None, standing, state)


def _frame(
    scope: Scope, session: Session, place: Organisation | None, chosen: Filter, form: SearchForm
) -> dict[str, Any]:
    """What stands around the list: where one is, what can be chosen, the figure of the whole."""
    total = queries.figure(scope, session, chosen.path)
    narrowed = bool(chosen.standing or chosen.state)
    return {
        "form": form,
        "place": place,
        "total": total,
        "narrowed": narrowed,
        "here": _url(),
        "kept": _kept(),
        "columns": columns("people", COLUMNS),
    }


def _filters(scope: Scope, session: Session, place: Organisation | None) -> FilterForm:
    """The form above the list, which the next page alone does without."""
    above = [row for row in organisations.ancestors(session, place.path) if scope.covers(row.path)] if place else []
    filters = FilterForm(request.args)
    offered = [("", "全部管辖范围"), *((row.public_id, row.full_name) for row in [*above, *([place] if place else [])])]
    below = ((row.public_id, "　" + row.name) for row in _below(scope, session, place))
    filters.org.choices = choices([*offered, *below])
    return filters


def _below(scope: Scope, session: Session, place: Organisation | None) -> list[Named]:
    if place is not None:
        return organisations.named_below(scope, session, [place.id])
    posts = {post.organisation_id: post for post in me().posts_with(Power.PEOPLE_READ)}
    found = organisations.named_below(scope, session, sorted(posts))
    tops = [Named(post.organisation_public_id, post.organisation_name) for post in posts.values()]
    return [*tops, *found] if len(tops) > 1 else found


def _url(**more: str) -> str:
    return url_for(".index", **_kept() | more)


def _kept() -> dict[str, Any]:
    """What the address narrows the list to, and nothing else of it."""
    return {name: value for name in ("org", "standing", "state") if (value := request.args.get(name))}
