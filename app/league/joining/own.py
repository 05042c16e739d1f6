"""An applicant's own view: the application, its history, how long it usually takes, the reminder."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from statistics import median

from sqlalchemy import select

from app.kernel.audit.record import record
from app.kernel.errors import Refused, TooMany
from app.kernel.outbox.models import OutboxMessage
from app.kernel.work import Work
from app.league.accounts.messages import tell
from app.league.appointments.queries import deciders_for
from app.league.joining import events as events
from app.league.joining.escalation import climbs
from app.league.joining.models import Decision, JoinRequest, RequestState, Verdict
from app.league.organisations.models import Organisation
from app.league.organisations.queries import ancestors
from app.league.rules import rule

RECENT = 50
ENOUGH = 5
"""Decisions before one can say how long they usually take."""
DAY = 86400
MOST_REMINDED = 10


@dataclass(frozen=True)
class Moment:
    """One step of the timeline: ``state`` is done, now, stop or "" (still to come)."""

    title: str
    at: datetime | None
    state: str
    note: str = ""


def latest(work: Work, account_id: int) -> JoinRequest | None:
    """The account's last application, open or not."""
    query = select(JoinRequest).where(JoinRequest.account_id == account_id).order_by(JoinRequest.id.desc()).limit(1)
    return work.session.scalars(query).one_or_none()


def place_of(work: Work, request: JoinRequest) -> Organisation:
    """Where the application stands."""
    return work.session.get_one(Organisation, request.organisation_id)


def chain_of(work: Work, organisation: Organisation) -> list[str]:
    """The names from the city down to ``organisation``, the province left out."""
    return [*(row.name for row in rows_above(work, organisation)), organisation.name]


def rows_above(work: Work, organisation: Organisation) -> list[Organisation]:
    """What stands above ``organisation``, the province left out."""
    return ancestors(work.session, organisation.path)[1:]


def usual_days(work: Work, organisation: Organisation) -> int | None:
    """How many days a decision usually takes there: the median of the last ones, whole days up; None while there
    are too few to tell."""
    rows = work.session.execute(
        select(JoinRequest.submitted_at, JoinRequest.decided_at)
        .where(JoinRequest.org_path == organisation.path, JoinRequest.decided_at.is_not(None))
        .order_by(JoinRequest.id.desc())
        .limit(RECENT)
    ).all()
    days = [(decided - submitted).total_seconds() / DAY for submitted, decided in rows if decided]
    return max(1, ceil(median(days))) if len(days) >= ENOUGH else None


def timeline(work: Work, request: JoinRequest) -> list[Moment]:
    """The application's steps, by what happened and never by who did it."""
    rounds = work.session.scalars(
        select(Decision).where(Decision.request_id == request.id, Decision.undone_at.is_(None)).order_by(Decision.id)
    ).all()
    place = place_of(work, request)
    moments = [Moment("提交申请", request.submitted_at if not rounds else None, "done", f"受理号 {request.reference}")]
    moments += _corrections(rounds, request)
    moments += [Moment(f"等得久了，已转给{climb.to}", climb.at, "done") for climb in climbs(work.session, request)]
    return moments + _end(request, place)


def _corrections(rounds: Sequence[Decision], request: JoinRequest) -> list[Moment]:
    earlier = [decision for decision in rounds if decision.round < request.round]
    words = {
        Verdict.RETURN: ("退回补正", "改好，重新提交"),
        Verdict.REJECT: ("没有通过", "重新进入审核"),
        Verdict.APPROVE: ("审核通过", "重新进入审核"),
    }
    moments = []
    for decision in earlier:
        ended, begun = words[decision.verdict]
        moments.append(Moment(ended, decision.decided_at, "done", decision.reason))
        moments.append(Moment(begun, request.submitted_at if decision is earlier[-1] else None, "done"))
    return moments


def _end(request: JoinRequest, place: Organisation) -> list[Moment]:
    state, reason = request.state, request.reason
    ends = {
        RequestState.SUBMITTED: [Moment(f"{place.name}审核", None, "now"), Moment("建立电子档案", None, "")],
        RequestState.RETURNED: [Moment("请您补正", request.decided_at, "now", reason), Moment("重新审核", None, "")],
        RequestState.APPROVED: [Moment("审核通过，档案已建立", request.decided_at, "done")],
        RequestState.REJECTED: [Moment("没有通过", request.decided_at, "stop", reason)],
        RequestState.WITHDRAWN: [Moment("您已撤回", None, "stop")],
        RequestState.LAPSED: [Moment("过了补正期限，已作废", None, "stop", reason)],
    }
    return ends[state]


def days_waiting(work: Work, request: JoinRequest) -> int:
    """For how many full days the application has been waiting."""
    return (work.now - request.submitted_at).days


def may_remind(work: Work, request: JoinRequest) -> bool:
    """Whether it has waited long enough for a reminder."""
    return request.state is RequestState.SUBMITTED and days_waiting(work, request) >= remind_after(work)


def remind_after(work: Work) -> int:
    """After how many days of waiting one may remind."""
    return rule("reminder.after_days", work.today)


def remind(work: Work, request: JoinRequest) -> None:
    """Remind those who are waited for, once a day. Raises Refused before the time, TooMany on the same day."""
    work.session.refresh(request, with_for_update=True)
    if not may_remind(work, request):
        raise Refused("还没有到可以提醒的时候")
    if reminded_today(work, request):
        raise TooMany(seconds_to_midnight(work), "今天已经提醒过了，明天可以再提醒一次")
    body = f"有一份入档申请已等待 {days_waiting(work, request)} 天，受理号 {request.reference}，请尽快处理。"
    deciders = deciders_for(work.session, request.attention_path, work.today)[:MOST_REMINDED]
    if not deciders:
        raise Refused("这里暂时没有审核人，系统会自动转给上级")
    for account_id in deciders:
        tell(work, account_id, f"{_reminder(work, request)}:{account_id}", "有申请在等您审核", body, link="/twt/queue")
    record(work, "joining:request:remind", "join_request", request.public_id, org_path=request.org_path)


def reminded_today(work: Work, request: JoinRequest) -> bool:
    """Whether a reminder left today."""
    key = _reminder(work, request)
    query = select(OutboxMessage.id).where(OutboxMessage.dedupe_key.startswith(f"{key}:", autoescape=True)).limit(1)
    return work.session.execute(query).first() is not None


def _reminder(work: Work, request: JoinRequest) -> str:
    return f"reminder:{request.public_id}:{work.today:%Y%m%d}"


def seconds_to_midnight(work: Work) -> int:
    """How long until the calendar day ends in Asia/Shanghai."""
    local_seconds = int((work.now + timedelta(hours=8)).timestamp()) % DAY
    return DAY - local_seconds
