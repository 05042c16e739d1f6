"""Every change of an export: asked for, decided, taken, gone.

Within a day's limit of its level an export is made at once; beyond it, or with numbers in full, somebody above decides
first. What counts is the day's sum: many small ones are one large one.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select, update

from app.kernel import limits
from app.kernel.access.powers import Power
from app.kernel.access.viewer import Post, Viewer
from app.kernel.audit.record import record
from app.kernel.clock import local
from app.kernel.db.unit import writing
from app.kernel.errors import Conflict, Invalid, NotFound, Refused
from app.kernel.jobs.operations import enqueue
from app.kernel.jobs.periodic import periodic
from app.kernel.pruning import sweep
from app.kernel.work import Work
from app.league.accounts.messages import tell
from app.league.appointments.queries import heads_above, heads_of
from app.league.exports import columns, queries
from app.league.exports import events as events
from app.league.exports.models import CONTENT, Export, ExportPart, ExportState, Format
from app.league.organisations.models import Kind, Organisation
from app.league.people.models import Standing

MAKE = "exports.make"
MOST_ROWS = 100_000
"""In one file: what a desk's spreadsheet program still opens with ease, and what bounds the memory of making it."""
KEPT_FOR, WAITS_FOR = timedelta(hours=24), timedelta(days=7)
MOST_TAKEN = 3
PARTS_AT_ONCE = 8
"""Pieces of a file in one transaction: others who write wait for no more than that."""
SHORTEST, LONGEST = 6, 200
BRANCH, SCHOOL, COUNTY, CITY = "export.branch", "export.school", "export.county", "export.city"
LEVELS = {
    Kind.PROVINCE: CITY, Kind.CITY: CITY, Kind.COUNTY: COUNTY, Kind.SECTOR: COUNTY, Kind.UNIVERSITY: COUNTY,
    Kind.SCHOOL: SCHOOL, Kind.ENTERPRISE: SCHOOL, Kind.COLLEGE: SCHOOL, Kind.GENERAL_BRANCH: BRANCH,
    Kind.BRANCH: BRANCH,
}  # fmt: skip
"""Which limit of a day goes with which organisation."""
LINK = "/twt/exports/{}"


@dataclass(frozen=True)
class Wanted:
    """What is to be exported. ``columns``: names of ``columns.LABELS``. ``whole``: numbers in full."""

    place: Organisation
    standing: Standing | None
    columns: Sequence[str]
    whole: bool
    format: Format
    reason: str


@dataclass(frozen=True)
class Outlook:
    """What asking would lead to. ``left``: how many more today without a decision."""

    rows: int
    left: int
    allowed: int


def outlook(work: Work, viewer: Viewer, place: Organisation, standing: Standing | None) -> Outlook:
    """How many there are, and how many one may take today without asking anybody."""
    name = _limit(viewer, place)
    allowed = limits.LIMITS[name].windows[0][0]
    used = limits.used(work.session, work.vault, name, str(viewer.account_id), now=work.now.timestamp())
    return Outlook(queries.how_many(work.session, place.path, standing), max(allowed - used, 0), allowed)


