"""Where one may apply: finding it, and what to say of an organisation that takes nobody any more."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.db.types import path_chain
from app.kernel.errors import NotFound
from app.league.joining.operations import PLACES
from app.league.organisations import queries
from app.league.organisations.models import Kind, Organisation, OrganisationStatus
from app.league.organisations.rules import KIND_NAMES

FOUND_AT_ONCE = 20
SHORT = 15


@dataclass(frozen=True)
class Place:
    """An organisation as an applicant chooses it. ``above``: the names over it, the province left out."""

    public_id: str
    name: str
    kind: Kind
    above: tuple[str, ...]
    takes: bool
    """Whether one may apply here."""
    opens: bool
    """Whether something stands below it."""

    @property
    def is_branch(self) -> bool:
        """Whether one's search ends here."""
        return self.kind is Kind.BRANCH


def find(session: Session, public_id: str) -> Organisation:
    """The organisation, open or closed. Raises NotFound."""
    found = session.scalars(select(Organisation).where(Organisation.public_id == public_id)).one_or_none()
    if found is None:
        raise NotFound
    return found


def search(session: Session, fragment: str, under: str | None = None) -> list[Place]:
    """Open organisations with ``fragment`` in a name, the pinyin or the initials."""
    found = queries.search_public(session, fragment, parent_public_id=under, limit=FOUND_AT_ONCE)
    return places(session, [row for row in found if row.kind is not Kind.PROVINCE])


def below(session: Session, under: str | None) -> list[Place]:
    """What stands directly under one organisation, under the province when none is named. Raises NotFound."""
    return places(session, queries.children_public(session, under))


def by_kind(found: Sequence[Place]) -> list[tuple[str, list[Place]]]:
    """A long list of several kinds in its parts, each with the kind's name; a short one as it is, without a name."""
    kinds = dict.fromkeys(place.kind for place in found)
    if len(found) <= SHORT or len(kinds) == 1:
        return [("", list(found))]
    return [(KIND_NAMES[kind], [place for place in found if place.kind is kind]) for kind in kinds]


def places(session: Session, rows: Sequence[Organisation]) -> list[Place]:
    """``rows`` with the names above them, in a handful of statements however many there are."""
    ids = {row.id: row for row in rows}
    wanted = {path for row in rows for path in _chain(row)}
    names = {
        row.path: row.name
        for row in session.execute(select(Organisation.path, Organisation.name).where(Organisation.path.in_(wanted)))
    }
    parents = queries.parents_with_children(session, list(ids))
    return [
        Place(
            row.public_id,
            row.name,
            row.kind,
            tuple(names[path] for path in _chain(row)),
            row.kind in PLACES,
            row.id in parents,
        )
        for row in rows
    ]


def successor(session: Session, closed: Organisation) -> Organisation | None:
    """Who takes the applicants of a closed organisation: the one it was merged into, else the nearest open one above."""
    seen: set[int] = set()
    here: Organisation | None = closed
    while here is not None and here.status is not OrganisationStatus.OPEN and here.id not in seen:
        seen.add(here.id)
        onward = here.merged_into_id or here.parent_id
        here = session.get(Organisation, onward) if onward else None
    return here if here is not None and here.kind in PLACES else None


def _chain(row: Organisation) -> list[str]:
    return path_chain(row.path)[1:-1]
