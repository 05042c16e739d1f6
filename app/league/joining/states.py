"""The life of an application as a table: it draws the buttons and checks the POST."""

import enum
from dataclasses import dataclass

from app.kernel.errors import Conflict
from app.league.joining.models import RequestState


class Event(enum.StrEnum):
    """What can happen to an application."""

    APPROVE = "approve"
    REJECT = "reject"
    RETURN = "return"
    WITHDRAW = "withdraw"
    RESUBMIT = "resubmit"
    LAPSE = "lapse"
    UNDO = "undo"  # one's own decision, while its message has not left
    REOPEN = "reopen"  # later, with a reason


class Who(enum.StrEnum):
    """Who may bring an event about."""

    APPLICANT = "applicant"  # the youth whose application it is
    REVIEWER = "reviewer"  # whoever holds joining:request:decide where it stands
    SYSTEM = "system"  # time


@dataclass(frozen=True)
class Step:
    """One line of the table. ``button``: what the button says."""

    to: RequestState
    who: Who
    button: str


S = RequestState
TABLE: dict[tuple[RequestState, Event], Step] = {
    (S.SUBMITTED, Event.APPROVE): Step(S.APPROVED, Who.REVIEWER, "审核通过"),
    (S.SUBMITTED, Event.REJECT): Step(S.REJECTED, Who.REVIEWER, "拒绝"),
    (S.SUBMITTED, Event.RETURN): Step(S.RETURNED, Who.REVIEWER, "退回补正"),
    (S.SUBMITTED, Event.WITHDRAW): Step(S.WITHDRAWN, Who.APPLICANT, "撤回申请"),
    (S.RETURNED, Event.RESUBMIT): Step(S.SUBMITTED, Who.APPLICANT, "改好了，重新提交"),
    (S.RETURNED, Event.WITHDRAW): Step(S.WITHDRAWN, Who.APPLICANT, "撤回申请"),
    (S.RETURNED, Event.LAPSE): Step(S.LAPSED, Who.SYSTEM, "到期作废"),
    (S.APPROVED, Event.UNDO): Step(S.SUBMITTED, Who.REVIEWER, "撤销"),
    (S.REJECTED, Event.UNDO): Step(S.SUBMITTED, Who.REVIEWER, "撤销"),
    (S.RETURNED, Event.UNDO): Step(S.SUBMITTED, Who.REVIEWER, "撤销"),
    (S.REJECTED, Event.REOPEN): Step(S.SUBMITTED, Who.REVIEWER, "重新审核"),
}
NAMES: dict[RequestState, str] = {
    S.SUBMITTED: "待审核",
    S.RETURNED: "退回补正",
    S.APPROVED: "已通过",
    S.REJECTED: "未通过",
    S.WITHDRAWN: "已撤回",
    S.LAPSED: "逾期未补正",
}
COUNT_AS_FILLED = (S.SUBMITTED, S.RETURNED, S.APPROVED)
"""States that stand in 已填: what was withdrawn, rejected or lapsed does not."""


def after(state: RequestState, event: Event) -> RequestState:
    """The state ``event`` leads to. Raises Conflict naming the present state when it cannot happen now."""
    step = TABLE.get((state, event))
    if step is None:
        raise Conflict(f"这份申请现在是“{NAMES[state]}”，不能再这样操作")
    return step.to


def allowed(state: RequestState, who: Who) -> dict[Event, Step]:
    """What ``who`` may do with an application in ``state``: the buttons to draw."""
    return {event: step for (at, event), step in TABLE.items() if at is state and step.who is who}
