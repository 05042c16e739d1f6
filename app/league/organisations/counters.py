"""Numbers per organisation, moved in the transaction that changes them.

Measures: people (all files), member, eligible_youth, over_age_youth, pending, roster, filled, approved.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kernel.access.scope import Scope
from app.kernel.db.types import path_chain, path_end
from app.kernel.db.unit import upsert
from app.league.organisations.models import Organisation, OrganisationCounter

KEPT_FROM_DEPTH = 2
"""From this depth down a row holds its whole subtree; above it only what stands there directly."""


def move(session: Session, path: str, deltas: Mapping[str, int]) -> None:
    """Add ``deltas`` (measure → change) for something that stands at ``path``, at every level that keeps a row.

    Rows are taken from the root down, so that two writers meet in the same order.
    """
    chain = path_chain(path)
    kept = chain[KEPT_FROM_DEPTH:] or [path]
    ids = session.execute(
        select(Organisation.id).where(Organisation.path.in_(kept)).order_by(Organisation.path)
    ).scalars()
    rows = [
        {"organisation_id": organisation_id, "measure": measure, "value": change}
        for organisation_id in ids
        for measure, change in sorted(deltas.items())
        if change
    ]
    if rows:
        table = OrganisationCounter.__table__
        statement = upsert(session, table).values(rows)  # type: ignore[arg-type]
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["organisation_id", "measure"],
                set_={"value": table.c.value + statement.excluded.value},
            )
        )


def figures(scope: Scope, session: Session, path: str) -> dict[str, int]:
    """Every measure for the subtree at ``path``. Raises NotFound outside the scope."""
    scope.require(path)
    return figures_of(session, [path]).get(path, {})


def figures_of(session: Session, paths: Iterable[str]) -> dict[str, dict[str, int]]:
    """path → measure → value for several subtrees the caller may already see."""
    found: dict[str, dict[str, int]] = {}
    for path in paths:
        deepest = max(len(path_chain(path)) - 1, KEPT_FROM_DEPTH)
        rows = session.execute(
            select(OrganisationCounter.measure, func.sum(OrganisationCounter.value))
            .join(Organisation, Organisation.id == OrganisationCounter.organisation_id)
            .where(Organisation.path >= path, Organisation.path < path_end(path), Organisation.depth <= deepest)
            .group_by(OrganisationCounter.measure)
        )
        found[path] = {measure: int(value) for measure, value in rows}
    return found
