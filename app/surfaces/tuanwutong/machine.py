"""How the machine is, for system administrators: no file, no name of a youth is ever shown here."""

from flask import Blueprint, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.kernel.errors import NotFound
from app.kernel.health import latest_jobs, signs
from app.kernel.jobs.models import Job, JobState
from app.kernel.jobs.operations import cancel as cancel_job
from app.kernel.jobs.operations import title_of
from app.surfaces.web.house import changing, work
from app.surfaces.web.pages import page, see

bp = Blueprint("machine", __name__, url_prefix="/twt/machine")
OPEN = (JobState.QUEUED, JobState.RUNNING)
STATES = {
    JobState.QUEUED: "排队",
    JobState.RUNNING: "进行中",
    JobState.DONE: "完成",
    JobState.FAILED: "失败",
    JobState.CANCELLED: "已取消",
}
TONES = {JobState.RUNNING: "wait", JobState.DONE: "good", JobState.FAILED: "stop"}


@bp.get("")
@needs(Power.MACHINE_OPERATE)
def index() -> AnyResponse:
    """Signs of health and the newest jobs."""
    here = work()
    return page(
        "tuanwutong/machine/index.html",
        signs=list(signs(here)),
        jobs=latest_jobs(here),
        states=STATES,
        tones=TONES,
        open_states=OPEN,
        title_of=title_of,
    )


@bp.post("/jobs/<public_id>/cancel")
@needs(Power.MACHINE_OPERATE)
def cancel(public_id: str) -> AnyResponse:
    """Ask a job to stop. One that has ended stays as it is."""
    with changing() as change:
        row = change.session.scalars(select(Job).where(Job.public_id == public_id)).one_or_none()
        if row is None:
            raise NotFound
        if row.state in OPEN:
            cancel_job(change, row)
    return see(url_for(".index"), "已请求取消")
