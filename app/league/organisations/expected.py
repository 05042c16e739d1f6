"""总数: how many people the branches of a subtree expect, by their rosters or, where there is none, by number."""

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from app.kernel.db.types import PATH_STEP, path_end
from app.league.organisations.models import Kind, Organisation, OrganisationCounter, OrganisationStatus

LISTS = (Kind.BRANCH, Kind.GENERAL_BRANCH)
"""What keeps a roster of names."""


def totals_below(session: Session, parent: Organisation) -> dict[str, int]:
    """Path of each organisation directly under ``parent`` → its subtree's 总数, and of ``parent`` itself its own.

    A roster comes before an expected number; a committee's own number counts where its branches name none.
    """
    width = len(parent.path) + PATH_STEP
    child = func.substr(Organisation.path, 1, width)
    roster = OrganisationCounter.value
    by_names = case((roster > 0, roster), else_=Organisation.expected_members)
    lists = case((Organisation.kind.in_(LISTS), by_names), else_=0)
    own = case((Organisation.path == child, Organisation.expected_members), else_=0)
    rows = session.execute(
        select(child, func.sum(lists), func.sum(own))
        .outerjoin(
            OrganisationCounter,
            and_(OrganisationCounter.organisation_id == Organisation.id, OrganisationCounter.measure == "roster"),
        )
        .where(Organisation.path >= parent.path, Organisation.path < path_end(parent.path))
        .where(Organisation.status == OrganisationStatus.OPEN)
        .group_by(child)
    )
    return {path: int(named or by_number) for path, named, by_number in rows}
