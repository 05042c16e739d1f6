"""进度总览: where a subtree stands, in pictures with the table behind them; every name leads one level down."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request, url_for

from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.kernel.access.scope import Scope
from app.kernel.work import Work
from app.league.organisations import history, progress, queries
from app.league.organisations.models import Kind, Organisation
from app.league.organisations.overview import Child, acting
from app.surfaces.web import pictures
from app.surfaces.web.addresses import many
from app.surfaces.web.house import me
from app.surfaces.web.pages import page
from app.surfaces.web.pictures import Item
from app.surfaces.web.replica import reading

bp = Blueprint("overview", __name__, url_prefix="/twt/overview")
FIRST_SORT = "share"
PER_PAGE = 60
MOST_NAMED = 150


@bp.get("")
@needs(Power.FIGURES_READ)
def index() -> Response:
    """Where the subtree of the acting post stands."""
    here, scope = reading(), me().scope(Power.FIGURES_READ)
    post = acting(me()).acting
    if post is not None and scope.covers(post.path):
        place = queries.by_public_id(scope, here.session, post.organisation_public_id)
    else:
        place = queries.tops(scope, here.session)[0]
    return _show(here, scope, place)


@bp.get("/<public_id>")
@needs(Power.FIGURES_READ)
def show(public_id: str) -> Response:
    """The same for an organisation below."""
    here, scope = reading(), me().scope(Power.FIGURES_READ)
    return _show(here, scope, queries.by_public_id(scope, here.session, public_id))


def _show(here: Work, scope: Scope, place: Organisation) -> Response:
    session, sort = here.session, request.args.get("sort", FIRST_SORT)
    shown = min(max(request.args.get("shown", PER_PAGE, type=int), PER_PAGE), progress.MOST)
    found = progress.of(scope, session, place)
    trends = history.trends(scope, session, place, found.figures, here.today)
    people = found.figures.get("people", 0)
    rows = [child for child in found.sorted_by(sort) if child.begun]
    return page(
        "tuanwutong/overview/index.html",
        "tuanwutong/overview/_table.html",
        place=place,
        above=[(up, scope.covers(up.path)) for up in queries.ancestors(session, place.path)],
        progress=found,
        trends=trends,
        aims=progress.aims(people, trends.get("people"), here.today) if place.kind is Kind.PROVINCE else [],
        rows=rows[:shown],
        more=_address(place, sort=sort, shown=shown + PER_PAGE) if len(rows) > shown else None,
        begun=len(rows),
        sort=sort,
        sort_url=lambda wanted: _address(place, sort=wanted),
        not_begun=[child.organisation for child in found.children if not child.begun][:MOST_NAMED],
        beside=_beside_the_map(rows),
        **drawn(found),
    )


def drawn(found: progress.Progress) -> dict[str, Any]:
    """The pictures of what stands below an organisation: the map for the province, the treemap for everybody."""
    address = many("overview.show")
    items = [(child, _item(child, found.leaves.get(child.organisation.path, []), address)) for child in found.children]
    sized = [item for _, item in items]
    cities = {child.organisation.code or "": item for child, item in items if child.organisation.kind is Kind.CITY}
    return {
        "map": pictures.city_map({code: _briefly(item) for code, item in cities.items()})
        if found.organisation.kind is Kind.PROVINCE
        else None,
        "wide": pictures.treemap(sized, pictures.WIDE, pictures.MOST_WIDE),
        "narrow": pictures.treemap(sized, pictures.NARROW, pictures.MOST_NARROW),
        "share_words": pictures.SHARE_WORDS,
    }


def _item(child: Child, leaves: list[progress.Leaf], address: Callable[[str], str]) -> Item:
    place = child.organisation
    below = tuple(_told(leaf.name, address(leaf.public_id), leaf.people, leaf.total) for leaf in leaves)
    return _told(place.name, address(place.public_id), child.people, child.total)._replace(below=below)


def _told(name: str, url: str, people: int, total: int) -> Item:
    words = f"{people} 份档案，应有 {total} 人" if total else f"{people} 份档案，总数未定"
    share = min(people / total, 1.0) if total else None
    return Item(pictures.short(name), total or people, share, url, words)


def _briefly(item: Item) -> Item:
    """The same for a small place on the map."""
    blank = "总数未定" if item.size else "未开始"
    return item._replace(words=blank if item.share is None else f"{item.share * 100:.0f}%")


def _beside_the_map(children: list[Child]) -> int:
    """How many files stand outside the cities: universities and what reports to the province."""
    return sum(child.people for child in children if child.organisation.kind is not Kind.CITY)


def _address(place: Organisation, **query: Any) -> str:
    return url_for("overview.show", public_id=place.public_id, **query)
