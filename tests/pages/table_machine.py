"""Who looks after the machine: the system administrator alone."""

from app.kernel.jobs.models import Job
from tests import factories as make
from tests.pages.matrix import Row


def waiting_job(_world, session, _vault) -> dict[str, str]:
    """A job that has not begun."""
    row = Job(kind="count", payload={}, created_at=make.NOW)
    session.add(row)
    session.flush()
    return {"public_id": row.public_id}


THINGS = {"job": waiting_job}
ROWS = [
    Row("GET", "/twt/machine", {"system": 200}),
    Row("POST", "/twt/machine/backup", {"system": 303}),
    Row("POST", "/twt/machine/verify", {"system": 303}),
    Row("POST", "/twt/machine/chain", {"system": 303}),
    Row("POST", "/twt/machine/jobs/<public_id>/cancel", {"system": 303}, thing="job"),
]
