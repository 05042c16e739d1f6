"""An invented application as the review desk's card shows one: the same facts, the same marks, no rows behind it."""

from dataclasses import dataclass, field
from typing import Any

from app.kernel.errors import Invalid
from app.kernel.masking import mask_id_number, mask_phone
from app.league.joining import numbers
from app.league.joining.cards import Fact, at_a_glance
from app.league.joining.models import PracticeRun, RequestState
from app.league.joining.practice import cases, day_of
from app.league.joining.practice_cases import Case
from app.league.people.fields import FIELDS
from app.league.people.models import Standing

PLACE = "练习学校 › 练习班"


@dataclass(frozen=True)
class InventedPlace:
    """Where the invented people apply."""

    full_name: str = PLACE


@dataclass(frozen=True)
class InventedRequest:
    """What the card reads of an application."""

    name: str
    flags: list[dict[str, Any]]
    state: RequestState = RequestState.SUBMITTED
    escalated_at: None = None


@dataclass(frozen=True)
class InventedCard:
    """The shape of ``cards.Card`` as far as the partial of its facts reads it."""

    request: InventedRequest
    facts: list[Fact]
    id_number: str
    id_checks: bool
    on_roster: bool
    place: InventedPlace = field(default_factory=InventedPlace)
    waiting_days: int = 0
    overdue: bool = False
    waits: bool = True
    changes: tuple[()] = ()

    @property
    def glance(self) -> list[Fact]:
        """The facts that are looked at first."""
        return at_a_glance(self.facts)


def card(run: PracticeRun, number: int) -> InventedCard:
    """The card ``number`` (0 …) of a run."""
    case = cases(run)[number]
    flagged = {name for flag in case.flags for name in flag["fields"]}
    return InventedCard(
        InventedRequest(case.facts.name, case.flags),
        [Fact(name, label, value, name in flagged) for name, label, value in _facts(case)],
        mask_id_number(case.facts.id_number),
        _holds(case, run),
        not any(flag["code"] == "F05" for flag in case.flags),
    )


def _facts(case: Case) -> list[tuple[str, str, str]]:
    member = case.facts.standing is Standing.MEMBER
    told = [known for known in FIELDS.values() if known.name != "id_number" and (member or not known.members_only)]
    values = {known.name: getattr(case.facts, known.name) for known in told}
    return [
        (
            known.name,
            known.label,
            mask_phone(values["phone"]) if known.name == "phone" else known.show(values[known.name]),
        )
        for known in told
    ]


def _holds(case: Case, run: PracticeRun) -> bool:
    try:
        numbers.clean_document_number(case.facts.id_type, case.facts.id_number, day_of(run))
    except Invalid:
        return False
    return True
