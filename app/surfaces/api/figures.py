"""进度: the figures of a subtree, for whoever may see them."""

from typing import Annotated

from msgspec import Meta, Struct

from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.league.organisations import counters, progress, queries
from app.league.organisations.overview import Child
from app.surfaces.api.operation import Link, operation
from app.surfaces.web.house import me, work

TAG = "进度"


class Whose(Struct, frozen=True, forbid_unknown_fields=True):
    """哪个团组织；不写就是自己任职的地方。"""

    organisation: Annotated[str, Meta(max_length=40)] = ""


class Below(Struct, frozen=True):
    """下一级的一个团组织。"""

    id: str
    name: str
    people: int
    approved: int
    filled: int
    total: int
    pending: int


class Figures(Struct, frozen=True):
    """一个团组织和它下面的数字：青年档案、团员、已审、已填、总数、待审、已启用的团组织。"""

    id: str
    name: str
    people: int
    member: int
    eligible_youth: int
    over_age_youth: int
    approved: int
    filled: int
    total: int
    pending: int
    organisations: int
    below: list[Below]


@operation(
    "GET", "/figures", "人数和进度", tag=TAG, also=(404,),
    links=(Link("show_figures", {"organisation": "$response.body#/below/0/id"}),),
)  # fmt: skip
@needs(Power.FIGURES_READ)
def show_figures(query: Whose) -> Figures:
    """From counters: nothing is counted over files."""
    session, scope = work().session, me().scope(Power.FIGURES_READ)
    asked = query.organisation
    place = queries.by_public_id(scope, session, asked) if asked else queries.tops(scope, session)[0]
    found = progress.of(scope, session, place)
    approved, filled = counters.stages(found.figures)
    number = found.figures.get
    return Figures(
        id=place.public_id,
        name=place.full_name,
        people=number("people", 0),
        member=number("member", 0),
        eligible_youth=number("eligible_youth", 0),
        over_age_youth=number("over_age_youth", 0),
        approved=approved,
        filled=filled,
        total=found.total,
        pending=number("pending", 0),
        organisations=found.in_use,
        below=[_below(child) for child in found.children],
    )


def _below(child: Child) -> Below:
    place = child.organisation
    return Below(
        place.public_id, place.full_name, child.people, child.approved, child.filled, child.total, child.pending
    )
