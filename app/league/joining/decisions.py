"""审批: approve, reject, return; one row or many, each with an outcome of its own; undone while nothing has left.

Of two people who decide at once one wins: ``TAKE`` is the guard, a compare-and-set on state and version in the
statement that takes the row. Everything else (reading first, buttons, the unique index on decisions) only makes
losing polite. The decision, the file, the counters, the audit entry and the message share one transaction, and each
row has its own savepoint inside it.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Update, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.kernel.access.powers import Power
from app.kernel.access.viewer import Viewer
from app.kernel.audit.record import record
from app.kernel.clock import local
from app.kernel.db.base import table_of
from app.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused
from app.kernel.ids import new_public_id
from app.kernel.outbox.operations import unsend
from app.kernel.work import Work
from app.league.accounts.messages import tell
from app.league.appointments.operations import as_of_now
from app.league.joining import cases, reasons, spot_checks
from app.league.joining import events as events
from app.league.joining.models import Decision, JoinRequest, Lane, RequestState, Verdict
from app.league.joining.operations import PROGRESS
from app.league.joining.states import COUNT_AS_FILLED, NAMES, Event, after
from app.league.organisations import counters
from app.league.organisations.models import Kind, Organisation, OrganisationStatus
from app.league.people import operations as files
from app.league.people.fields import label
from app.league.people.models import FileState, Person, Standing
from app.league.people.protect import open_id_number

MOST = 200
"""Rows decided in one request at most; the desk shows far fewer."""
MY_FILE = "/jia/me"
DONE = {Verdict.APPROVE: "通过", Verdict.REJECT: "拒绝", Verdict.RETURN: "退回"}
ENDED = {verdict: after(RequestState.SUBMITTED, Event(verdict.value)) for verdict in Verdict}
APART = {Lane.OFF_ROSTER: "不在花名册里", Lane.PASSED: "有人转来，附了说明"}
"""What is never decided together with others."""

TAKE: Update = (
    update(JoinRequest)
    .where(
        JoinRequest.id == bindparam("row_id"),
        JoinRequest.state == RequestState.SUBMITTED,
        JoinRequest.version == bindparam("seen"),
    )
    .values(version=JoinRequest.version + 1)
    .execution_options(synchronize_session=False)
)
"""The one guard that counts. The tests put a statement without its last two conditions in its place, and must then
find two decisions where there should be one."""

_SETTLE = (
    update(JoinRequest)
    .where(JoinRequest.id == bindparam("row_id"))
    .values(
        state=bindparam("to"),
        decided_at=bindparam("at"),
        decided_by_id=bindparam("by"),
        decided_by_name=bindparam("by_name"),
        reason=bindparam("why"),
        returned_fields=bindparam("what"),
        person_id=bindparam("file"),
    )
    .execution_options(synchronize_session=False)
)


_WRITE = insert(table_of(Decision))


@dataclass(frozen=True)
class Outcome:
    """What became of one row. ``by`` and ``at``: who was first, when somebody was. ``decision``: its public id."""

    public_id: str
    ok: bool
    text: str
    name: str = ""
    by: str | None = None
    at: datetime | None = None
    decision: str | None = None


@dataclass(frozen=True)
class Ruling:
    """What is decided about every row of one batch."""

    viewer: Viewer
    verdict: Verdict
    reason: str
    fields: list[str]
    bulk: bool


def decide_many(
    work: Work,
    viewer: Viewer,
    items: Sequence[tuple[str, int]],
    verdict: Verdict,
    *,
    reason: str = "",
    fields: Iterable[str] = (),
    shown_at: datetime | None = None,
) -> list[Outcome]:
    """Decide the applications ``items``: pairs of public id and the version that was looked at.

    ``shown_at``: when the sheet they were ticked on was shown; a sheet counts as one even with a single tick.
    Runs inside the caller's writing transaction. Returns an outcome per item, in their order. Raises Invalid when the
    reason or the fields to correct are missing, or for too many rows.
    """
    bulk = len(items) > 1 or shown_at is not None
    ruling = Ruling(as_of_now(work, viewer), verdict, reason.strip(), list(fields), bulk)
    reasons.check(verdict, ruling.reason, ruling.fields)
    if len(items) > MOST:
        raise Invalid(f"一次最多处理 {MOST} 份申请")
    rows = _read(work, [public_id for public_id, _ in items])
    if _by_sheet(ruling) and spot_checks.held(work, ruling.viewer, rows.values()):
        return [Outcome(public_id, False, spot_checks.FIRST) for public_id, _ in items]
    places = _places(work, rows.values())
    seen = dict(items)
    found: dict[str, Outcome] = {}
    moved: dict[str, Counter[str]] = {}
    # Always in the same order, so that two batches on a server that locks rows never wait for each other in a ring.
    for row in sorted(rows.values(), key=lambda row: (row.org_path, row.id)):
        public_id, path = row.public_id, row.org_path
        found[public_id], change = _decide_one(work, ruling, row, places[row.organisation_id], seen[public_id])
        if found[public_id].ok:
            moved.setdefault(path, Counter()).update(change)
    counters.move_all(work.session, moved)
    if verdict is Verdict.APPROVE and moved:
        passed = sum(outcome.ok for outcome in found.values())
        _watch(work, ruling, min(moved), passed, shown_at)
    return [found.get(public_id, Outcome(public_id, False, "没有找到这份申请")) for public_id, _ in items]


def _watch(work: Work, ruling: Ruling, path: str, passed: int, shown_at: datetime | None) -> None:
    """What is approved by sheets is counted for the next check; what is approved too fast is put on record."""
    if not ruling.bulk:
        spot_checks.note_run(work, ruling.viewer, path)
        return
    spot_checks.count(work, ruling.viewer, passed)
    if shown_at is not None:
        spot_checks.note_sheet(work, ruling.viewer, path, passed, shown_at)


def _by_sheet(ruling: Ruling) -> bool:
    return ruling.bulk and ruling.verdict is Verdict.APPROVE


def _read(work: Work, public_ids: list[str]) -> dict[str, JoinRequest]:
    query = select(JoinRequest).where(JoinRequest.public_id.in_(public_ids))
    return {row.public_id: row for row in work.session.scalars(query)}


def _places(work: Work, rows: Iterable[JoinRequest]) -> dict[int, Organisation]:
    """Where the applications stand, held against being moved or closed until the caller commits."""
    query = select(Organisation).where(Organisation.id.in_({row.organisation_id for row in rows}))
    held = query.order_by(Organisation.path).with_for_update(read=True, key_share=True)
    return {place.id: place for place in work.session.scalars(held)}


def _decide_one(
    work: Work, ruling: Ruling, row: JoinRequest, place: Organisation, seen: int
) -> tuple[Outcome, dict[str, int]]:
    public_id, name = row.public_id, row.name
    # A row outside the scope answers in the very words of one that does not exist, without its name.
    if not ruling.viewer.scope(Power.JOINING_DECIDE).covers(row.org_path):
        return Outcome(public_id, False, "没有找到这份申请"), {}
    try:
        with work.session.begin_nested():
            decision, change = _carry_out(work, ruling, row, place, seen)
    except Problem as problem:
        by, at = getattr(problem, "by", None), getattr(problem, "at", None)
        return Outcome(public_id, False, problem.text, name, by, at), {}
    except IntegrityError:
        return Outcome(public_id, False, "刚刚有人为同一个证件号建了档案，请重新看一遍", name), {}
    finally:
        work.session.expire(row)
    return Outcome(public_id, True, f"已{DONE[ruling.verdict]}", name, decision=decision), change


def _carry_out(
    work: Work, ruling: Ruling, row: JoinRequest, place: Organisation, seen: int
) -> tuple[str, dict[str, int]]:
    _check_rules(ruling, row, place)
    if not work.session.execute(TAKE, {"row_id": row.id, "seen": seen}).rowcount:  # type: ignore[attr-defined]
        raise _first(work, row)
    person, created = _file(work, row, place) if ruling.verdict is Verdict.APPROVE else (None, False)
    values = {
        "row_id": row.id,
        "to": ENDED[ruling.verdict],
        "at": work.now,
        "by": ruling.viewer.account_id,
        "by_name": ruling.viewer.name,
        "why": ruling.reason,
        "what": ruling.fields or None,
        "file": person.id if person else row.person_id,
    }
    work.session.execute(_SETTLE, values)
    decision = _write_decision(work, ruling, row, created)
    record(
        work, f"joining:request:{ruling.verdict}", "join_request", row.public_id, org_path=row.org_path,
        person_id=person.id if person else None, reason=ruling.reason,
        changes={"state": (RequestState.SUBMITTED, ENDED[ruling.verdict])},
    )  # fmt: skip
    if ruling.verdict is Verdict.REJECT:
        cases.cancel(work, row)
    _tell(work, ruling, row, place, decision)
    change = _change(ruling.verdict)
    return decision, {**change, **files.measures(person)} if person and created else change


def _check_rules(ruling: Ruling, row: JoinRequest, place: Organisation) -> None:
    if row.account_id == ruling.viewer.account_id:
        raise Refused("不能审批自己的申请，请由其他人处理")
    if row.state is not RequestState.SUBMITTED:
        return
    if place.path != row.org_path:
        raise Conflict("这个团组织刚刚调整过，请重新看一遍")
    if ruling.bulk and any(flag["level"] == "stop" for flag in row.flags):
        raise Refused("有需要先弄清楚的疑点，请单独处理")
    if ruling.bulk and row.lane in APART:
        raise Refused(f"{APART[row.lane]}，请单独处理")
    if ruling.verdict is not Verdict.APPROVE:
        return
    if place.status is not OrganisationStatus.OPEN:
        raise Refused("这个团组织已经撤销，请先为他安排团支部")
    if row.standing is Standing.MEMBER and place.kind is not Kind.BRANCH:
        raise Refused("团员要编在一个团支部里，请先为他安排团支部")


def _first(work: Work, row: JoinRequest) -> Conflict:
    """Who was first, read again because it happened meanwhile."""
    now = work.session.execute(
        select(JoinRequest.state, JoinRequest.decided_by_name, JoinRequest.decided_at).where(JoinRequest.id == row.id)
    ).one()
    done = next((DONE[verdict] for verdict, state in ENDED.items() if state is now.state), None)
    if done and now.decided_at:
        text = f"{now.decided_by_name} {local(now.decided_at):%H:%M} 已{done}"
        return Conflict(text, by=now.decided_by_name, at=now.decided_at)
    if now.state is RequestState.SUBMITTED:
        return Conflict("申请人刚刚改过内容，请重新看一遍")
    return Conflict(f"这份申请现在是“{NAMES[now.state]}”")


def _file(work: Work, row: JoinRequest, place: Organisation) -> tuple[Person, bool]:
    """The file of an approved applicant: the imported one that waits for him here, or a new one."""
    for person in files.files_with_id_number(work, open_id_number(work.vault, row)):
        if person.state is not FileState.WAITING or not person.org_path.startswith(row.org_path):
            raise Refused("这个证件号在别处已有档案，要先由上级处理归属")
        files.claim_file(work, person, row)
        return person, False
    return files.create_file(work, row, place, counted=False), True


def _write_decision(work: Work, ruling: Ruling, row: JoinRequest, created: bool) -> str:
    post = ruling.viewer.post_for(Power.JOINING_DECIDE, row.org_path)
    public_id = new_public_id()
    values = {
        "public_id": public_id,
        "request_id": row.id,
        "round": row.round,
        "verdict": ruling.verdict,
        "reason": ruling.reason,
        "fields": ruling.fields or None,
        "account_id": ruling.viewer.account_id,
        "account_name": ruling.viewer.name,
        "appointment_id": post.appointment_id if post else None,
        "decided_at": work.now,
        "undo_until": work.now + timedelta(seconds=work.settings.undo_seconds),
        "created_person": created,
    }
    work.session.execute(_WRITE, values)
    return public_id


def _tell(work: Work, ruling: Ruling, row: JoinRequest, place: Organisation, decision: str) -> None:
    if row.account_id is None:
        return
    what = "、".join(label(name) for name in ruling.fields)
    title, body, link = {
        Verdict.APPROVE: ("入档申请通过了", f"{place.full_name}通过了您的申请，您的电子档案已经建好。", MY_FILE),
        Verdict.REJECT: ("入档申请没有通过", f"理由：{ruling.reason}", PROGRESS),
        Verdict.RETURN: ("入档申请要改一改", f"请改：{what}。{ruling.reason}", PROGRESS),
    }[ruling.verdict]
    tell(
        work, row.account_id, message_key(decision), title, body,
        link=link, delay=work.settings.undo_seconds, event=ENDED[ruling.verdict].value,
    )  # fmt: skip


def message_key(decision: str) -> str:
    """The outbox key of the message about the decision with this public id."""
    return f"decision:{decision}"


def _change(verdict: Verdict) -> dict[str, int]:
    moved = {"pending": -1}
    if verdict is Verdict.APPROVE:
        moved["approved"] = 1
    if ENDED[verdict] not in COUNT_AS_FILLED:
        moved["filled"] = -1
    return moved


def undo(work: Work, viewer: Viewer, decision_public_id: str) -> Outcome:
    """Take one's own decision back while its message has not left: the message is unsent, a created file removed.

    Raises NotFound for a decision that is not the viewer's, or whose application his scope no longer reaches;
    Conflict when it was undone before or something was built on it; Refused when it is too late.
    """
    decision = work.session.scalars(
        select(Decision).where(Decision.public_id == decision_public_id).with_for_update()
    ).one_or_none()
    if decision is None or decision.account_id != viewer.account_id:
        raise NotFound
    viewer = as_of_now(work, viewer)
    row = work.session.get_one(JoinRequest, decision.request_id, populate_existing=True, with_for_update=True)
    viewer.scope(Power.JOINING_DECIDE).require(row.org_path)
    _still_undoable(work, decision, row)
    if row.account_id is not None and not unsend(work, message_key(decision.public_id)):
        raise Refused("通知已经发出，不能再撤销")
    person = work.session.get(Person, row.person_id) if decision.verdict is Verdict.APPROVE else None
    _put_back(work, decision, row)
    if person is not None:
        files.unmake_file(work, person, row)
    if decision.verdict is Verdict.REJECT:
        cases.settle(work, row, open_id_number(work.vault, row))
    counters.move(work.session, row.org_path, {name: -by for name, by in _change(decision.verdict).items()})
    record(
        work,
        "joining:decision:undo",
        "join_request",
        row.public_id,
        org_path=row.org_path,
        person_id=person.id if person and not decision.created_person else None,
        changes={"state": (ENDED[decision.verdict], RequestState.SUBMITTED)},
    )
    return Outcome(row.public_id, True, f"已撤销“{DONE[decision.verdict]}”", row.name, decision=decision.public_id)


def undo_together(work: Work, viewer: Viewer, decision_public_id: str) -> list[Outcome]:
    """Take back every decision that was made in one act with this one: a whole sheet. All of them, or none.

    Raises what ``undo`` raises, and Refused when nothing of the act is left to take back.
    """
    one = work.session.scalars(select(Decision).where(Decision.public_id == decision_public_id)).one_or_none()
    if one is None or one.account_id != viewer.account_id:
        raise NotFound
    together = (
        select(Decision.public_id)
        .join(JoinRequest, JoinRequest.id == Decision.request_id)
        .where(Decision.account_id == viewer.account_id, Decision.decided_at == one.decided_at)
        .where(Decision.undone_at.is_(None))
        .order_by(JoinRequest.org_path, JoinRequest.id)
        .limit(MOST)
    )
    found = work.session.scalars(together).all()
    if not found:
        raise Refused("这一屏的审批已经撤销过了")
    return [undo(work, viewer, public_id) for public_id in found]


def _still_undoable(work: Work, decision: Decision, row: JoinRequest) -> None:
    if decision.undone_at is not None:
        raise Conflict("这次审批已经撤销过了", by=decision.account_name, at=decision.undone_at)
    if row.round != decision.round or row.state is not ENDED[decision.verdict]:
        raise Conflict(f"申请现在是“{NAMES[row.state]}”，不能再撤销")
    after(row.state, Event.UNDO)
    if work.now > decision.undo_until:
        raise Refused("撤销的时间已过，通知已经发出。需要更改请重新作出决定")


def _put_back(work: Work, decision: Decision, row: JoinRequest) -> None:
    decision.undone_at = work.now
    if decision.verdict is Verdict.APPROVE:
        row.person_id = None
    submit_again(work, row)


def submit_again(work: Work, row: JoinRequest) -> None:
    """Let an application wait again as if nobody had decided. Raises Conflict when its owner has another one open."""
    row.state = RequestState.SUBMITTED
    row.version += 1
    row.decided_at = row.decided_by_id = row.returned_fields = None
    row.decided_by_name = row.reason = ""
    try:
        with work.session.begin_nested():
            work.session.flush()
    except IntegrityError:
        raise Conflict("申请人已经另交了一份申请，请处理新的那份") from None
