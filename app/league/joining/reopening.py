"""重新审核: the way back for a rejected application when it is too late to undo."""

from sqlalchemy import select

from app.kernel.access.powers import Power
from app.kernel.access.viewer import Viewer
from app.kernel.audit.record import record
from app.kernel.errors import Conflict, Refused
from app.kernel.work import Work
from app.league.accounts.messages import tell
from app.league.appointments.operations import as_of_now
from app.league.joining import cases, flags, reasons
from app.league.joining import events as events
from app.league.joining.decisions import Outcome, submit_again
from app.league.joining.models import JoinRequest, RequestState, Verdict
from app.league.joining.operations import PROGRESS
from app.league.joining.states import Event, after
from app.league.organisations import counters
from app.league.people.protect import open_id_number


def reopen(work: Work, viewer: Viewer, public_id: str, version: int, *, reason: str) -> Outcome:
    """Take a rejected application into the queue again, with a reason: the way back when it is too late to undo.

    Raises NotFound outside the scope, Invalid without a reason, Conflict when it changed meanwhile, Refused when the
    applicant has another open application or the viewer is the applicant.
    """
    row = work.session.scalars(
        select(JoinRequest).where(JoinRequest.public_id == public_id).with_for_update()
    ).one_or_none()
    viewer = as_of_now(work, viewer)
    viewer.scope(Power.JOINING_DECIDE).require(row.org_path if row else None)
    assert row is not None
    reasons.check(Verdict.REJECT, reason, [])
    if row.account_id == viewer.account_id:
        raise Refused("不能审批自己的申请，请由其他人处理")
    after(row.state, Event.REOPEN)
    if row.version != version:
        raise Conflict("这份申请刚刚有变动，请重新看一遍")
    row.round += 1
    row.attention_path, row.submitted_at, row.escalated_at = row.org_path, work.now, None
    row.lane, row.passed_at, row.passed_note = flags.lane_of(row.flags), None, ""
    submit_again(work, row)
    cases.settle(work, row, open_id_number(work.vault, row))
    counters.move(work.session, row.org_path, {"pending": 1, "filled": 1})
    changes = {"state": (RequestState.REJECTED, RequestState.SUBMITTED)}
    record(
        work, "joining:request:reopen", "join_request", row.public_id,
        org_path=row.org_path, reason=reason.strip(), changes=changes,
    )  # fmt: skip
    if row.account_id is not None:
        key = f"reopen:{row.public_id}:{row.round}"
        tell(work, row.account_id, key, "您的申请重新进入审核", f"说明：{reason.strip()}", link=PROGRESS)
    return Outcome(row.public_id, True, "已重新进入待审", row.name)
