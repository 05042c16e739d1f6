"""Moving, merging and closing something large: the same functions as in a request, run by the worker.

Paths, counters, files and posts must change together, so that nobody ever meets half a tree: the job is one transaction
that also ends the job. It can be stopped before it begins, never in the middle; a worker that dies leaves nothing behind
and another does it from the start.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.kernel.access.powers import Power
from app.kernel.access.viewer import Viewer
from app.kernel.db.unit import writing
from app.kernel.errors import NotFound, Refused
from app.kernel.jobs.models import Job
from app.kernel.jobs.operations import Run, enqueue, job
from app.kernel.work import Actor, Work
from app.league.accounts.models import Account, AccountStatus
from app.league.appointments.queries import live_posts
from app.league.organisations import closing, consequences, queries, reshaping
from app.league.organisations.models import Organisation

MOVE, MERGE, CLOSE = "organisations.move", "organisations.merge", "organisations.close"
Asked = Mapping[str, Any]


def is_long(work: Work, organisation: Organisation) -> bool:
    """Whether a change of ``organisation`` and all below it is work for the worker."""
    return consequences.of(work, organisation).is_long


def leave(work: Work, kind: str, title: str, organisation: Organisation, **asked: Any) -> Job:
    """Leave the change to the worker, in the name of whoever asks and under the post chosen in the switch.

    ``asked``: the other arguments of the operation; organisations by public id. The caller has checked what can be said
    at once; everything is checked again when it is done.
    """
    payload = {"organisation": organisation.public_id, "under": work.actor.appointment_id, **asked}
    return enqueue(work, kind, payload, consequences.of(work, organisation).rows, title)


@job(MOVE, "移动团组织", whole=True)
def move(run: Run) -> None:
    """换上级."""
    _do(run, Power.ORGANISATIONS_MOVE, _move)


@job(MERGE, "合并团组织", whole=True)
def merge(run: Run) -> None:
    """合并."""
    _do(run, Power.ORGANISATIONS_MERGE, _merge)


@job(CLOSE, "撤销团组织", whole=True)
def close(run: Run) -> None:
    """撤销."""
    _do(run, Power.ORGANISATIONS_CLOSE, _close)


def result_of(viewer: Viewer, session: Session, row: Job) -> dict[str, Any] | None:
    """Where to look at what came of ``row``; None when ``viewer`` may not see it (any more)."""
    try:
        wanted = (row.result or {}).get("organisation", "")
        place = queries.by_public_id(viewer.scope(Power.ORGANISATIONS_READ), session, wanted)
    except NotFound:
        return None
    return {"organisation": place, "rows": row.total}


Change = Callable[[Work, Viewer, Organisation, Asked], Organisation]


def _do(run: Run, power: Power, change: Change) -> None:
    """Change and end of the job in one transaction."""
    run.progress(0, note="正在一次办完全部改动")
    with writing(run.work.session):
        viewer = in_the_name_of(run.work, run)
        row = queries.by_public_id(viewer.scope(power), run.work.session, run.payload["organisation"])
        place = change(run.work, viewer, row, run.payload)
        run.finish({"organisation": place.public_id})


def _move(work: Work, viewer: Viewer, row: Organisation, asked: Asked) -> Organisation:
    parent = queries.by_public_id(viewer.scope(Power.ORGANISATIONS_CREATE), work.session, asked["to"])
    reshaping.move(work, viewer, row, parent, version=asked["version"])
    return row


def _merge(work: Work, viewer: Viewer, row: Organisation, asked: Asked) -> Organisation:
    target = queries.by_public_id(viewer.scope(Power.ORGANISATIONS_MERGE), work.session, asked["to"])
    reshaping.merge(work, viewer, row, target, version=asked["version"], target_version=asked["to_version"])
    return target


def _close(work: Work, viewer: Viewer, row: Organisation, asked: Asked) -> Organisation:
    def heir(power: Power, public_id: str) -> Organisation | None:
        return queries.by_public_id(viewer.scope(power), work.session, public_id) if public_id else None

    closing.close(
        work,
        viewer,
        row,
        version=asked["version"],
        reason=asked["reason"],
        requests_to=heir(Power.JOINING_DECIDE, asked["requests_to"]),
        children_to=heir(Power.ORGANISATIONS_CREATE, asked["children_to"]),
    )
    return reshaping.above_of(work, row)


def in_the_name_of(work: Work, run: Run) -> Viewer:
    """Whoever left the job, with the rights of this moment; the audit names this person."""
    account = work.session.get(Account, run.account_id) if run.account_id is not None else None
    if account is None or account.status is not AccountStatus.ACTIVE:
        raise Refused("提交任务的账号已停用")
    posts = live_posts(work.session, account.id, work.today)
    acting = next((post for post in posts if post.appointment_id == run.payload["under"]), None)
    if acting is None:
        raise Refused("提交任务时用的职务已经结束")
    viewer = Viewer(account.id, account.public_id, account.name, account.person_id, posts, acting)
    work.actor = Actor.of(viewer)
    return viewer
