"""The columns one may choose, and how a person becomes a line of text."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.kernel.masking import mask_id_number, mask_phone
from app.kernel.vault import Vault
from app.league.organisations.models import Organisation
from app.league.people.codes import EDUCATIONS, FILE_STATES, ID_TYPES, POLITICAL_STATUSES, SEXES, STANDINGS, ethnicities
from app.league.people.fields import FIELDS
from app.league.people.models import Person
from app.league.people.protect import ID_NUMBER, PHONE

LABELS: Mapping[str, str] = {
    "name": FIELDS["name"].label,
    "place": "团组织",
    "standing": FIELDS["standing"].label,
    **{field.name: field.label for field in FIELDS.values() if field.name not in ("name", "standing")},
    "state": "档案状态",
}
"""Every column in the order of the file."""
FEWEST = ("name", "place", "standing")
"""What most purposes need."""
NUMBERS = {"id_number": (ID_NUMBER, mask_id_number), "phone": (PHONE, mask_phone)}
"""Protected columns: purpose of the seal and mask."""
_CODED: Mapping[str, Callable[[], Mapping[str, str]]] = {
    "education": lambda: EDUCATIONS,
    "ethnicity": ethnicities,
    "id_type": lambda: ID_TYPES,
    "political_status": lambda: POLITICAL_STATUSES,
    "sex": lambda: SEXES,
    "standing": lambda: STANDINGS,
    "state": lambda: FILE_STATES,
}
Say = Callable[[Any], str]


def in_order(chosen: Sequence[str]) -> list[str]:
    """The chosen ones that exist, in the order of the file."""
    return [name for name in LABELS if name in chosen]


def selected(name: str) -> Any:
    """The column of the database behind ``name``."""
    if name == "place":
        return Organisation.full_name
    return getattr(Person, f"{name}_sealed" if name in NUMBERS else name)


def sayers(names: Sequence[str], vault: Vault, *, whole: bool) -> list[Say]:
    """One function for each column, from the database's value to text. ``whole``: numbers unmasked."""
    return [_sayer(name, vault, whole) for name in names]


def _sayer(name: str, vault: Vault, whole: bool) -> Say:
    if name in NUMBERS:
        purpose, mask = NUMBERS[name]
        if whole:
            return lambda sealed: vault.open(purpose, sealed) if sealed else ""
        return lambda sealed: mask(vault.open(purpose, sealed)) if sealed else ""
    if name in _CODED:
        known = dict(_CODED[name]())
        return lambda code: known.get(code, "")
    return lambda value: "" if value is None else str(value)
