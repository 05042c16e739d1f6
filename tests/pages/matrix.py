"""The pieces the tables of pages are written with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.world import STAFF

PERSONAS = ("anonymous", "youth", "other_youth", *(name for name, _, _ in STAFF))
Thing = Callable[..., Mapping[str, Any]]


@dataclass(frozen=True)
class Row:
    """``method`` and ``rule`` as the URL map has it; persona → status; the thing whose names fill the rule.

    ``otherwise``: the answer to signed-in personas the row does not name. ``visitor``: the answer to ``anonymous``.
    ``body``: what is sent as JSON, for a row of the API.
    """

    method: str
    rule: str
    expected: Mapping[str, int] = field(default_factory=dict)
    thing: str | None = None
    otherwise: int = 404
    visitor: int = 303
    body: Mapping[str, Any] | None = None

    def status_for(self, persona: str) -> int:
        """What the table says ``persona`` gets."""
        default = self.visitor if persona == "anonymous" else self.otherwise
        return self.expected.get(persona, default)


def everyone(status: int) -> dict[str, int]:
    """The same for all, visitors included."""
    return dict.fromkeys(PERSONAS, status)


def signed_in(status: int) -> dict[str, int]:
    """The same for all who are signed in."""
    return {name: status for name in PERSONAS if name != "anonymous"}


def staff(status: int) -> dict[str, int]:
    """The same for everybody with an appointment."""
    return {name: status for name, _, _ in STAFF}


def named(status: int, *names: str) -> dict[str, int]:
    """The same for those named."""
    return dict.fromkeys(names, status)
