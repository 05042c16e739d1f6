"""A pasted list of names made into organisations, and the result of every line, which stays."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.access.scope import Scope
from app.kernel.errors import Invalid, NotFound
from app.kernel.work import Work
from app.league.organisations import operations, pasting, queries
from app.league.organisations.models import Kind, Organisation, OrganisationBatch, OrganisationStatus
from app.league.organisations.operations import New


def make(work: Work, parent: Organisation, kind: Kind, text: str) -> OrganisationBatch:
    """Make what can be made of the pasted ``text`` under ``parent`` and keep what became of each line.

    Raises Invalid when no line can be made.
    """
    lines = pasting.read(text, set(queries.names_below(work.session, parent)))
    good = [line for line in lines if not line.fault]
    if not good:
        raise Invalid({"names": "没有可以新建的名称"})
    rows = operations.create_many(work, parent, [New(kind, line.name, line.expected) for line in good])
    made = {line.number: row.public_id for line, row in zip(good, rows, strict=True)}
    batch = OrganisationBatch(
        parent_id=parent.id,
        kind=kind,
        made_at=work.now,
        made_by_name=work.actor.name,
        lines=[
            {
                "number": line.number,
                "name": line.name or line.typed,
                "expected": line.expected,
                "fault": line.fault,
                "made": made.get(line.number, ""),
            }
            for line in lines
        ],
    )
    work.session.add(batch)
    work.session.flush()
    return batch


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
