"""审核: the queue, one application as its card shows it, decisions and what can be done about them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.kernel.work import Work
from app.league.joining import cards, queries
from app.league.joining.akin import akin
from app.league.joining.models import JoinRequest, Lane, RequestState, Verdict
from app.league.joining.states import NAMES
from app.league.organisations.queries import by_public_id
from app.league.people.models import Standing
from app.surfaces.api.operation import Link, Paged, operation
from app.surfaces.web.house import me, work
from app.surfaces.web.paging import one_page

TAG = "审核"
LaneName = Literal["", "clean", "flagged", "duplicate", "off_roster", "passed"]
"""A lane, or all of them."""
FIRST = "$response.body#/items/0/id"
APPROVAL: dict[str, Any] = {"verdict": "approve", "reason": "", "reason_key": "", "fields": []}


class QueuePart(Struct, frozen=True, forbid_unknown_fields=True):
    """队列里的哪一部分：lane 是队列，organisation 只看一个团组织下面。"""

    lane: LaneName = ""
    organisation: Annotated[str, Meta(max_length=40)] = ""
    after: Annotated[str, Meta(max_length=40)] = ""
    size: Annotated[int, Meta(ge=1, le=100)] = 20


class Flag(Struct, frozen=True):
    """系统发现的一处疑点：look 看一看，stop 先弄清楚。"""

    code: str
    level: str
    text: str
    fields: list[str]


class Waiting(Struct, frozen=True):
    """队列里的一份申请；证件号打星号。"""

    id: str
    version: int
    name: str
    standing: Standing
    lane: Lane
    flags: list[Flag]
    on_roster: bool
    id_number: str
    id_checks: bool | None
    submitted_at: datetime
    escalated_at: datetime | None
    organisation: str


class Queue(Struct, frozen=True):
    """等着审核的申请，和每个队列里有多少。"""

    items: list[Waiting]
    counts: dict[Lane, int]
    next_after: str | None


class CardFact(Struct, frozen=True):
    """一项内容；flagged 表示有疑点指着它。"""

    name: str
    label: str
    value: str
    flagged: bool


class Changed(Struct, frozen=True):
    """退回以后改过的一项。"""

    label: str
    old: str
    new: str


class Difference(Struct, frozen=True):
    """和另一份比较的一项。"""

    label: str
    here: str
    there: str
    differs: bool


class Double(Struct, frozen=True):
    """同一证件号的另一份；在管辖范围以外的不显示内容。"""

    title: str
    place: str
    lines: list[Difference]


class Past(Struct, frozen=True):
    """一次审批。"""

    id: str
    verdict: Verdict
    reason: str
    fields: list[str]
    by: str
    decided_at: datetime
    undo_until: datetime
    undone_at: datetime | None
    application: str
    name: str
    organisation: str


class PastList(Struct, frozen=True):
    """我的审批，新的在前。"""

    items: list[Past]
    next_after: str | None


class Branch(Struct, frozen=True):
    """可以安排到的团支部。"""

    id: str
    name: str


class ApplicationCard(Struct, frozen=True):
    """一份申请的全部：事实、疑点、重复、经过。"""

    id: str
    reference: str
    state: RequestState
    state_name: str
    version: int
    organisation: str
    lane: Lane
    facts: list[CardFact]
    id_number: str
    id_checks: bool | None
    on_roster: bool | None
    flags: list[Flag]
    statement: str
    passed_by: str
    passed_note: str
    changes: list[Changed]
    doubles: list[Double]
    history: list[Past]
    waiting_days: int
    overdue: bool
    branches: list[Branch]
    """Where a member without a branch can be placed."""


@operation(
    "GET", "/queue", "审核队列", tag=TAG,
    links=(
        Link("show_application", {"public_id": FIRST}),
        Link("decide", {"public_id": FIRST}, {**APPROVAL, "version": "$response.body#/items/0/version"}),
    ),
)  # fmt: skip
@needs(Power.JOINING_READ)
def list_queue(query: QueuePart) -> Queue:
    """What waits for a decision inside the scope, in the order of the tree."""
    here, scope = work(), me().scope(Power.JOINING_READ)
    branch = by_public_id(scope, here.session, query.organisation).path if query.organisation else None
    found = queries.queue(
        scope,
        here.session,
        lane=Lane(query.lane) if query.lane else None,
        branch=branch,
        after=query.after or None,
        size=query.size + 1,
    )
    rows, more = one_page(found, query.size, lambda last: last.public_id)
    return Queue([_row(here, row) for row in rows], queries.queue_counts(scope, here.session, branch=branch), more)


@operation(
    "GET", "/applications/{public_id}", "一份申请", tag=TAG,
    links=(
        Link("decide", {"public_id": "$response.body#/id"}, {**APPROVAL, "version": "$response.body#/version"}),
    ),
)  # fmt: skip
@needs(Power.JOINING_READ)
def show_application(public_id: str) -> ApplicationCard:
    """Everything a reviewer needs about one application, and nothing from outside the scope."""
    here = work()
    return shown(here, queries.request_by_public_id(me().scope(Power.JOINING_READ), here.session, public_id))


@operation("GET", "/decisions", "我的审批", tag=TAG, also=(404,), links=(Link("undo_decision", {"public_id": FIRST}),))
@needs(Power.JOINING_DECIDE)
def list_decisions(query: Paged) -> PastList:
    """What I decided, the latest first."""
    scope = me().scope(Power.JOINING_DECIDE)
    found = queries.decisions_of(scope, work().session, me().account_id, after=query.after or None, size=query.size + 1)
    rows, more = one_page(found, query.size, lambda last: last.public_id)
    return PastList([_past(row) for row in rows], more)


def shown(here: Work, request: JoinRequest) -> ApplicationCard:
    """The card of ``request`` as the API tells it."""
    card = cards.card(here, me(), request, akin(here, request))
    return ApplicationCard(
        id=request.public_id,
        reference=request.reference,
        state=request.state,
        state_name=NAMES[request.state],
        version=request.version,
        organisation=card.place.full_name,
        lane=request.lane,
        facts=[CardFact(*fact) for fact in card.facts],
        id_number=card.id_number,
        id_checks=card.id_checks,
        on_roster=card.on_roster,
        flags=_flags(request.flags),
        statement=request.statement,
        passed_by=request.passed_by_name,
        passed_note=request.passed_note,
        changes=[Changed(*change) for change in card.changes],
        doubles=[Double(d.title, d.place, [Difference(*line) for line in d.lines]) for d in card.doubles],
        history=[_past(row) for row in card.history],
        waiting_days=card.waiting_days,
        overdue=card.overdue,
        branches=[Branch(*row) for row in card.branches],
    )


def _row(here: Work, row: queries.Row) -> Waiting:
    number, holds = cards.checked_number(here, row)
    return Waiting(
        row.public_id, row.version, row.name, row.standing, row.lane, _flags(row.flags),
        row.roster_entry_id is not None, number, holds, row.submitted_at, row.escalated_at, row.place,
    )  # fmt: skip


def _flags(found: list[dict[str, Any]]) -> list[Flag]:
    return [Flag(flag["code"], flag["level"], flag["text"], list(flag["fields"])) for flag in found]


def _past(row: queries.Past) -> Past:
    return Past(
        row.public_id, row.verdict, row.reason, row.fields or [], row.account_name, row.decided_at, row.undo_until,
        row.undone_at, row.request_public_id, row.name, row.place,
    )  # fmt: skip
