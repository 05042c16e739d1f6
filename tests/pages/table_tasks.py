"""Tasks: each sees those he started, and nobody another's."""

from app.kernel.jobs.models import Job
from tests import factories as make
from tests.pages.matrix import Row, staff


def task_of_the_school(world, session, _vault) -> dict[str, str]:
    """A task that the school's secretary started."""
    row = Job(kind="count", title="移动", payload={}, created_at=make.NOW, account_id=world.people["school_s"].id)
    session.add(row)
    session.flush()
    return {"public_id": row.public_id}


THINGS = {"task": task_of_the_school}
ROWS = [
    Row("GET", "/twt/jobs", staff(200)),
    Row("GET", "/twt/jobs/<public_id>", {"school_s": 200}, thing="task"),
    Row("POST", "/twt/jobs/<public_id>/cancel", {"school_s": 303}, thing="task"),
]
