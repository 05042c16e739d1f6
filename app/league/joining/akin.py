"""Who else has the number of an application: files and other applications, found together before any of them is read."""

from collections import defaultdict
from typing import NamedTuple

from sqlalchemy import BindParameter, Integer, bindparam, literal, or_, select, union_all

from app.kernel.db import reading
from app.kernel.work import Work
from app.league.joining.models import OPEN_STATES, JoinRequest
from app.league.people.models import FileState, Person
from app.league.people.protect import ID_NUMBER, open_id_number

FILE, OPEN, ENDED = "file", "open", "ended"
_SAME: BindParameter[str] = bindparam("indexes", expanding=True)
_OTHER = JoinRequest.id != bindparam("id")
_NUMBERED = JoinRequest.id_number_index.in_(_SAME)
_ALIKE = union_all(
    select(literal(FILE), Person.id).where(Person.id_number_index.in_(_SAME), Person.state != FileState.CLOSED),
    select(literal(OPEN), JoinRequest.id).where(_NUMBERED, _OTHER, JoinRequest.state.in_(OPEN_STATES)),
    select(literal(ENDED), JoinRequest.id).where(
        or_(_NUMBERED, JoinRequest.account_id == bindparam("account", type_=Integer)),
        _OTHER,
        JoinRequest.state.not_in(OPEN_STATES),
    ),
)


class Akin(NamedTuple):
    """Ids of what is of the same person, wherever it stands: each is checked against a scope before it is shown."""

    files: list[int]
    """Files that are not closed."""
    open: list[int]
    """Other applications with the number that are under way."""
    ended: list[int]
    """Applications of the number or the account that came to an end, the latest first."""


def akin(work: Work, request: JoinRequest) -> Akin:
    """What else is of the person who sent ``request``, in one statement; for most there is nothing."""
    indexes = work.vault.indexes(ID_NUMBER, open_id_number(work.vault, request))
    found: dict[str, list[int]] = defaultdict(list)
    for kind, key in reading.rows(work.session, _ALIKE, indexes=indexes, id=request.id, account=request.account_id):
        found[kind].append(key)
    return Akin(sorted(found[FILE]), sorted(found[OPEN]), sorted(found[ENDED], reverse=True))
