"""抽查: nobody passes sheet after sheet unseen.

After each hundred passed by sheets an account looks at a few of those that wait, each on its own card: until every one
of them is decided (by anybody), no sheet of that account passes. What passes faster than it can be read, by sheets or one
after the other, is put on record for those above. All figures are dated rules (``sheet.…``, ``single.…``).
"""

import contextlib
import secrets
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError

from app.kernel.access.powers import Power
from app.kernel.access.viewer import Viewer
from app.kernel.audit.models import AuditEntry
from app.kernel.audit.record import record
from app.kernel.db import reading
from app.kernel.work import Work
from app.league.joining import events as events
from app.league.joining import queries
from app.league.joining.models import HASTY, Decision, JoinRequest, Lane, RequestState, SpotCheck, Verdict
from app.league.rules import rule

FIRST = "先逐份看完抽查的几份，这一屏再继续"
NEXT_SHEET = 20

draw: Callable[[Sequence[str], int], list[str]] = secrets.SystemRandom().sample
"""Which of those that wait are looked at. Tests put a choice of their own here."""


def waiting(work: Work, viewer: Viewer) -> list[JoinRequest]:
    """What ``viewer`` has to look at before the next sheet, in the order of the queue; empty when nothing holds it."""
    check = work.session.get(SpotCheck, viewer.account_id)
    return _left(work, viewer, check) if check else []


def held(work: Work, viewer: Viewer, asked: Iterable[JoinRequest]) -> bool:
    """Whether a sheet must wait; when a check is due and none is drawn yet, it is drawn from the rows ``asked``."""
    check = _locked(work, viewer)
    if check is None:
        return False
    if not check.picked and _due(work, check):
        _pick(work, check, [row.public_id for row in asked if _may_be_picked(viewer, row)])
    return bool(_left(work, viewer, check))


def count(work: Work, viewer: Viewer, passed: int) -> None:
    """Note that a sheet passed so many, and draw the next check from what waits when a hundred are full."""
    check = _locked(work, viewer) or _first(work, viewer)
    check.passed += passed
    if _due(work, check):
        scope = viewer.scope(Power.JOINING_DECIDE)
        rows = queries.queue(scope, work.session, lane=Lane.CLEAN, size=NEXT_SHEET, but=viewer.account_id)
        _pick(work, check, [row.public_id for row in rows])
    work.session.flush()


def note_sheet(work: Work, viewer: Viewer, path: str, passed: int, shown_at: datetime) -> None:
    """Put on record that ``passed`` rows were passed faster than ``sheet.tenths_per_row``; ``path``: where they stand."""
    seconds = (work.now - shown_at).total_seconds()
    if seconds * 10 < passed * rule("sheet.tenths_per_row", work.today):
        _tell(work, viewer, path, passed, seconds)


def note_run(work: Work, viewer: Viewer, path: str) -> None:
    """Put on record that the latest ``single.run`` applications were approved one by one faster than anybody reads.

    Faster: under ``single.tenths_each`` between one and the next, on average. Called with the newest of them written;
    it stands at ``path``. Each approval counts in one such record at most.
    """
    run = rule("single.run", work.today)
    latest = reading.rows(work.session, _LATEST, account=viewer.account_id, run=run)
    approved = {row.decided_at for row in latest if row.verdict is Verdict.APPROVE and row.undone_at is None}
    if len(approved) < run:  # fewer moments than decisions: a sheet is among them, and has a pace of its own
        return
    first = min(approved)
    seconds = (work.now - first).total_seconds()
    hasty = seconds * 10 < (run - 1) * rule("single.tenths_each", work.today)
    if hasty and not _told_since(work, viewer, first):
        _tell(work, viewer, path, run, seconds)


def _told_since(work: Work, viewer: Viewer, start: datetime) -> bool:
    return bool(reading.rows(work.session, _TOLD, account=viewer.public_id, start=start))


_LATEST = (
    select(Decision.decided_at, Decision.verdict, Decision.undone_at)
    .where(Decision.account_id == bindparam("account"))
    .order_by(Decision.id.desc())
    .limit(bindparam("run"))
)
_TOLD = (
    select(AuditEntry.id)
    .where(AuditEntry.object_type == "account", AuditEntry.object_id == bindparam("account"))
    .where(AuditEntry.action == HASTY, AuditEntry.at >= bindparam("start"))
    .limit(1)
)


def _tell(work: Work, viewer: Viewer, path: str, passed: int, seconds: float) -> None:
    post = viewer.post_for(Power.JOINING_DECIDE, path)
    changes = {"count": (None, passed), "seconds": (None, f"{seconds:.1f}")}
    record(work, HASTY, "account", viewer.public_id, org_path=post.path if post else path, changes=changes)


def _locked(work: Work, viewer: Viewer) -> SpotCheck | None:
    return work.session.get(SpotCheck, viewer.account_id, with_for_update=True, populate_existing=True)


def _first(work: Work, viewer: Viewer) -> SpotCheck:
    """The account's row, made by whichever of two sheets sent at once comes first."""
    with contextlib.suppress(IntegrityError), work.session.begin_nested():
        work.session.add(SpotCheck(account_id=viewer.account_id, passed=0, picked=[]))
    return work.session.get_one(SpotCheck, viewer.account_id, with_for_update=True, populate_existing=True)


def _due(work: Work, check: SpotCheck) -> bool:
    return check.passed >= rule("sheet.check_every", work.today)


def _pick(work: Work, check: SpotCheck, among: Sequence[str]) -> None:
    if among:
        check.picked = draw(among, min(rule("sheet.check_size", work.today), len(among)))
        check.passed, check.asked_at = 0, work.now


def _may_be_picked(viewer: Viewer, row: JoinRequest) -> bool:
    fits = row.state is RequestState.SUBMITTED and row.account_id != viewer.account_id
    return fits and viewer.scope(Power.JOINING_DECIDE).covers(row.org_path)


def _left(work: Work, viewer: Viewer, check: SpotCheck) -> list[JoinRequest]:
    if not check.picked:
        return []
    query = select(JoinRequest).where(JoinRequest.public_id.in_(check.picked))
    rows = work.session.scalars(query.order_by(JoinRequest.org_path, JoinRequest.id))
    return [row for row in rows if _may_be_picked(viewer, row)]
