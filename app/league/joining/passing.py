"""转交: a reviewer who is not sure hands an application to the next above, with a note for those who decide there."""

from sqlalchemy import select

from app.kernel.access.powers import Power
from app.kernel.access.rules import Role
from app.kernel.access.viewer import Viewer
from app.kernel.audit.record import record
from app.kernel.db.types import path_chain
from app.kernel.errors import Conflict, Invalid, Refused
from app.kernel.work import Work
from app.league.accounts.messages import tell
from app.league.appointments.operations import as_of_now
from app.league.appointments.queries import heads_of
from app.league.joining import events as events
from app.league.joining.models import JoinRequest, Lane, RequestState
from app.league.joining.states import NAMES
from app.league.organisations.models import Organisation

LONGEST_NOTE = 300
QUEUE = "/twt/queue"


def pass_on(work: Work, viewer: Viewer, public_id: str, version: int, *, note: str) -> str:
    """Hand an application to the nearest above who may decide; it stands in a part of the queue of its own.

    Whoever could decide it before still can: passing on asks for a second opinion, it takes no right away.
    Returns the name of the organisation that now has it. Raises NotFound outside the scope, Invalid without a note,
    Conflict when it was decided or changed meanwhile, Refused at the top, for one's own, and when it is there already.
    """
    row = work.session.scalars(
        select(JoinRequest).where(JoinRequest.public_id == public_id).with_for_update()
    ).one_or_none()
    viewer = as_of_now(work, viewer)
    viewer.scope(Power.JOINING_DECIDE).require(row.org_path if row else None)
    assert row is not None
    if row.account_id == viewer.account_id:
        raise Refused("不能转交自己的申请，请由其他人处理")
    note = note.strip()
    _check(row, version, note)
    above, heads = _above(work, viewer, row)
    highest = min(row.attention_path, above, key=len)  # what has climbed past that level does not come down again
    if row.lane is Lane.PASSED and highest == row.attention_path:
        raise Refused("这份申请已经转到上级，请等那里决定")
    row.lane, row.attention_path = Lane.PASSED, highest
    row.passed_at, row.passed_by_name, row.passed_note = work.now, viewer.name, note
    row.version += 1
    work.session.flush()
    record(work, "joining:request:pass", "join_request", row.public_id, org_path=row.org_path, reason=note)
    for account_id in heads:
        body = f"{viewer.name}请您看一份入档申请，受理号 {row.reference}。说明写在申请上。"
        key = f"passed:{row.public_id}:{row.version}:{account_id}"
        tell(work, account_id, key, "有一份申请转给您", body, link=f"{QUEUE}/{row.public_id}")
    place = select(Organisation.full_name).where(Organisation.path == above)
    return work.session.scalars(place).one()


def _check(row: JoinRequest, version: int, note: str) -> None:
    if not note:
        raise Invalid({"note": "请写一句为什么转交"})
    if len(note) > LONGEST_NOTE:
        raise Invalid({"note": f"说明最多 {LONGEST_NOTE} 个字"})
    if row.state is not RequestState.SUBMITTED:
        by = f"，由 {row.decided_by_name} 处理" if row.decided_by_name else ""
        raise Conflict(f"这份申请现在是“{NAMES[row.state]}”{by}")
    if row.version != version:
        raise Conflict("这份申请刚刚有变动，请重新看一遍")


def _above(work: Work, viewer: Viewer, row: JoinRequest) -> tuple[str, list[int]]:
    """Where it goes and who is there: for a delegate his own committee's head first, else the levels above in turn."""
    post = viewer.post_for(Power.JOINING_DECIDE, row.org_path)
    assert post is not None
    chain = path_chain(post.path)
    for path in reversed(chain if post.role is Role.DELEGATE else chain[:-1]):
        if heads := heads_of(work.session, path, work.today, but=viewer.account_id):
            return path, heads
    raise Refused("上面没有可以转交的人，请您来决定")
