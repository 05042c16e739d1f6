"""What the public may see of the tree: how far each committee has come. Structure and sums only (L1)."""

from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from app.kernel.errors import NotFound
from app.league.organisations.counters import figures_below, figures_of
from app.league.organisations.models import Kind, Organisation, OrganisationStatus

Child = aliased(Organisation)


def public_figures(session: Session) -> dict[str, int]:
    """The whole province: ``people`` and ``organisations`` in use; zeros before anything is planted."""
    root = session.scalar(select(Organisation.path).where(Organisation.parent_id.is_(None)))
    if root is None:
        return {"people": 0, "organisations": 0}
    in_use = select(func.count()).where(Organisation.in_use, Organisation.status == OrganisationStatus.OPEN)
    people = figures_of(session, [root])[root].get("people", 0)
    return {"people": people, "organisations": session.execute(in_use).scalar_one()}


def public_coverage(session: Session, public_id: str | None) -> list[dict[str, Any]]:
    """The committees below one (None: below the province), the empty ones left out except cities and counties.

    Each as {"public_id", "name", "code", "people", "has_children"}. Raises NotFound for an unknown or closed parent.
    """
    query = select(Organisation.id, Organisation.path).where(Organisation.status == OrganisationStatus.OPEN)
    query = query.where(Organisation.public_id == public_id if public_id else Organisation.parent_id.is_(None))
    parent = session.execute(query).one_or_none()
    if parent is None:
        if public_id is None:
            return []
        raise NotFound
    has_children = select(Child.id).where(Child.parent_id == Organisation.id, Child.in_use).exists()
    rows = session.execute(
        select(Organisation.public_id, Organisation.name, Organisation.code, Organisation.path, has_children)
        .where(Organisation.parent_id == parent.id, Organisation.status == OrganisationStatus.OPEN)
        .where(or_(Organisation.in_use, Organisation.kind.in_((Kind.CITY, Kind.COUNTY))))
        .order_by(Organisation.path)
    ).all()
    figures = figures_below(session, parent.path)
    return [
        {
            "public_id": public_id,
            "name": name,
            "code": code,
            "people": figures.get(path, {}).get("people", 0),
            "has_children": below,
        }
        for public_id, name, code, path, below in rows
    ]
