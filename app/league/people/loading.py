"""Many files at once: through the same encryption, counters and audit as one, in few statements."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert

from app.kernel.audit.record import entry, record_all
from app.kernel.ids import new_public_id
from app.kernel.work import Work
from app.league.organisations import counters
from app.league.organisations.models import Organisation
from app.league.organisations.operations import refresh_in_use
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


def load(work: Work, organisation: Organisation, files: Iterable[NewFile], *, verified: bool = True) -> int:
    """Put ``files`` on record at ``organisation``: files, memberships, audit entries and counters in one go.

    ``verified``: False leaves them waiting to be claimed and reviewed. Runs in the caller's transaction and checks no
    duplicates: the unique index on live ID numbers does. Returns how many.
    """
    rows = [_row(work, organisation, file, verified) for file in files]
    if not rows:
        return 0
    kept = work.session.execute(
        insert(Person).returning(Person.id, Person.public_id, Person.standing, sort_by_parameter_order=True), rows
    ).all()
    members = [
        {"person_id": person_id, "organisation_id": organisation.id, "from_on": _since(row, work.today)}
        for (person_id, _, standing), row in zip(kept, rows, strict=True)
        if standing is Standing.MEMBER
    ]
    if members:
        work.session.execute(insert(Membership), members)
    record_all(
        work,
        [
            entry(work, "people:file:load", "person", public_id, org_path=organisation.path, person_id=person_id)
            for person_id, public_id, _ in kept
        ],
    )
    moved = {"people": len(rows)}
    for row in rows:
        moved[row["standing"].value] = moved.get(row["standing"].value, 0) + 1
    counters.move(work.session, organisation.path, moved)
    refresh_in_use(work, organisation.path)
    return len(rows)


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
