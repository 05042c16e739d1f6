"""The tree, finding in it, and the page of one organisation. Changes: organisations_making, organisations_shape."""

from typing import Any

from flask import Blueprint, Response, request, url_for
from markupsafe import Markup

from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.kernel.access.viewer import Viewer
from app.kernel.work import Work
from app.league.appointments import queries as appointments
from app.league.appointments import rules as appointment_rules
from app.league.organisations import counters, history, overview, queries
from app.league.organisations.models import Kind, Organisation, OrganisationStatus
from app.league.organisations.rules import KIND_NAMES, MAY_STAND_UNDER, may_stand_under
from app.surfaces.web.house import me, work
from app.surfaces.web.pages import page

bp = Blueprint("organisations", __name__, url_prefix="/twt/organisations")
MOST_FOUND = 40
ACTIONS: tuple[tuple[str, str, Power], ...] = (
    ("改名", "organisations.rename", Power.ORGANISATIONS_RENAME),
    ("换上级", "organisations.move", Power.ORGANISATIONS_MOVE),
    ("合并", "organisations.merge", Power.ORGANISATIONS_MERGE),
    ("撤销", "organisations.close", Power.ORGANISATIONS_CLOSE),
)


@bp.get("")
@needs(Power.ORGANISATIONS_READ)
def index() -> Response:
    """团组织: the tree, opened one level, or what a search found."""
    here, scope = work(), me().scope(Power.ORGANISATIONS_READ)
    words, everything = request.args.get("q", "").strip()[:60], bool(request.args.get("all"))
    found = queries.search(scope, here.session, words, limit=MOST_FOUND) if words else []
    nodes = [] if words else [_top(here, row, everything) for row in queries.tops(scope, here.session)]
    return page(
        "tuanwutong/organisations/index.html",
        "tuanwutong/organisations/_found.html",
        q=words,
        everything=everything,
        found=found,
        most=MOST_FOUND,
        nodes=nodes,
        kind_names=KIND_NAMES,
    )


@bp.get("/<public_id>/children")
@needs(Power.ORGANISATIONS_READ)
def children(public_id: str) -> Response:
    """One opened node of the tree: its children, 60 at a time."""
    here, scope = work(), me().scope(Power.ORGANISATIONS_READ)
    parent = queries.by_public_id(scope, here.session, public_id)
    everything, after = bool(request.args.get("all")), request.args.get("after", "")
    last = queries.by_public_id(scope, here.session, after).id if after else 0
    rows = overview.children(here, scope, parent, in_use=not everything, after=last)
    return page(
        "tuanwutong/organisations/children.html",
        "tuanwutong/organisations/_children.html",
        parent=parent,
        nodes=_nodes(here, rows, everything),
        everything=everything,
        more=_more(parent, rows, everything),
    )


@bp.get("/<public_id>")
@needs(Power.ORGANISATIONS_READ)
def show(public_id: str) -> Response:
    """One organisation: facts, figures, what is above and below, who holds posts, what may be done."""
    here, who = work(), me()
    scope = who.scope(Power.ORGANISATIONS_READ)
    row = queries.by_public_id(scope, here.session, public_id)
    everything = bool(request.args.get("all"))
    below = overview.children(here, scope, row, in_use=not everything)
    figures = counters.figures(scope, here.session, row.path)
    return page(
        "tuanwutong/organisations/show.html",
        organisation=row,
        kind_names=KIND_NAMES,
        above=[(up, scope.covers(up.path)) for up in queries.ancestors(here.session, row.path)],
        figures=figures,
        trends=history.trends(scope, here.session, row, figures, here.today),
        may_see_figures=who.scope(Power.FIGURES_READ).covers(row.path),
        in_use=queries.count_in_use(scope, here.session, row.path),
        children=below,
        everything=everything,
        more=_more(row, below, everything),
        posts=_posts(here, who, row),
        merged_into=queries.merged_into(who.scope(Power.ORGANISATIONS_READ), here.session, row),
        **allowed(who, row),
    )


def allowed(who: Viewer, row: Organisation) -> dict[str, Any]:
    """What ``who`` may do with ``row``: data for its buttons."""
    if row.status != OrganisationStatus.OPEN:
        names = ("may_add", "may_appoint", "may_import", "may_open_code", "may_invite")
        return {"actions": [], **dict.fromkeys(names, False)}
    place = appointment_rules.Place(row.path, row.kind)
    return {
        "actions": [
            (label, url_for(endpoint, public_id=row.public_id))
            for label, endpoint, power in ACTIONS
            if who.scope(power).covers(row.path)
        ],
        "may_add": bool(MAY_STAND_UNDER[row.kind]) and who.scope(Power.ORGANISATIONS_CREATE).covers(row.path),
        "may_import": who.scope(Power.IMPORTS_PEOPLE).covers(row.path),
        "may_open_code": row.kind is Kind.BRANCH and who.scope(Power.CODES_OPEN).covers(row.path),
        "may_invite": _may_invite(who, row),
        "may_appoint": bool(appointment_rules.roles_at(who, place)),
    }


def _may_invite(who: Viewer, row: Organisation) -> bool:
    takes = row.kind is Kind.BRANCH or may_stand_under(Kind.BRANCH, row.kind)
    return takes and who.scope(Power.CODES_INVITE).covers(row.path)


def _posts(here: Work, who: Viewer, row: Organisation) -> list[appointments.Row]:
    if not who.scope(Power.APPOINTMENTS_READ).covers(row.path):
        return []
    return appointments.at(here.session, [row.id], here.today)


def _top(here: Work, row: Organisation, everything: bool) -> dict[str, Any]:
    scope = me().scope(Power.ORGANISATIONS_READ)
    rows = overview.children(here, scope, row, in_use=not everything)
    figures = counters.figures(scope, here.session, row.path)
    nodes: list[dict[str, Any]] = _nodes(here, rows, everything)
    if more := _more(row, rows, everything):
        nodes.append({"name": "更多下级…", "url": more})
    return {
        "name": row.name,
        "url": url_for(".show", public_id=row.public_id),
        "count": _count(row, figures.get("people", 0), figures.get("pending", 0)),
        "children": nodes,
        "open": True,
    }


def _nodes(here: Work, rows: list[overview.Child], everything: bool) -> list[dict[str, Any]]:
    parents = queries.parents_with_children(here.session, [child.organisation.id for child in rows])
    return [
        {
            "name": child.organisation.name,
            "url": url_for(".show", public_id=child.organisation.public_id),
            "count": _count(child.organisation, child.people, child.pending),
            "children": None,
            "children_url": url_for(".children", public_id=child.organisation.public_id, all=1 if everything else None)
            if child.organisation.id in parents
            else None,
            "open": False,
        }
        for child in rows
    ]


def _count(row: Organisation, people: int, pending: int) -> Markup:
    text = Markup('档案 <span data-figure="people" data-organisation="{}">{}</span>').format(row.public_id, people)
    return text + (Markup("，待审 {}").format(pending) if pending else Markup(""))


def _more(parent: Organisation, rows: list[overview.Child], everything: bool) -> str | None:
    """Where the next page of children is, by the last one shown."""
    if len(rows) < overview.MOST_CHILDREN:
        return None
    last = rows[-1].organisation.public_id
    return url_for(".children", public_id=parent.public_id, after=last, all=1 if everything else None)
