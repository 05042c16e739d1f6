"""The worker is killed in the middle of a large merger, again and again: nothing is ever half moved."""

import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kernel.audit.models import AuditEntry
from app.kernel.jobs.models import Job, JobState
from app.kernel.vault import Vault
from app.league.appointments.models import Appointment
from app.league.organisations import tasks
from app.league.organisations.models import Organisation, OrganisationStatus
from app.league.people.models import Membership, Person, PersonChange
from tests import world as worlds
from tests.faults.server import Instance
from tests.faults.workers import Worker, a_minute_goes_by, looking_into, state_of, wait_until
from tests.organisations.truth import person

KILLS = 3
FILES = 400


@pytest.fixture
def kept(instance: Instance) -> Iterator[Session]:
    """A session on the instance's database, from outside the worker."""
    with looking_into(instance) as session:
        yield session


@pytest.fixture
def merger(instance: Instance, kept: Session) -> Job:
    """The merger of a branch with many files into its neighbour, left for the worker."""
    world = worlds.build(kept, Vault.load(instance.folder / "keys.json"))
    vault = Vault.load(instance.folder / "keys.json")
    for _ in range(FILES):
        person(kept, vault, world.branch_b1)
    world.branch_b1.in_use = True
    asker = world.people["school_s"]
    under = kept.scalars(select(Appointment.id).where(Appointment.account_id == asker.id)).one()
    payload = {"organisation": world.branch_b1.public_id, "to": world.branch_b2.public_id, "under": under}
    payload |= {"version": world.branch_b1.version, "to_version": world.branch_b2.version}
    row = Job(kind=tasks.MERGE, payload=payload, total=FILES, created_at=datetime.now(UTC), account_id=asker.id)
    kept.add(row)
    kept.commit()
    return row


def standing(kept: Session) -> dict[str, tuple[int, ...]]:
    """Files and open memberships by organisation, which only ever move together."""
    kept.rollback()
    counted = {}
    for public_id, name in kept.execute(select(Organisation.id, Organisation.name)).all():
        files = kept.scalar(select(func.count()).select_from(Person).where(Person.organisation_id == public_id))
        open_here = (Membership.organisation_id == public_id, Membership.until_on.is_(None))
        members = kept.scalar(select(func.count()).select_from(Membership).where(*open_here))
        if files or members:
            counted[name] = (files, members)
    return counted


@pytest.mark.slow
@pytest.mark.timeout(200)
def test_a_killed_merger_leaves_nothing_behind_and_is_done_once_at_last(
    instance: Instance, kept: Session, merger: Job
) -> None:
    dice, cut_short, before = random.Random(2016), 0, standing(kept)
    worker = Worker(instance)
    for _ in range(KILLS):
        worker.start()
        wait_until(kept, JobState.RUNNING, JobState.DONE)
        time.sleep(dice.uniform(0.01, 0.08))
        worker.kill()
        if state_of(kept) is JobState.DONE:
            break
        cut_short += 1
        assert standing(kept) == before
        assert kept.scalar(select(func.count()).select_from(AuditEntry)) == 0
        a_minute_goes_by(kept)
    assert cut_short >= 1, "no kill fell into the work"
    worker.start()
    assert wait_until(kept, JobState.DONE, within=60) is JobState.DONE
    worker.stop()
    assert [files for files, _ in standing(kept).values()] == [FILES]
    assert standing(kept) != before
    moved = select(func.count()).select_from(PersonChange).where(PersonChange.field == "organisation_id")
    assert kept.scalar(moved) == FILES, "each file once"
    assert kept.scalar(select(func.count()).where(Organisation.status == OrganisationStatus.MERGED)) == 1
    assert "全部相符" in instance.flask("verify")
