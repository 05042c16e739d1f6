"""What a task's page shows at its end, kind by kind, under the rights its starter has now."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from app.kernel import checking
from app.kernel.access.powers import Power
from app.kernel.access.viewer import Viewer
from app.kernel.backup import regular
from app.kernel.jobs.models import Job
from app.league.exports import tasks as exports
from app.league.exports.operations import MAKE
from app.league.organisations import batches
from app.league.organisations import tasks as reshaping

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


def _machine(viewer: Viewer, _session: Session, row: Job) -> Facts | None:
    return row.result if viewer.has(Power.MACHINE_OPERATE) else None


KINDS: dict[str, tuple[str, Look]] = {
    checking.VERIFY: ("_verified.html", _machine),
    regular.JOB: ("_backed_up.html", _machine),
    checking.CHAIN: ("_chain.html", _machine),
    batches.PASTE: ("_pasted.html", batches.result_of),
    MAKE: ("_exported.html", exports.result_of),
    **dict.fromkeys((reshaping.MOVE, reshaping.MERGE, reshaping.CLOSE), ("_reshaped.html", reshaping.result_of)),
}
