"""我的任务: long work that I started, how far it is and what came of it. Nobody else sees it."""

from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.access.gates import staff
from app.kernel.clock import local
from app.kernel.jobs import queries
from app.kernel.jobs.models import Job, JobState
from app.kernel.jobs.operations import OPEN_STATES, can_cancel
from app.kernel.jobs.operations import cancel as cancel_job
from app.kernel.pruning import JOBS_FOR
from app.surfaces.tuanwutong import task_results
from app.surfaces.web.house import changing, me, work
from app.surfaces.web.pages import is_htmx, page, see
from app.surfaces.web.paging import asked_after, one_page

bp = Blueprint("tasks", __name__, url_prefix="/twt/jobs")
SIZE = 20
STATES = {
    JobState.QUEUED: ("排队中", "wait"),
    JobState.RUNNING: ("进行中", "wait"),
    JobState.DONE: ("已完成", "good"),
    JobState.FAILED: ("没有完成", "stop"),
    JobState.CANCELLED: ("已停止", "look"),
}
FIRST_GAP, LONGEST_GAP, LOOK_FOR = 2, 15, 600
"""Seconds: between two looks at first and at most, and until a forgotten page stops looking."""
MINUTE, HOUR = 60, 3600
SHORT = 5


@bp.get("")
@staff
def index() -> AnyResponse:
    """What I started, the newest first."""
    found = queries.mine(work().session, me().account_id, after=asked_after(), size=SIZE + 1)
    rows, more = one_page(found, SIZE, lambda last: url_for(".index", after=last.public_id))
    return page("tuanwutong/tasks/index.html", rows=rows, states=STATES, next_url=more, kept=JOBS_FOR.days)


@bp.get("/<public_id>")
@staff
def show(public_id: str) -> AnyResponse:
    """One task: the bar while it goes, the result when it has ended."""
    here = work()
    row = queries.own(here.session, me().account_id, public_id)
    ended = row.state not in OPEN_STATES
    if ended and row.seen_at is None:
        with changing() as change:
            row = queries.own(change.session, me().account_id, public_id)
            queries.mark_seen(change, row)
        row = queries.own(here.session, me().account_id, public_id)
    return page(
        "tuanwutong/tasks/show.html",
        "tuanwutong/tasks/_task.html",
        task=row,
        state=STATES[row.state],
        ended=ended,
        can_cancel=can_cancel(row),
        left=in_words(queries.pace(row, here.now).seconds_left),
        speed=queries.pace(row, here.now).per_second,
        origin=task_results.origin_of(row),
        result=task_results.shown(me(), here.session, row) if ended else None,
        kept_until=local(row.created_at + JOBS_FOR),
        **_next_look(row, ended),
    )


@bp.post("/<public_id>/cancel")
@staff
def cancel(public_id: str) -> AnyResponse:
    """Stop between two batches; what is done stays done. One that has ended stays as it is."""
    with changing() as change:
        row = queries.own(change.session, me().account_id, public_id)
        cancel_job(change, row)
        stopped, origin = row.cancel_asked, task_results.origin_of(row)
    return see(origin[1] if origin else url_for(".show", public_id=public_id), "已请求停止" if stopped else None)


def in_words(seconds: float | None) -> str:
    """How long that is, roughly: "" when unknown.

    >>> in_words(None), in_words(3), in_words(42), in_words(130), in_words(7300)
    ('', '马上就好', '还要约 40 秒', '还要约 2 分钟', '还要约 2 小时')
    """
    if seconds is None:
        return ""
    if seconds < SHORT:
        return "马上就好"
    if seconds < MINUTE:
        return f"还要约 {max(round(seconds / 10), 1) * 10} 秒"
    if seconds < HOUR:
        return f"还要约 {round(seconds / MINUTE)} 分钟"
    return f"还要约 {round(seconds / HOUR)} 小时"


def _next_look(row: Job, ended: bool) -> dict[str, Any]:
    """When this page looks again: with growing gaps, and no more after ten minutes or the end."""
    gap = min(max(_number("gap"), FIRST_GAP), LONGEST_GAP)
    looked = _number("looked")
    tenth = 10 * (row.done * 10 // row.total) if row.total else 0
    told = _number("told") if "told" in request.args else tenth
    address = url_for(
        ".show", public_id=row.public_id, gap=min(gap + 1, LONGEST_GAP), looked=looked + gap, told=max(told, tenth)
    )
    return {
        "again": None if ended or looked >= LOOK_FOR else address,
        "gap": gap,
        "say": is_htmx() and (ended or tenth > told),
    }


def _number(name: str) -> int:
    typed = request.args.get(name, "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 5 else 0