def ask(work: Work, viewer: Viewer, wanted: Wanted) -> Export:
    """Ask for an export: made at once, or left to somebody above. The caller has found the place in the scope.

    Raises Invalid with all that is wrong at once, TooMany.
    """
    seen = outlook(work, viewer, wanted.place, wanted.standing)
    chosen, reason = columns.in_order(wanted.columns), " ".join(wanted.reason.split())
    if errors := _faults(viewer, wanted, chosen, reason, seen.rows):
        raise Invalid(errors)
    moment, account = work.now.timestamp(), str(viewer.account_id)
    limits.hit(work.session, work.vault, "export.asks", account, now=moment)
    asks = wanted.whole or seen.rows > seen.left
    if not asks:
        limits.hit(work.session, work.vault, _limit(viewer, wanted.place), account, cost=seen.rows, now=moment)
    row = Export(
        account_id=viewer.account_id,
        asker_name=viewer.name,
        asker_path=_post(viewer, wanted.place).path,
        organisation_id=wanted.place.id,
        org_path=wanted.place.path,
        standing=wanted.standing,
        columns=chosen,
        whole=wanted.whole,
        format=wanted.format,
        reason=reason,
        rows=seen.rows,
        state=ExportState.ASKED if asks else ExportState.MAKING,
        appointment_id=work.actor.appointment_id,
        asked_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    note(work, "ask", row, reason)
    if asks:
        _tell_above(work, row)
    else:
        _begin(work, row)
    return row


def decide(work: Work, viewer: Viewer, row: Export, *, approve: bool, reason: str, version: int) -> None:
    """Let it be made, or say why not. Raises Refused, Invalid for a refusal without a reason, Conflict."""
    if not queries.may_decide(viewer, row):
        raise Refused("导出申请由上级团委处理，不能处理自己提出的")
    if row.state is not ExportState.ASKED or row.version != version:
        raise _raced(row)
    reason = " ".join(reason.split())[:LONGEST]
    if not approve and not reason:
        raise Invalid({"reason": "请写明为什么不同意，申请人会看到"})
    done = work.session.execute(
        update(Export)
        .where(Export.id == row.id, Export.state == ExportState.ASKED, Export.version == version)
        .values(
            state=ExportState.MAKING if approve else ExportState.REFUSED,
            version=Export.version + 1,
            decided_by_id=viewer.account_id,
            decided_by_name=viewer.name,
            decided_at=work.now,
            decision_reason=reason,
        )
        .execution_options(synchronize_session=False)
    )
    work.session.refresh(row)
    if not done.rowcount:  # type: ignore[attr-defined]
        raise _raced(row)
    note(work, "approve" if approve else "refuse", row, reason)
    if approve:
        _begin(work, row)
        return
    told(work, row, "导出申请没有同意", f"原因：{reason}")


def withdraw(work: Work, row: Export, *, version: int) -> None:
    """Take back what one asked for and nobody has decided. Raises Conflict."""
    work.session.refresh(row, with_for_update=True)
    if row.state is not ExportState.ASKED or row.version != version:
        raise _raced(row)
    row.state, row.version = ExportState.WITHDRAWN, row.version + 1
    note(work, "withdraw", row, row.reason)


def _raced(row: Export) -> Conflict:
    by = f"已由 {row.decided_by_name} 于 {local(row.decided_at):%H:%M} 处理" if row.decided_at else "申请已经失效"
    if row.state is ExportState.WITHDRAWN:
        by = f"{row.asker_name}已经撤回这份申请"
    return Conflict(by, by=row.decided_by_name or None, at=row.decided_at)


def take(work: Work, row: Export) -> bytes:
    """The file, for who asked for it; every download counts. Raises Refused when it is not there or taken too often."""
    work.session.refresh(row, with_for_update=True)
    if row.state is not ExportState.READY or row.expires_at is None or row.expires_at <= work.now:
        raise Refused("这个文件现在不能下载，需要时请重新申请")
    if row.taken >= MOST_TAKEN:
        raise Refused(f"已经下载过 {MOST_TAKEN} 次，需要时请重新申请")
    row.taken += 1
    note(work, "take", row, row.reason)
    return content(work, row)


def content(work: Work, row: Export) -> bytes:
    """What the file holds."""
    query = select(ExportPart.content_sealed).where(ExportPart.export_id == row.id).order_by(ExportPart.number)
    return b"".join(base64.b64decode(work.vault.open(CONTENT, part)) for part in work.session.scalars(query))


def note(work: Work, act: str, row: Export, reason: str) -> None:
    """Write ``act`` into the log."""
    counted = {"count": (None, row.made_rows or row.rows)}
    record(
        work, f"exports:people:{act}", "export", row.public_id, org_path=row.org_path, reason=reason, changes=counted
    )


def told(work: Work, row: Export, title: str, body: str) -> None:
    """Tell who asked."""
    tell(
        work,
        row.account_id,
        f"export:{row.public_id}:{row.state.value}",
        title,
        body,
        link=LINK.format(row.public_id),
    )


@periodic("exports.expire", every=timedelta(minutes=15))
def expire(work: Work) -> int:
    """Delete contents whose time is past; close what nobody decided, and say so. Returns how many."""
    past = (Export.state == ExportState.READY) & (Export.expires_at <= work.now)
    left = Export.state.in_((ExportState.ASKED, ExportState.MAKING)) & (Export.asked_at <= work.now - WAITS_FOR)
    ids = list(work.session.scalars(select(Export.id).where(past | left)))
    for export_id in ids:
        parts = delete(ExportPart).where(ExportPart.export_id == export_id)
        sweep(work, parts, together=PARTS_AT_ONCE)
        with writing(work.session):
            row = work.session.get_one(Export, export_id, with_for_update=True)
            work.session.execute(parts)
            unanswered = row.state is not ExportState.READY
            row.state, row.version = ExportState.OVER, row.version + 1
            note(work, "expire", row, "")
            if unanswered:
                told(work, row, "导出申请已经失效", f"{WAITS_FOR.days} 天里没有结果，需要时请重新申请。")
    return len(ids)


def _faults(viewer: Viewer, wanted: Wanted, chosen: Sequence[str], reason: str, rows: int) -> dict[str, str]:
    errors = {}
    if len(reason) < SHORTEST:
        errors["reason"] = f"请写明用途，至少 {SHORTEST} 个字"
    elif len(reason) > LONGEST:
        errors["reason"] = f"用途最多 {LONGEST} 个字"
    if not chosen:
        errors["columns"] = "请至少选一列"
    if wanted.whole and not viewer.scope(Power.EXPORTS_WHOLE).covers(wanted.place.path):
        errors["whole"] = "您只能导出遮住中间几位的号码"
    elif wanted.whole and chosen and not columns.NUMBERS.keys() & set(chosen):
        errors["whole"] = "没有选证件号码和手机号这两列，不用勾这一项"
    if not rows:
        errors["org"] = "这里没有可以导出的档案"
    elif rows > MOST_ROWS:
        errors["org"] = f"一次最多导出 {MOST_ROWS} 人，请选下一级团组织分开导出"
    return errors


def _begin(work: Work, row: Export) -> None:
    """Leave the making to the worker, in the name of who asked."""
    place = work.session.get_one(Organisation, row.organisation_id)
    payload = {"export": row.public_id, "under": row.appointment_id}
    job = enqueue(work, MAKE, payload, row.rows, f"导出{place.name}的青年档案")
    job.account_id, row.job_id = row.account_id, job.public_id
    work.session.flush()


def _tell_above(work: Work, row: Export) -> None:
    if queries.is_top(row.asker_path):
        above = heads_of(work.session, row.asker_path, work.today, but=row.account_id)
    else:
        above = heads_above(work.session, row.asker_path, work.today)
    for account_id in above:
        body = f"{row.asker_name}申请导出 {row.rows} 人的档案，用途：{row.reason}"
        tell(
            work,
            account_id,
            f"export:{row.public_id}:{account_id}",
            "有导出申请等您处理",
            body,
            link=LINK.format(row.public_id),
        )


def _post(viewer: Viewer, place: Organisation) -> Post:
    post = viewer.post_for(Power.EXPORTS_ASK, place.path)
    if post is None:
        raise NotFound
    return post


def _limit(viewer: Viewer, place: Organisation) -> str:
    return LEVELS[Kind(_post(viewer, place).organisation_kind)]
