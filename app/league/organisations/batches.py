"""A pasted list of names made into organisations, and the result of every line, which stays."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.access.powers import Power
from app.kernel.access.scope import Scope
from app.kernel.access.viewer import Viewer
from app.kernel.db.unit import writing
from app.kernel.errors import Invalid, NotFound
from app.kernel.jobs.models import Job
from app.kernel.jobs.operations import Run, enqueue, job
from app.kernel.work import Work
from app.league.organisations import operations, pasting, queries
from app.league.organisations.models import Kind, Organisation, OrganisationBatch, OrganisationStatus
from app.league.organisations.operations import New
from app.league.organisations.tasks import in_the_name_of

LONG = 200
"""More lines than this are made by the worker (design: nothing long in a request)."""
STEP = 100
"""Lines in one transaction: between two of them the job can be stopped."""
PASTE = "organisations.paste"


def make(work: Work, parent: Organisation, kind: Kind, text: str) -> OrganisationBatch:
    """Make what can be made of the pasted ``text`` under ``parent`` and keep what became of each line.

    Raises Invalid when no line can be made.
    """
    operations.hold_names(work, parent)
    lines = pasting.read(text, set(queries.names_below(work.session, parent)))
    if all(line.fault for line in lines):
        raise Invalid({"names": "没有可以新建的名称"})
    batch = _begin(work, parent, kind)
    _add(work, parent, batch, lines)
    return batch


def leave(work: Work, parent: Organisation, kind: Kind, text: str) -> Job:
    """Leave a long list to the worker. Raises Invalid when no line can be made."""
    lines = pasting.read(text, set(queries.names_below(work.session, parent)))
    if all(line.fault for line in lines):
        raise Invalid({"names": "没有可以新建的名称"})
    batch = _begin(work, parent, kind)
    payload = {
        "parent": parent.public_id, "batch": batch.public_id, "names": text, "under": work.actor.appointment_id,
    }  # fmt: skip
    return enqueue(work, PASTE, payload, len(lines), f"在{parent.name}下面批量新建")


@job(PASTE, "批量新建团组织")
def paste(run: Run) -> dict[str, str]:
    """Make the lines, a hundred in each transaction; a run that begins again goes on after the last of them."""
    names = {"parent": run.payload["parent"], "batch": run.payload["batch"]}
    while run.done < run.total and not run.cancelled:
        with writing(run.work.session):
            scope = in_the_name_of(run.work, run).scope(Power.ORGANISATIONS_CREATE)
            parent = queries.by_public_id(scope, run.work.session, names["parent"])
            batch = by_public_id(scope, run.work.session, parent, names["batch"])
            operations.hold_names(run.work, parent)
            lines = pasting.read(run.payload["names"], set(queries.names_below(run.work.session, parent)))
            _add(run.work, parent, batch, lines[run.done : run.done + STEP])
            run.progress(min(run.done + STEP, run.total), note=f"最近一行：{batch.lines[-1]['name'][:40]}")
    return names


def _begin(work: Work, parent: Organisation, kind: Kind) -> OrganisationBatch:
    batch = OrganisationBatch(parent_id=parent.id, kind=kind, made_at=work.now, made_by_name=work.actor.name, lines=[])
    work.session.add(batch)
    work.session.flush()
    return batch


def _add(work: Work, parent: Organisation, batch: OrganisationBatch, lines: list[pasting.Line]) -> None:
    """Make the good ones of ``lines`` and keep what became of each."""
    good = [line for line in lines if not line.fault]
    rows = operations.create_many(work, parent, [New(batch.kind, line.name, line.expected) for line in good])
    made = {line.number: row.public_id for line, row in zip(good, rows, strict=True)}
    batch.lines = [
        *batch.lines,
        *(
            {
                "number": line.number,
                "name": line.name or line.typed,
                "expected": line.expected,
                "fault": line.fault,
                "made": made.get(line.number, ""),
            }
            for line in lines
        ),
    ]
    work.session.flush()


def result_of(viewer: Viewer, session: Session, row: Job) -> dict[str, Any] | None:
    """The batch that ``row`` made; None when ``viewer`` may not see it (any more)."""
    scope, named = viewer.scope(Power.ORGANISATIONS_CREATE), row.result or {}
    try:
        parent = queries.by_public_id(scope, session, named["parent"])
        batch = by_public_id(scope, session, parent, named["batch"])
    except NotFound:
        return None
    made = sum(bool(line["made"]) for line in batch.lines)
    return {"parent": parent, "batch": batch, "made": made, "left": len(batch.lines) - made}


def by_public_id(scope: Scope, session: Session, parent: Organisation, public_id: str) -> OrganisationBatch:
    """One result under ``parent``. Raises NotFound for an absent and for a foreign one alike."""
    scope.require(parent.path)
    query = select(OrganisationBatch).where(OrganisationBatch.parent_id == parent.id)
    found = session.scalars(query.where(OrganisationBatch.public_id == public_id)).one_or_none()
    if found is None:
        raise NotFound
    return found


def made_now(scope: Scope, session: Session, batch: OrganisationBatch) -> list[Organisation]:
    """The organisations of a batch as they are called today, in the order of the list; what was closed is left out."""
    wanted = [line["made"] for line in batch.lines if line["made"]]
    rows = session.scalars(
        select(Organisation)
        .where(Organisation.public_id.in_(wanted), scope.within(Organisation.path))
        .where(Organisation.status == OrganisationStatus.OPEN)
    )
    found = {row.public_id: row for row in rows}
    return [found[public_id] for public_id in wanted if public_id in found]
