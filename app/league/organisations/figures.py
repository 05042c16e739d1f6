"""The figures of a subtree, all from counters and marks: nothing is counted over files."""

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.kernel.access.scope import Scope
from app.kernel.db.types import path_end
from app.kernel.errors import NotFound
from app.league.organisations import counters
from app.league.organisations.models import Organisation, OrganisationStatus

MEASURES = ("people", "member", "eligible_youth", "over_age_youth", "pending", "filled", "approved", "roster")


def of(scope: Scope, session: Session, path: str) -> dict[str, int]:
    """Every measure of the subtree at ``path``, zeros too, and ``organisations``: how many are in use (已启用).

    Raises NotFound outside the scope.
    """
    found = counters.figures(scope, session, path)
    in_use = session.scalar(
        select(func.count())
        .select_from(Organisation)
        .where(Organisation.path >= path, Organisation.path < path_end(path), scope.within(Organisation.path))
        .where(Organisation.status == OrganisationStatus.OPEN, Organisation.in_use)
    )
    return {"people": 0, "organisations": in_use or 0} | {name: found.get(name, 0) for name in MEASURES}


def find(scope: Scope, session: Session, code: str | None) -> Organisation:
    """The organisation with that code, public id or whole name; the root for None. Raises NotFound."""
    named = or_(Organisation.code == code, Organisation.public_id == code, Organisation.name == code)
    wanted = Organisation.parent_id.is_(None) if code is None else named
    row = session.scalars(select(Organisation).where(wanted).order_by(Organisation.path).limit(1)).one_or_none()
    scope.require(row.path if row else None)
    if row is None:
        raise NotFound
    return row
