"""What a task's page shows at its end, kind by kind, under the rights its starter has now."""

from collections.abc import Callable
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from app.kernel import checking
from app.kernel.access.powers import Power
from app.kernel.access.viewer import Viewer
from app.kernel.backup import regular
from app.kernel.jobs import queries as jobs
from app.kernel.jobs.models import Job
from app.league.exports import tasks as exports
from app.league.exports.operations import MAKE
from app.league.organisations import batches
from app.league.organisations import tasks as reshaping
from app.surfaces.web.house import changing, me, work

Facts = dict[str, Any]
Look = Callable[[Viewer, Session, Job], Facts | None]


def shown(viewer: Viewer, session: Session, row: Job) -> Facts | None:
    """The template and its facts; None when there is no result, or its starter may no longer see it."""
    found = KINDS.get(row.kind)
    if found is None or row.result is None:
        return None
    template, look = found
    facts = look(viewer, session, row)
    return None if facts is None else {"template": f"tuanwutong/tasks/{template}", **facts}


def origin_of(row: Job) -> tuple[str, str] | None:
    """What is said of, and where stands, the page that ``row`` works for; that page looks at the rights itself."""
    for name, (said, endpoint) in ORIGINS.items():
        if row.kind.startswith(f"{endpoint.split('.')[0]}.") and name in row.payload:
            return said, url_for(endpoint, public_id=row.payload[name])
    return None


def note_seen(name: str, public_id: str) -> None:
    """Who sees what a task has come to on the page of the thing itself need not look at the task too."""
    found = [row for row in jobs.unseen_ends(work().session, me().account_id) if row.payload.get(name) == public_id]
    if found:
        with changing() as change:
            for row in found:
                jobs.mark_seen(change, row)


def _machine(viewer: Viewer, _session: Session, row: Job) -> Facts | None:
    return row.result if viewer.has(Power.MACHINE_OPERATE) else None


ORIGINS = {"batch": ("看这次导入", "imports.show"), "export": ("看这份导出", "exports.show")}
"""What a payload names → the page of it."""
KINDS: dict[str, tuple[str, Look]] = {
    checking.VERIFY: ("_verified.html", _machine),
    regular.JOB: ("_backed_up.html", _machine),
    checking.CHAIN: ("_chain.html", _machine),
    batches.PASTE: ("_pasted.html", batches.result_of),
    MAKE: ("_exported.html", exports.result_of),
    **dict.fromkeys((reshaping.MOVE, reshaping.MERGE, reshaping.CLOSE), ("_reshaped.html", reshaping.result_of)),
}
