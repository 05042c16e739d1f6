"""What generated files said before: a line of history for every twelfth of them, years back or last week."""

import random
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from app.kernel.audit.record import entry, record_all
from app.kernel.db import bulk
from app.kernel.db.base import table_of
from app.kernel.work import Work
from app.league.accounts.models import Account
from app.league.invented import NATIVE_PLACES
from app.league.people.models import Person, PersonChange

ONE_IN = 12
FIELD = "native_place"


def write(work: Work, dice: random.Random, paths: Sequence[str], reviewer: Account) -> None:
    """Note that some files at ``paths`` had another native place before ``reviewer`` put it right."""
    columns = (Person.id, Person.public_id, Person.org_path, Person.created_at, Person.native_place)
    rows = work.session.execute(select(*columns).where(Person.org_path.in_(paths)).order_by(Person.id)).all()
    changes, entries = [], []
    for person_id, public_id, path, created_at, native_place in rows:
        if dice.randrange(ONE_IN):
            continue
        seconds = max(int((work.now - created_at).total_seconds()), 1)
        before = dice.choice([other for other in NATIVE_PLACES if other != native_place])
        changes.append(
            {
                "person_id": person_id,
                "at": created_at + timedelta(seconds=dice.randrange(seconds)),
                "field": FIELD,
                "old": before,
                "new": native_place,
                "cause": "edit",
                "actor_account_id": reviewer.id,
                "actor_name": reviewer.name,
            }
        )
        values = {FIELD: (before, native_place)}
        entries.append(
            entry(work, "people:file:edit", "person", public_id, org_path=path, person_id=person_id, changes=values)
        )
    if changes:
        bulk.put_many(work.session, table_of(PersonChange), changes)
        record_all(work, entries)
