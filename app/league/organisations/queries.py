"""Reading the tree: within a scope for staff, open organisations alone for the public."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import Session

from app.kernel.access.scope import Scope
from app.kernel.audit.events import known
from app.kernel.audit.models import AuditEntry
from app.kernel.db import reading
from app.kernel.db.types import path_chain, path_end
from app.kernel.errors import NotFound
from app.league.organisations.models import IN_USE, Kind, Organisation, OrganisationStatus
from app.league.organisations.names import fold

MOST = 200
_OPEN = Organisation.status == OrganisationStatus.OPEN
_BY_PUBLIC_ID = select(Organisation).where(Organisation.public_id == bindparam("public_id"))


def by_public_id(scope: Scope, session: Session, public_id: str) -> Organisation:
    """The organisation, open or not. Raises NotFound when it is absent or outside the scope."""
    found = session.scalars(_BY_PUBLIC_ID, {"public_id": public_id}).one_or_none()
    scope.require(found.path if found else None)
    assert found is not None
    return found


def find_open(session: Session, public_id: str) -> Organisation:
    """An open organisation, for applicants choosing one. Raises NotFound when it is absent or closed."""
    found = session.scalars(select(Organisation).where(Organisation.public_id == public_id, _OPEN)).one_or_none()
    if found is None:
        raise NotFound
    return found


def root(session: Session) -> Organisation:
    """The province. Raises NotFound before it is planted."""
    found = session.scalars(select(Organisation).where(Organisation.parent_id.is_(None))).first()
    if found is None:
        raise NotFound
    return found


def search_public(
    session: Session, fragment: str, *, parent_public_id: str | None = None, limit: int = 20
) -> list[Organisation]:
    """Open organisations with ``fragment`` in a name, another name, the pinyin or the initials, best first.

    ``parent_public_id``: only inside that organisation. Several words must all be found.
    """
    query = select(Organisation).where(_OPEN)
    if parent_public_id:
        above = find_open(session, parent_public_id)
        query = query.where(Organisation.path > above.path, Organisation.path < path_end(above.path))
    return _found(session, query, fragment, limit)


def search(
    scope: Scope,
    session: Session,
    fragment: str,
    *,
    limit: int = 50,
    closed: bool = False,
    kinds: Collection[Kind] | None = None,
    outside: Organisation | None = None,
) -> list[Organisation]:
    """The same for staff: nothing from outside the scope. ``closed``: abolished and merged ones too.

    ``kinds``: these alone. ``outside``: none at or below this one.
    """
    query = select(Organisation).where(scope.within(Organisation.path))
    if not closed:
        query = query.where(_OPEN)
    if kinds is not None:
        query = query.where(Organisation.kind.in_(kinds))
    if outside is not None:
        query = query.where(or_(Organisation.path < outside.path, Organisation.path >= path_end(outside.path)))
    return _found(session, query, fragment, limit)


def children_public(session: Session, public_id: str | None) -> list[Organisation]:
    """The open organisations directly under one; None: under the province. Raises NotFound."""
    above = find_open(session, public_id) if public_id else root(session)
    return list(session.scalars(_children(above.id).where(_OPEN)))


def children(
    scope: Scope, session: Session, parent: Organisation, *, in_use: bool = False, after: int = 0, size: int = MOST
) -> list[Organisation]:
    """What stands directly under ``parent`` inside the scope, in order of making; ``after``: the last id seen."""
    query = _children(parent.id).where(_OPEN, scope.within(Organisation.path), Organisation.id > after)
    if in_use:
        query = query.where(Organisation.in_use.is_(True))
    return list(session.scalars(query.limit(size)))


_NAMED_BELOW = (
    select(Organisation.public_id, Organisation.name, Organisation.path)
    .where(Organisation.parent_id.in_(bindparam("parents", expanding=True)), _OPEN, Organisation.in_use.is_(True))
    .order_by(Organisation.parent_id, Organisation.id)
    .limit(MOST)
)


class Named(NamedTuple):
    """An organisation to choose from a list."""

    public_id: str
    name: str


def named_below(scope: Scope, session: Session, parent_ids: Collection[int]) -> list[Named]:
    """What is in use directly under some organisations, inside the scope, in order of making."""
    found = reading.rows(session, _NAMED_BELOW, parents=parent_ids)
    return [Named(public_id, name) for public_id, name, path in found if scope.covers(path)]


def children_of(session: Session, parent: Organisation) -> list[Organisation]:
    """Every open organisation directly under one the caller already holds."""
    return list(session.scalars(_children(parent.id).where(_OPEN)))


def ancestors(session: Session, path: str) -> list[Organisation]:
    """From the province down to the organisation directly above ``path``."""
    return chain(session, path)[:-1]


def chain(session: Session, path: str) -> list[Organisation]:
    """From the province down to the organisation at ``path`` itself."""
    at = path_chain(path)
    return list(session.scalars(_AT, {"paths": at}))


_AT = select(Organisation).where(Organisation.path.in_(bindparam("paths", expanding=True))).order_by(Organisation.path)


def above(session: Session, organisation: Organisation) -> Organisation | None:
    """The organisation directly above one the caller already holds; None for the province."""
    return session.get(Organisation, organisation.parent_id) if organisation.parent_id else None


def merged_into(scope: Scope, session: Session, organisation: Organisation) -> Organisation | None:
    """What an organisation went over into; None when it did not, or outside the scope."""
    heir = session.get(Organisation, organisation.merged_into_id) if organisation.merged_into_id else None
    return heir if heir and scope.covers(heir.path) else None


def place_names(session: Session, ids: Collection[int]) -> dict[int, str]:
    """id → full name."""
    if not ids:
        return {}
    query = select(Organisation.id, Organisation.full_name).where(Organisation.id.in_(ids))
    return {row.id: row.full_name for row in session.execute(query)}


def names_at(session: Session, paths: Collection[str]) -> dict[str, str]:
    """path → full name."""
    query = select(Organisation.path, Organisation.full_name).where(Organisation.path.in_(paths))
    return {row.path: row.full_name for row in session.execute(query)}


def count_in_use(scope: Scope, session: Session, path: str) -> int:
    """How many organisations at and below ``path`` have files or an administrator (已启用), inside the scope."""
    inside = scope.narrowed(path)
    if inside.subtree:
        [(number,)] = reading.rows(session, _IN_USE_BELOW, low=inside.subtree, high=path_end(inside.subtree))
    else:
        [(number,)] = reading.rows(session, _IN_USE.where(inside.within(Organisation.path)))
    return int(number)


_IN_USE = select(func.count()).select_from(Organisation).where(IN_USE)
_IN_USE_BELOW = _IN_USE.where(Organisation.path >= bindparam("low"), Organisation.path < bindparam("high"))


def parents_with_children(session: Session, ids: Sequence[int]) -> set[int]:
    """Which of ``ids`` have an open organisation below them."""
    query = select(Organisation.parent_id).where(Organisation.parent_id.in_(ids), _OPEN).distinct()
    return {parent for parent in session.scalars(query) if parent is not None}


def tops(scope: Scope, session: Session) -> list[Organisation]:
    """Where the scope begins: the organisations from which a tree page opens."""
    at = {part.path for part in scope.parts}
    highest = [path for path in at if not any(path != other and path.startswith(other) for other in at)]
    return list(session.scalars(select(Organisation).where(Organisation.path.in_(highest)).order_by(Organisation.path)))


class LastChange(NamedTuple):
    """Who changed an organisation last."""

    by: str
    at: datetime
    words: str


def last_change(session: Session, organisation: Organisation) -> LastChange | None:
    """The last entry about an organisation the caller may already see; None when there is none."""
    row = session.execute(
        select(AuditEntry.actor_name, AuditEntry.at, AuditEntry.action)
        .where(AuditEntry.object_type == "organisation", AuditEntry.object_id == organisation.public_id)
        .order_by(AuditEntry.id.desc())
        .limit(1)
    ).one_or_none()
    return LastChange(row.actor_name, row.at, known(row.action)) if row else None


def heirs(scope: Scope, session: Session, organisation: Organisation, kinds: Collection[Kind]) -> list[Organisation]:
    """What could take over from ``organisation``: what it stands under and beside, of ``kinds``, inside the scope."""
    near = or_(Organisation.id == organisation.parent_id, Organisation.parent_id == organisation.parent_id)
    query = select(Organisation).where(near, _OPEN, scope.within(Organisation.path), Organisation.kind.in_(kinds))
    query = query.where(Organisation.id != organisation.id).order_by(Organisation.path).limit(MOST)
    return list(session.scalars(query))


def names_below(session: Session, parent: Organisation) -> dict[str, Organisation]:
    """Folded name → open organisation directly under ``parent``."""
    return {fold(row.name): row for row in session.scalars(_children(parent.id).where(_OPEN))}


def _children(parent_id: int) -> Select[Organisation]:
    return select(Organisation).where(Organisation.parent_id == parent_id).order_by(Organisation.id)


def _found(session: Session, query: Select[Any], fragment: str, limit: int) -> list[Organisation]:
    words = [folded for word in fragment.split()[:6] if (folded := fold(word)[:60])]
    if not words:
        return []
    text = Organisation.search_text
    whole = "".join(words)
    rank = case(
        (text.startswith(whole + "\n", autoescape=True), 0), (text.startswith(whole, autoescape=True), 1), else_=2
    )
    found = and_(*(text.contains(word, autoescape=True) for word in words))
    order = (rank, Organisation.in_use.desc(), Organisation.depth, Organisation.path)
    return list(session.scalars(query.where(found).order_by(*order).limit(limit)))
