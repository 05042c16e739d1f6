"""Reading files: lists page by key inside a scope, one file by its public id."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, tuple_
from sqlalchemy.orm import Session

from app.kernel.access.scope import Scope
from app.kernel.clock import age_on
from app.kernel.db import reading
from app.kernel.db.types import path_end
from app.kernel.errors import NotFound
from app.kernel.masking import mask_id_number, mask_phone
from app.kernel.vault import Vault
from app.kernel.work import Work
from app.league.accounts.models import Account
from app.league.organisations import counters
from app.league.organisations.models import Organisation
from app.league.people.models import FileState, Membership, Person, Standing
from app.league.people.protect import ID_NUMBER, PHONE
from app.league.people.search import Wanted, sought

SIZE = 50
ADULT = 18
"""Under it a person is a minor (未成年人保护法 第二条)."""
_LISTED = select(
    Person.public_id,
    Person.name,
    Person.standing,
    Person.state,
    Person.id_number_sealed,
    Person.phone_sealed,
    Organisation.full_name,
).join(Organisation, Organisation.id == Person.organisation_id)


_WHOLE = (
    _LISTED.where(Person.org_path < bindparam("high"), Person.state != FileState.CLOSED)
    .order_by(Person.org_path, Person.id)
    .limit(bindparam("size"))
)
_FIRST = _WHOLE.where(Person.org_path >= bindparam("low"))
_NEXT = _WHOLE.where(tuple_(Person.org_path, Person.id) > tuple_(bindparam("path"), bindparam("id")))
"""One whole subtree, which most look at; the lower bound is said once (``Scope.behind``)."""
_PLACE = select(Person.org_path, Person.id).where(Person.public_id == bindparam("public_id"))


@dataclass(frozen=True)
class Filter:
    """What part of the scope is listed. ``wanted``: what somebody looks for."""

    path: str | None = None
    standing: Standing | None = None
    state: FileState | None = None
    wanted: Wanted | None = None


class Row(NamedTuple):
    """One line of a list; protected facts are masked."""

    public_id: str
    name: str
    standing: Standing
    state: FileState
    id_number: str
    phone: str
    place: str


def listed(
    scope: Scope, session: Session, vault: Vault, chosen: Filter, *, after: str | None = None, size: int = SIZE
) -> list[Row]:
    """Files in the order of the tree, or of their age when something is looked for.

    ``after``: the public id of the last one seen.

    Without a state closed files are left out. Raises NotFound for a place or an ``after`` outside the scope.
    """
    inside = scope.narrowed(chosen.path) if chosen.path else scope
    last = _place(scope, session, after) if after else None
    if inside.subtree and chosen == Filter(chosen.path) and (last is None or inside.covers(last.org_path)):
        values = {"high": path_end(inside.subtree), "size": size}
        if last is None:
            return _masked(vault, reading.rows(session, _FIRST, low=inside.subtree, **values))
        return _masked(vault, reading.rows(session, _NEXT, path=last.org_path, id=last.id, **values))
    query = _LISTED.where(Person.state == chosen.state if chosen.state else Person.state != FileState.CLOSED).limit(
        size
    )
    if chosen.standing:
        query = query.where(Person.standing == chosen.standing)
    if chosen.wanted:
        query = sought(query, chosen.wanted, inside, session, vault)
        query = query.where(Person.id > last.id) if last else query
    else:
        path, key = Person.org_path, Person.id
        placed = inside.behind(path, key, (last.org_path, last.id)) if last else inside.within(path)
        query = query.where(placed).order_by(path, key)
    return _masked(vault, reading.rows(session, query))


def _place(scope: Scope, session: Session, public_id: str) -> Any:
    """(org_path, id) of a file. Raises NotFound when it is absent or outside the scope."""
    found = reading.rows(session, _PLACE, public_id=public_id)
    scope.require(found[0].org_path if found else None)
    return found[0]


def _masked(vault: Vault, found: Iterable[Any]) -> list[Row]:
    return [
        Row(
            public_id,
            name,
            standing,
            state,
            mask_id_number(vault.open(ID_NUMBER, number)),
            mask_phone(vault.open(PHONE, phone)) if phone else "",
            place,
        )
        for public_id, name, standing, state, number, phone, place in found
    ]


_BY_PUBLIC_ID = select(Person).where(Person.public_id == bindparam("public_id"))


def by_public_id(scope: Scope, session: Session, public_id: str) -> Person:
    """One file. Raises NotFound when it is absent or outside the scope."""
    found = session.scalars(_BY_PUBLIC_ID, {"public_id": public_id}).one_or_none()
    scope.require(found.org_path if found else None)
    assert found is not None
    return found


def own(work: Work) -> Person:
    """The viewer's own file. Raises NotFound when there is none."""
    person_id = work.viewer.person_id if work.viewer else None
    found = work.session.get(Person, person_id) if person_id else None
    if found is None:
        raise NotFound
    return found


def figure(scope: Scope, session: Session, path: str | None) -> int:
    """How many files stand in the scope, or at and below ``path`` in it, by the counters."""
    parts = scope.narrowed(path).parts if path else scope.parts
    tops = [p.path for p in parts if not any(q.path != p.path and p.path.startswith(q.path) for q in parts)]
    found = counters.figures_of(session, sorted(set(tops)), "people")
    return sum(figures.get("people", 0) for figures in found.values())


def owner_id(session: Session, person: Person) -> int | None:
    """The id of the account a file belongs to."""
    found = reading.rows(session, _OWNER, person=person.id)
    return found[0][0] if found else None


def memberships(session: Session, person: Person) -> Sequence[tuple[str, date, date | None, str]]:
    """团籍 of a file, oldest first: (branch, from, until, why it ended)."""
    return [(row[0], row[1], row[2], row[3]) for row in reading.rows(session, _MEMBERSHIPS, person=person.id)]


_OWNER = select(Account.id).where(Account.person_id == bindparam("person"))
_MEMBERSHIPS = (
    select(Organisation.full_name, Membership.from_on, Membership.until_on, Membership.end_reason)
    .join(Organisation, Organisation.id == Membership.organisation_id)
    .where(Membership.person_id == bindparam("person"))
    .order_by(Membership.id)
)


def is_minor(person: Person, today: date) -> bool:
    """Whether the person is under 18: who looks at a minor's data is told apart (未成年人网络保护条例 第三十六条)."""
    return age_on(person.birth_date, today) < ADULT
