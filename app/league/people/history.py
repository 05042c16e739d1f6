"""What a file said before: every change of a field is noted, and the file as of any day is rebuilt backwards."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.kernel.clock import SHANGHAI
from app.kernel.db import bulk
from app.kernel.db.base import table_of
from app.kernel.vault import Vault
from app.kernel.work import Work
from app.league.organisations.queries import place_names
from app.league.people.codes import FILE_STATES
from app.league.people.fields import FIELDS, label
from app.league.people.models import FileState, Person, PersonChange, Standing

CREATED = "created"
"""The pseudo-field of a file's first line: before it there was nothing."""
CAUSES: Mapping[str, str] = {
    CREATED: "建档",
    "claim": "认领",
    "correction": "更正",
    "edit": "修改",
    "import": "导入",
    "move": "转移",
    "review": "审核",
    "undo": "撤销",
}
_DATES = ("birth_date", "joined_league_on")


@dataclass(frozen=True)
class Line:
    """One change, in words for people; protected values masked."""

    at: datetime
    label: str
    old: str
    new: str
    cause: str
    by: str
    reason: str


def note(
    work: Work, person: Person, changes: Mapping[str, tuple[Any, Any]], cause: str, reason: str = ""
) -> dict[str, tuple[Any, Any]]:
    """Write down ``changes`` (field → before, after) and return those that are changes indeed.

    Protected values come in the clear and are sealed here.
    """
    real = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    rows = [
        {
            "person_id": person.id,
            "at": work.now,
            "field": name,
            "old": keep(work.vault, name, old),
            "new": keep(work.vault, name, new),
            "cause": cause,
            "actor_account_id": work.actor.account_id,
            "actor_name": work.actor.name,
            "reason": reason,
        }
        for name, (old, new) in real.items()
    ]
    if rows:
        work.session.execute(insert(PersonChange), rows)
    return real


def note_imported(work: Work, files: Iterable[tuple[int, str]]) -> None:
    """The first line of files that a list brought. ``files``: (id, full name of the organisation)."""
    row = {
        "at": work.now, "field": CREATED, "old": None, "cause": "import", "reason": "",
        "actor_account_id": work.actor.account_id, "actor_name": work.actor.name,
    }  # fmt: skip
    bulk.put_many(work.session, table_of(PersonChange), [{**row, "person_id": key, "new": name} for key, name in files])


def keep(vault: Vault, name: str, value: Any) -> str | None:
    """A field's value as a line of the history keeps it: text, sealed when protected."""
    if value is None or value == "":
        return None if value is None else ""
    text = value.isoformat() if isinstance(value, date) else str(value)
    return vault.seal(name, text) if name in FIELDS and FIELDS[name].protected else text


def read(vault: Vault, name: str, kept: str | None) -> Any:
    """What ``keep`` was given."""
    if not kept:
        return kept
    if name in FIELDS and FIELDS[name].protected:
        return vault.open(name, kept)
    if name in _DATES:
        return date.fromisoformat(kept)
    if name == "standing":
        return Standing(kept)
    if name == "state":
        return FileState(kept)
    return int(kept) if name == "organisation_id" else kept


def changes_of(session: Session, person_id: int, *, after: datetime | None = None) -> list[PersonChange]:
    """The lines of one file, newest first; ``after``: only later ones."""
    query = select(PersonChange).where(PersonChange.person_id == person_id).order_by(PersonChange.id.desc())
    if after is not None:
        query = query.where(PersonChange.at > after)
    return list(session.scalars(query))


def lines(work: Work, person: Person) -> list[Line]:
    """The whole history of a file the caller may see, newest first."""
    rows = changes_of(work.session, person.id)
    places = _places(work.session, rows)
    return [
        Line(
            row.at,
            label(row.field),
            _say(work.vault, row.field, row.old, places),
            _say(work.vault, row.field, row.new, places),
            CAUSES.get(row.cause, row.cause),
            row.actor_name,
            row.reason,
        )
        for row in rows
    ]


def as_of(work: Work, person: Person, day: date) -> dict[str, Any] | None:
    """Field → value at the end of ``day`` (Asia/Shanghai); None when there was no file yet.

    Starts from what the file says now and takes every later change back, the newest first.
    """
    return before(work, person, end_of(day))


def before(work: Work, person: Person, moment: datetime) -> dict[str, Any] | None:
    """Field → value as it stood at ``moment``; None when there was no file yet."""
    if person.created_at > moment:
        return None
    values = present(work, person)
    for row in changes_of(work.session, person.id, after=moment):
        if row.field != CREATED:
            values[row.field] = read(work.vault, row.field, row.old)
    return values


def present(work: Work, person: Person) -> dict[str, Any]:
    """Field → value as the file says now, its place and state included; protected values in the clear."""
    values = {name: value_of(work.vault, person, name) for name in FIELDS}
    return {**values, "organisation_id": person.organisation_id, "state": person.state}


def value_of(vault: Vault, row: Any, name: str) -> Any:
    """The value of one field of a file or an application; a protected one in the clear."""
    if name in FIELDS and FIELDS[name].protected:
        sealed = getattr(row, f"{name}_sealed")
        return vault.open(name, sealed) if sealed else ""
    return getattr(row, name)


def end_of(day: date) -> datetime:
    """The last instant of ``day`` in Asia/Shanghai."""
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI).astimezone(UTC) - timedelta(microseconds=1)


def _places(session: Session, rows: Iterable[PersonChange]) -> dict[int, str]:
    moves = (row for row in rows if row.field == "organisation_id")
    ids = {int(text) for row in moves for text in (row.old, row.new) if text}
    return place_names(session, ids)


def _say(vault: Vault, name: str, kept: str | None, places: Mapping[int, str]) -> str:
    value = read(vault, name, kept)
    if not value:
        return ""
    if name == "organisation_id":
        return places.get(value, "")
    if name == "state":
        return FILE_STATES[value]
    return FIELDS[name].show(value) if name in FIELDS else str(value)
