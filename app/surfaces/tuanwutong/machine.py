"""How the machine is, for system administrators: no file, no name of a youth is ever shown here."""

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel import checking
from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.kernel.backup import regular
from app.kernel.health import latest_jobs, signs
from app.kernel.jobs.models import JobState
from app.kernel.jobs.operations import by_public_id, can_cancel, enqueue
from app.kernel.jobs.operations import cancel as cancel_job
from app.surfaces.web.house import changing, work
from app.surfaces.web.pages import page, see

bp = Blueprint("machine", __name__, url_prefix="/twt/machine")
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
        can_cancel=can_cancel,
        can_back_up=bool(here.settings.backup_dir and here.settings.backup_passphrase_file),
    )


@bp.post("/verify")
@needs(Power.MACHINE_OPERATE)
def verify() -> AnyResponse:
    """核对: every invariant, as a job."""
    return _begin(checking.VERIFY)


@bp.post("/chain")
@needs(Power.MACHINE_OPERATE)
def chain() -> AnyResponse:
    """核对审计: entries, seals and anchor, as a job."""
    return _begin(checking.CHAIN)


@bp.post("/backup")
@needs(Power.MACHINE_OPERATE)
def backup() -> AnyResponse:
    """备份: a regular backup, as a job."""
    return _begin(regular.JOB)


@bp.post("/jobs/<public_id>/cancel")
@needs(Power.MACHINE_OPERATE)
def cancel(public_id: str) -> AnyResponse:
    """Ask a job to stop. One that has ended stays as it is."""
    with changing() as change:
        cancel_job(change, by_public_id(change.session, public_id))
    return see(url_for(".index"), "已请求取消")


def _begin(kind: str) -> AnyResponse:
    with changing(request.form.get("once")) as change:
        row = enqueue(change, kind, {})
        change.outcome = url_for("tasks.show", public_id=row.public_id)
    return see(change.outcome)
