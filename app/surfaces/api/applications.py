"""One's own application: hand it in, follow it, take it back, correct what was returned, remind."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct

from app.kernel.access.gates import own
from app.kernel.errors import Conflict, Invalid, NotFound
from app.kernel.work import Work
from app.league.joining import drafts, operations, places
from app.league.joining import own as mine
from app.league.joining.intake import STATEMENT_LENGTH
from app.league.joining.models import JoinRequest, RequestState
from app.league.joining.states import NAMES, Event, Who, allowed
from app.league.people.fields import FIELDS, label
from app.league.people.models import Door
from app.surfaces.api import replies
from app.surfaces.api.drafts import TAG, Facts
from app.surfaces.api.operation import Link, Versioned, operation
from app.surfaces.web.house import me, work

ME = "/applications/mine"
NO_FIELDS = {"member": "是否保留团籍", "statement": "补充说明"}
"""What may be corrected and is no field of a file."""
VERSION = "$response.body#/version"


class Submission(Struct, frozen=True, forbid_unknown_fields=True):
    """补充说明，可以不写。"""

    statement: Annotated[str, Meta(max_length=STATEMENT_LENGTH)] = ""


class Correction(Struct, frozen=True, forbid_unknown_fields=True):
    """退回的几项改成什么；别的项不能改。"""

    version: Annotated[int, Meta(ge=1, le=2**31 - 1)]
    facts: Facts


class Moment(Struct, frozen=True):
    """进度的一步：done 办过了、now 正在办、stop 停在这里、空为还没到。"""

    title: str
    at: datetime | None
    state: str
    note: str


class ToCorrect(Struct, frozen=True):
    """要改的一项，和现在的内容（保密的打星号）。"""

    name: str
    label: str
    was: str


class Application(Struct, frozen=True):
    """我的申请。actions 是现在能做的事；corrections 是退回后要改的几项。"""

    id: str
    reference: str
    state: RequestState
    state_name: str
    version: int
    organisation: str
    submitted_at: datetime
    decided_at: datetime | None
    reason: str
    actions: list[str]
    may_remind: bool
    corrections: list[ToCorrect]
    moments: list[Moment]


CHANGES = (
    Link("withdraw_application", body={"version": VERSION}),
    Link("show_my_application"),
)


@operation("POST", "/applications", "提交申请", tag=TAG, status=201, example={"statement": ""}, links=CHANGES)
@own
def submit_application(body: Submission) -> Application:
    """Hand the draft in, once, however often it is sent."""
    with replies.one_effect() as change:
        contents = drafts.load(change, me().account_id)
        if body.statement:
            contents.typed["statement"] = body.statement
        facts, faults = drafts.judged(change, contents)
        if facts is None:
            raise Invalid(faults)
        place = places.find(change.session, contents.typed["organisation"])
        account = operations.account_of(change, me().account_id)
        request = operations.submit(change, account, place, facts, door=Door.APP)
        drafts.forget(change, me().account_id)
        change.answer = _shown(change, request)
    answer: Application = change.answer
    return answer


@operation("GET", ME, "我的申请", tag=TAG, also=(404,), links=CHANGES[:1])
@own
def show_my_application() -> Application:
    """Where it stands: the steps by what happens, never by who does it."""
    here = work()
    return _shown(here, _mine(here))


@operation("POST", ME + "/withdrawal", "撤回申请", tag=TAG, also=(404,), example={"version": 1})
@own
def withdraw_application(body: Versioned) -> Application:
    """Take it back; what was typed stays for another time."""
    with replies.one_effect() as change:
        request = _open(change, Event.WITHDRAW, body.version)
        operations.withdraw(change, request)
        change.answer = _shown(change, request)
    answer: Application = change.answer
    return answer


@operation(
    "POST", ME + "/correction", "补正后重新提交", tag=TAG, also=(404,),
    example={"version": 2, "facts": {"joined_league_on": "2020-05-04"}},
)  # fmt: skip
@own
def correct_application(body: Correction) -> Application:
    """Hand a returned application in again, with the returned fields as they are now."""
    changes = {name: value for name in Facts.__struct_fields__ if (value := getattr(body.facts, name)) is not UNSET}
    with replies.one_effect() as change:
        request = _open(change, Event.RESUBMIT, body.version)
        may = {*operations.correctable(request), "forgotten", "confirmed"}
        if foreign := sorted(set(changes) - may):
            raise Invalid(dict.fromkeys((f"facts.{name}" for name in foreign), "这一项没有退回，不能改"))
        try:
            operations.resubmit(change, request, changes)
        except Invalid as problem:
            raise Invalid({f"facts.{name}": text for name, text in problem.errors.items()}) from None
        change.answer = _shown(change, request)
    answer: Application = change.answer
    return answer


@operation("POST", ME + "/reminder", "提醒审核人", tag=TAG, also=(404,))
@own
def remind_reviewers() -> Application:
    """Remind those who are waited for: after a week, once a day."""
    with replies.one_effect() as change:
        request = _mine(change)
        mine.remind(change, request)
        change.answer = _shown(change, request)
    answer: Application = change.answer
    return answer


def _mine(here: Work) -> JoinRequest:
    request = mine.latest(here, me().account_id)
    if request is None:
        raise NotFound
    return request


def _open(here: Work, event: Event, version: int) -> JoinRequest:
    """One's own application as it was seen, in a state in which ``event`` may happen. Raises NotFound, Conflict."""
    request = _mine(here)
    if event not in allowed(request.state, Who.APPLICANT):
        raise Conflict(f"这份申请现在是“{NAMES[request.state]}”，不能再这样操作")
    if request.version != version:
        raise Conflict("这份申请刚才有变化，请再看一遍")
    return request


def _shown(here: Work, request: JoinRequest) -> Application:
    moments = [Moment(m.title, m.at, m.state, m.note) for m in mine.timeline(here, request)]
    return Application(
        request.public_id, request.reference, request.state, NAMES[request.state], request.version,
        mine.place_of(here, request).full_name, request.submitted_at, request.decided_at, request.reason,
        [event.value for event in allowed(request.state, Who.APPLICANT)], mine.may_remind(here, request),
        _corrections(here, request), moments,
    )  # fmt: skip


def _corrections(here: Work, request: JoinRequest) -> list[ToCorrect]:
    if request.state is not RequestState.RETURNED:
        return []
    typed = operations.typed_again(here, request)
    return [
        ToCorrect(name, NO_FIELDS.get(name) or label(name), _was(name, request, typed))
        for name in operations.correctable(request)
    ]


def _was(name: str, request: JoinRequest, typed: dict[str, Any]) -> str:
    if name in typed["forgotten"]:
        return "不记得"
    if name not in FIELDS:
        return str(typed.get(name, ""))
    return FIELDS[name].show(typed[name] if FIELDS[name].protected else getattr(request, name))
