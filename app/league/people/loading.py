"""Many files at once: through the same encryption, counters and audit as one, in few statements."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.kernel.audit.record import entry, record_all
from app.kernel.db import bulk
from app.kernel.db.base import table_of
from app.kernel.ids import new_public_id
from app.kernel.work import Work
from app.league.organisations import counters
from app.league.organisations.models import Organisation
from app.league.organisations.operations import mark_in_use
from app.league.people import events as events
from app.league.people.models import Door, FileState, Membership, Person, Standing
from app.league.people.protect import seal_file_fields


@dataclass(frozen=True)
class NewFile:
    """One file to load. ``facts``: values of the plain columns; ``since``: when the file was made."""

    facts: Mapping[str, Any]
    id_number: str
    phone: str
    since: datetime


def load(
    work: Work, groups: Iterable[tuple[Organisation, Iterable[NewFile]]], *, verified: bool = True
) -> list[tuple[int, str]]:
    """Put files on record, each group at its organisation: files, memberships, audit entries, counters in one go.

    ``verified``: False leaves them waiting to be claimed and reviewed. Runs in the caller's transaction and checks no
    duplicates: the unique index on live ID numbers does. Returns (id, public id) of each, in order.
    """
    rows = [_row(work, place, file, verified) for place, files in groups for file in files]
    if not rows:
        return []
    ids = bulk.put_numbered(work.session, table_of(Person), rows)
    kept = [(person_id, row["public_id"]) for person_id, row in zip(ids, rows, strict=True)]
    _enrol(work, rows, ids)
    record_all(
        work,
        [
            entry(work, "people:file:load", "person", public_id, org_path=row["org_path"], person_id=person_id)
            for (person_id, public_id), row in zip(kept, rows, strict=True)
        ],
    )
    _count(work, rows)
    return kept


def _enrol(work: Work, rows: Sequence[Mapping[str, Any]], ids: Sequence[int]) -> None:
    """团籍 for those who are members."""
    members = [
        {"person_id": person_id, "organisation_id": row["organisation_id"], "from_on": _since(row, work.today)}
        for person_id, row in zip(ids, rows, strict=True)
        if row["standing"] is Standing.MEMBER
    ]
    bulk.put_many(work.session, table_of(Membership), members)


def _count(work: Work, rows: Sequence[Mapping[str, Any]]) -> None:
    moved: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        moved[row["org_path"]].update(("people", row["standing"].value))
    counters.move_all(work.session, moved)
    mark_in_use(work.session, moved)


def _row(work: Work, organisation: Organisation, file: NewFile, verified: bool) -> dict[str, Any]:
    return {
        **file.facts,
        **seal_file_fields(work.vault, file.id_number, file.phone),
        "public_id": new_public_id(),
        "organisation_id": organisation.id,
        "org_path": organisation.path,
        "door": Door.IMPORT,
        "state": FileState.ACTIVE if verified else FileState.WAITING,
        "verified": verified,
        "created_at": file.since,
        "approved_at": file.since if verified else None,
    }


def _since(row: Mapping[str, Any], today: date) -> date:
    joined: date | None = row.get("joined_league_on")
    return joined or today
