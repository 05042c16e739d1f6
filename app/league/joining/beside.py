"""What stands beside an application on its card: names like it on the roster, the record before it, how it climbed."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from sqlalchemy import select

from app.kernel.access.powers import Power
from app.kernel.access.viewer import Viewer
from app.kernel.clock import local_date
from app.kernel.work import Work
from app.league.joining import cards, flags
from app.league.joining.akin import Akin
from app.league.joining.cards import Difference
from app.league.joining.escalation import Climb, climbs
from app.league.joining.models import JoinRequest, RosterEntry
from app.league.joining.nearest import likeness
from app.league.joining.states import COUNT_AS_FILLED, NAMES
from app.league.people.models import FileState, Person

MOST_NAMES = 3
ALIKE = 0.7
"""A hint is given for names nearer than the flag's own nearest: one that is only a little like it would mislead."""
MOST_EARLIER = 5


class Near(NamedTuple):
    """A name on the roster that looks or sounds like the applicant's. ``letters``: each with whether it differs."""

    letters: list[tuple[str, bool]]
    student_number: str
    filled: bool
    """Whether somebody's application stands for it already."""


@dataclass(frozen=True)
class Earlier:
    """The same person's record from before. ``lines``: what differs; ``same``: how many facts do not."""

    title: str
    lines: list[Difference]
    same: int


@dataclass(frozen=True)
class Beside:
    """All of it, inside the viewer's scope."""

    near: list[Near]
    earlier: Earlier | None
    climbs: list[Climb]


def beside(work: Work, viewer: Viewer, request: JoinRequest, same: Akin) -> Beside:
    """What stands beside ``request``, which the viewer may see. ``same``: what else is of this person."""
    return Beside(
        near=_near(work, request) if _is_off_roster(request) else [],
        earlier=_earlier(work, viewer, request, same),
        climbs=climbs(work.session, request) if request.escalated_at else [],
    )


def _is_off_roster(request: JoinRequest) -> bool:
    return any(flag["code"] in flags.ROSTER_CODES for flag in request.flags)


def _near(work: Work, request: JoinRequest) -> list[Near]:
    taken = select(JoinRequest.id).where(
        JoinRequest.roster_entry_id == RosterEntry.id, JoinRequest.state.in_(COUNT_AS_FILLED)
    )
    query = select(RosterEntry.name, RosterEntry.student_number, taken.exists()).where(
        RosterEntry.organisation_id == request.organisation_id, RosterEntry.removed_at.is_(None)
    )
    rated = [
        (likeness(request.name, name), name, number, filled) for name, number, filled in work.session.execute(query)
    ]
    best = sorted((row for row in rated if row[0] >= ALIKE), key=lambda row: (-row[0], row[1]))[:MOST_NAMES]
    return [Near(_letters(request.name, name), number, bool(filled)) for _, name, number, filled in best]


def _letters(said: str, kept: str) -> list[tuple[str, bool]]:
    """The characters of ``kept``, each with whether ``said`` has it in that place.

    >>> _letters("张翔", "张祥")
    [('张', False), ('祥', True)]
    """
    alike = {at for block in SequenceMatcher(None, said, kept).get_matching_blocks() for at in _places(block)}
    return [(letter, at not in alike) for at, letter in enumerate(kept)]


def _places(block: Any) -> range:
    return range(block.b, block.b + block.size)


def _earlier(work: Work, viewer: Viewer, request: JoinRequest, same: Akin) -> Earlier | None:
    """The last application of the same account or number that came to an end, or the file it once led to."""
    for key in same.ended[:MOST_EARLIER]:
        old = work.session.get_one(JoinRequest, key)
        file = work.session.get(Person, old.person_id) if old.person_id else None
        if file is not None and file.state is FileState.CLOSED:
            if viewer.scope(Power.PEOPLE_READ).covers(file.org_path):
                return _compared(
                    work, request, file, f"以前的电子档案，{local_date(file.closed_at or file.created_at)} 关闭"
                )
        elif file is None and viewer.scope(Power.JOINING_READ).covers(old.org_path):
            return _compared(work, request, old, f"上一份申请，{local_date(old.submitted_at)} 提交，{NAMES[old.state]}")
    return None


def _compared(work: Work, request: JoinRequest, old: JoinRequest | Person, title: str) -> Earlier:
    now = _said(cards.facts_of(work, request), cards.masked_number(work, request))
    then = _said(cards.facts_of(work, old), cards.masked_number(work, old))
    labels = {name: label for name, label, _ in (*now, *then)}
    here, there = ({name: value for name, _, value in side} for side in (now, then))
    lines = [
        Difference(label, here.get(name, ""), there.get(name, ""), True)
        for name, label in labels.items()
        if here.get(name, "") != there.get(name, "")
    ]
    return Earlier(title, lines, len(labels) - len(lines))


def _said(facts: Any, number: str) -> Sequence[tuple[str, str, str]]:
    return [("id_number", "证件号码", number), *facts]
