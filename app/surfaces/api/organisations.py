"""Organisations as anybody may find them: by a search, or level by level."""

from typing import Annotated

from msgspec import Meta, Struct

from app.kernel.access.gates import public
from app.kernel.errors import NotFound
from app.league.joining import places
from app.league.organisations import queries
from app.league.organisations.models import Kind
from app.league.organisations.rules import KIND_NAMES
from app.surfaces.api.operation import Link, operation
from app.surfaces.web.house import work

TAG = "团组织"
FIRST = "$response.body#/items/0/id"


class Sought(Struct, frozen=True, forbid_unknown_fields=True):
    """名称、拼音或首字母；under 只在某个团组织下面找。"""

    q: Annotated[str, Meta(min_length=1, max_length=60, examples=["朔州师范"])]
    under: Annotated[str, Meta(max_length=40)] = ""


class Organisation(Struct, frozen=True):
    """一个团组织。above 是它上面各级的名称；takes 表示可以向它申请。"""

    id: str
    name: str
    kind: Kind
    kind_name: str
    above: list[str]
    takes: bool
    opens: bool


class OrganisationList(Struct, frozen=True):
    """团组织。next_after 有值时还有下一页。"""

    items: list[Organisation]
    next_after: str | None = None


@operation(
    "GET", "/organisations/search", "找团组织", tag=TAG,
    also=(404,), links=(Link("show_organisation", {"public_id": FIRST}), Link("list_organisations", {"under": FIRST})),
)  # fmt: skip
@public("公开的团组织名录")
def search_organisations(query: Sought) -> OrganisationList:
    """Open organisations, the best match first."""
    return OrganisationList([shown(row) for row in places.search(work().session, query.q, query.under or None)])


class Branches(Struct, frozen=True, forbid_unknown_fields=True):
    """不写 under 就从省委下面开始。"""

    under: Annotated[str, Meta(max_length=40)] = ""
    after: Annotated[str, Meta(max_length=40)] = ""
    size: Annotated[int, Meta(ge=1, le=100)] = 50


@operation(
    "GET", "/organisations", "下一级团组织", tag=TAG, also=(404,),
    links=(Link("show_organisation", {"public_id": FIRST}), Link("list_organisations", {"under": FIRST})),
)  # fmt: skip
@public("公开的团组织名录")
def list_organisations(query: Branches) -> OrganisationList:
    """What stands directly under one organisation."""
    session = work().session
    rows = queries.children_public(session, query.under or None)
    if query.after:
        at = next((i for i, row in enumerate(rows) if row.public_id == query.after), None)
        if at is None:
            raise NotFound
        rows = rows[at + 1 :]
    page, more = rows[: query.size], len(rows) > query.size
    return OrganisationList([shown(row) for row in places.places(session, page)], page[-1].public_id if more else None)


@operation("GET", "/organisations/{public_id}", "一个团组织", tag=TAG)
@public("公开的团组织名录")
def show_organisation(public_id: str) -> Organisation:
    """One open organisation with the names above it."""
    session = work().session
    return shown(places.places(session, [queries.find_open(session, public_id)])[0])


def shown(row: places.Place) -> Organisation:
    """A place as the API tells it."""
    return Organisation(row.public_id, row.name, row.kind, KIND_NAMES[row.kind], list(row.above), row.takes, row.opens)
