"""What a view declares of itself. A view that declares nothing keeps the application from starting.

The declaration is data on the function; the surfaces enforce it before the view runs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from app.kernel.access.powers import Power

View = TypeVar("View", bound=Callable[..., object])


@dataclass(frozen=True)
class Gate:
    """``kind``: public, own (signed in, one's own things), power, staff (any appointment), demonstration."""

    kind: str
    power: Power | None = None
    reason: str = ""


def public(reason: str) -> Callable[[View], View]:
    """Open to anyone; ``reason`` says why that is right."""
    return _declare(Gate("public", reason=reason))


def own(view: View) -> View:
    """Signed in, and about oneself."""
    return _declare(Gate("own"))(view)


def staff(view: View) -> View:
    """Anyone with a live appointment: the desk, the switch of organisation, one's own history."""
    return _declare(Gate("staff"))(view)


def needs(power: Power) -> Callable[[View], View]:
    """Needs ``power`` somewhere; the object itself is checked by the scope."""
    return _declare(Gate("power", power=power))


def demonstration(view: View) -> View:
    """Exists in demonstration mode alone."""
    return _declare(Gate("demonstration"))(view)


def gate_of(view: Callable[..., object]) -> Gate | None:
    """What ``view`` declared."""
    return getattr(view, "gate", None)


def _declare(gate: Gate) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.gate = gate  # type: ignore[attr-defined]
        return view

    return mark
