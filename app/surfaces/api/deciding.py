"""Deciding from an app: the same acts as at the desk, each once, each with the version that was looked at."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.kernel.errors import Conflict, Invalid
from app.kernel.work import Work
from app.league.joining import cards, decisions, operations, passing, queries, reasons, reopening
from app.league.joining.decisions import Outcome
from app.league.joining.models import JoinRequest, RequestState, Verdict
from app.league.organisations.queries import by_public_id
from app.league.people.fields import FIELDS
from app.surfaces.api import replies
from app.surfaces.api.operation import Link, operation
from app.surfaces.api.review import TAG, ApplicationCard, shown
from app.surfaces.web.house import changing, me, work

Version = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Sentence = Annotated[str, Meta(max_length=300)]


class Ruling(Struct, frozen=True, forbid_unknown_fields=True):
    """怎么定：通过、退回（写明要改的几项和理由）、拒绝（写明理由）；reason_key 用一条常用理由。"""

    verdict: Verdict
    version: Version
    reason: Sentence = ""
    reason_key: Annotated[str, Meta(max_length=1)] = ""
    fields: Annotated[list[Annotated[str, Meta(max_length=40)]], Meta(max_length=30)] = []


class Decided(Struct, frozen=True):
    """定好了；undo_until 以前可以撤销，id 用来撤销。"""

    id: str
    application: str
    state: RequestState
    version: int
    text: str
    undo_until: datetime


class Undone(Struct, frozen=True):
    """撤销了，申请回到待审。"""

    application: str
    version: int
    text: str


class Note(Struct, frozen=True, forbid_unknown_fields=True):
    """写给上级的一句说明。"""

    version: Version
    note: Sentence


class PassedOn(Struct, frozen=True):
    """转给了谁。"""

    to: str
    version: int


class Placement(Struct, frozen=True, forbid_unknown_fields=True):
    """安排到哪个团支部。"""

    branch: Annotated[str, Meta(max_length=40)]


class Reasoned(Struct, frozen=True, forbid_unknown_fields=True):
    """写明理由。"""

    version: Version
    reason: Sentence


class Why(Struct, frozen=True, forbid_unknown_fields=True):
    """为什么要看完整号码。"""

    reason: Annotated[str, Meta(max_length=100)]


class DocumentNumber(Struct, frozen=True):
    """完整证件号；查看已经记录，本人也看得到。"""

    id_number: str


@operation(
    "POST", "/applications/{public_id}/decisions", "通过、退回、拒绝", tag=TAG, status=201,
    example={"verdict": "return", "version": 1, "reason_key": "3"},
    links=(Link("undo_decision", {"public_id": "$response.body#/id"}),),
)  # fmt: skip
@needs(Power.JOINING_DECIDE)
def decide(public_id: str, body: Ruling) -> Decided:
    """One application. Of two reviewers who decide at once one wins, and the other is told who (409)."""
    _application(work(), public_id)
    reason, fields = reasons.settle(body.verdict, body.reason, body.reason_key, _known(body.fields))
    with replies.one_effect() as change:
        [outcome] = decisions.decide_many(
            change, me(), [(public_id, body.version)], body.verdict, reason=reason, fields=fields
        )
        if not outcome.ok:
            raise _lost(outcome)
        row = _application(change, public_id)
        past = queries.decisions_about(change.session, row)[-1]
        change.answer = Decided(past.public_id, public_id, row.state, row.version, outcome.text, past.undo_until)
    answer: Decided = change.answer
    return answer


@operation("POST", "/decisions/{public_id}/undo", "撤销刚才的审批", tag=TAG)
@needs(Power.JOINING_DECIDE)
def undo_decision(public_id: str) -> Undone:
    """One's own decision, while its message has not left."""
    with replies.one_effect() as change:
        outcome = decisions.undo(change, me(), public_id)
        row = _application(change, outcome.public_id)
        change.answer = Undone(row.public_id, row.version, outcome.text)
    answer: Undone = change.answer
    return answer


@operation(
    "POST", "/applications/{public_id}/pass", "转交上级", tag=TAG, example={"version": 1, "note": "名字和花名册对不上"}
)
@needs(Power.JOINING_DECIDE)
def pass_on(public_id: str, body: Note) -> PassedOn:
    """With a note for those who decide there."""
    with replies.one_effect() as change:
        place = passing.pass_on(change, me(), public_id, body.version, note=body.note)
        change.answer = PassedOn(place, _application(change, public_id).version)
    answer: PassedOn = change.answer
    return answer


@operation(
    "POST", "/applications/{public_id}/placement", "安排团支部", tag=TAG, example={"branch": "4tq9Yb2vQm7nXk3wRz8aLg"}
)
@needs(Power.JOINING_DECIDE)
def place_application(public_id: str, body: Placement) -> ApplicationCard:
    """A branch for a member who found none."""
    with replies.one_effect() as change:
        row = _application(change, public_id)
        branch = by_public_id(me().scope(Power.JOINING_DECIDE), change.session, body.branch)
        operations.place(change, row, branch)
        change.answer = shown(change, row)
    answer: ApplicationCard = change.answer
    return answer


@operation(
    "POST", "/applications/{public_id}/reopening", "重新审核", tag=TAG, example={"version": 2, "reason": "补来了证明"}
)
@needs(Power.JOINING_DECIDE)
def reopen_application(public_id: str, body: Reasoned) -> ApplicationCard:
    """A rejected application waits again, with a reason."""
    with replies.one_effect() as change:
        reopening.reopen(change, me(), public_id, body.version, reason=body.reason)
        change.answer = shown(change, _application(change, public_id))
    answer: ApplicationCard = change.answer
    return answer


@operation("POST", "/applications/{public_id}/number", "看完整证件号", tag=TAG, example={"reason": "电话核对身份"})
@needs(Power.PEOPLE_REVEAL)
def reveal_number(public_id: str, body: Why) -> DocumentNumber:
    """The reason first, then the number. Each look is on record, a second sending too: no answer with it is kept."""
    with changing() as change:
        row = _application(change, public_id, Power.PEOPLE_REVEAL)
        number = cards.reveal(change, me(), row, body.reason)
    return DocumentNumber(number)


def _application(here: Work, public_id: str, power: Power = Power.JOINING_DECIDE) -> JoinRequest:
    return queries.request_by_public_id(me().scope(power), here.session, public_id)


def _known(fields: list[str]) -> list[str]:
    if unknown := [name for name in fields if name not in FIELDS]:
        raise Invalid({"fields": f"没有这一项：{unknown[0]}"})
    return fields


def _lost(outcome: Outcome) -> Conflict:
    return Conflict(outcome.text, by=outcome.by, at=outcome.at)
