"""A large move, merger or closing leaves the request; a small one does not. Same rules, same audit, one transaction."""

from threading import Event

import pytest
from sqlalchemy import func, select

from app.commands.unit import opener
from app.kernel.audit.models import AuditEntry
from app.kernel.jobs import operations as jobs
from app.kernel.jobs.models import Job, JobState
from app.kernel.jobs.operations import run_next
from app.league.appointments.models import Appointment
from app.league.organisations import consequences, operations
from app.league.organisations.models import OrganisationStatus
from app.league.people.models import Person
from tests import factories as make
from tests.helpers import sign_in, with_token
from tests.organisations.truth import faults, person


@pytest.fixture
def filled(work, world, vault, monkeypatch):
    """A branch with more files than fit a request."""
    monkeypatch.setattr(consequences, "LONG", 3)
    for _ in range(5):
        person(work.session, vault, world.branch_b1)
    make.join_request(work.session, vault, world.branch_b1)
    operations.refresh_in_use(work, world.branch_b1.path)
    work.session.commit()
    return world


@pytest.fixture
def merging(client, filled):
    """Return a sender of the merger of branch B1 into B2."""
    sign_in(client, filled.people["school_s"])

    def send(source="branch_b1", target="branch_b2"):
        one, other = filled.orgs[source], filled.orgs[target]
        address = f"/twt/organisations/{one.public_id}/merge"
        fields = {"to": other.public_id, "version": one.version, "to_version": other.version}
        return client.post(address, data=with_token(client, f"{address}?to={other.public_id}", **fields))

    return send


def run_it(app) -> bool:
    with app.app_context():
        return run_next(opener("worker"), "w1", Event())


def the_task(session) -> Job:
    session.expire_all()
    session.rollback()
    return session.scalars(select(Job)).one()


def standing_at(session, organisation) -> int:
    query = select(func.count()).select_from(Person).where(Person.organisation_id == organisation.id)
    return session.scalar(query)


def test_a_large_merger_is_left_to_the_worker_and_done_in_the_name_of_who_asked(app, client, merging, filled, session):
    answer = merging()
    assert answer.location.startswith("/twt/jobs/")
    assert standing_at(session, filled.branch_b1) == 5, "nothing happened in the request"
    assert "把会计20184班并入会计20185班" in client.get(answer.location).get_data(as_text=True)
    assert run_it(app)
    assert the_task(session).state is JobState.DONE
    assert standing_at(session, filled.branch_b2) == 5
    assert faults(session) == []
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "organisations:organisation:merge")).one()
    assert entry.actor_account_id == filled.people["school_s"].id
    shown = client.get(answer.location).get_data(as_text=True)
    assert "全部办完" in shown
    assert f"/twt/organisations/{filled.branch_b2.public_id}" in shown


def test_a_small_merger_stays_in_the_request(merging, filled, session):
    assert merging("branch_b2", "branch_b1").location == f"/twt/organisations/{filled.branch_b1.public_id}"
    assert session.scalar(select(func.count()).select_from(Job)) == 0


def test_a_large_move_and_a_large_closing_too(app, client, filled, session):
    sign_in(client, filled.people["province"])
    college, school = filled.college_c, filled.school_t
    address = f"/twt/organisations/{college.public_id}/move"
    fields = {"to": school.public_id, "version": college.version}
    client.post(address, data=with_token(client, f"{address}?to={school.public_id}", **fields))
    assert run_it(app)
    session.expire_all()
    assert college.path.startswith(school.path)
    address = f"/twt/organisations/{college.public_id}/close"
    fields = {"reason": "停办", "version": college.version, "requests_to": "", "children_to": school.public_id}
    client.post(address, data=with_token(client, address, **fields))
    assert run_it(app)
    session.expire_all()
    assert college.status is OrganisationStatus.CLOSED
    assert filled.branch_b1.parent_id == school.id
    assert faults(session) == []


def test_who_lost_the_post_meanwhile_changes_nothing(app, client, merging, filled, session, work):
    answer = merging()
    post = session.scalars(select(Appointment).where(Appointment.account_id == filled.people["school_s"].id)).one()
    post.ended_at, post.end_reason = work.now, "换届"
    session.commit()
    run_it(app)
    row = the_task(session)
    assert (row.state, row.error) == (JobState.FAILED, "提交任务时用的职务已经结束")
    assert standing_at(session, filled.branch_b1) == 5
    assert client.get(answer.location).status_code in (303, 404)


def test_a_change_in_between_is_told_and_nothing_is_done(app, merging, filled, session):
    merging()
    filled.branch_b2.version += 1
    session.commit()
    run_it(app)
    row = the_task(session)
    assert row.state is JobState.FAILED
    assert not row.error.isascii()
    assert standing_at(session, filled.branch_b1) == 5


def test_it_can_be_stopped_before_it_begins_and_not_in_the_middle(app, client, merging, filled, session):
    address = merging().location
    row = the_task(session)
    row.state = JobState.RUNNING
    session.commit()
    shown = client.get(address).get_data(as_text=True)
    assert "不能中途停" in shown
    assert f"{address}/cancel" not in shown
    client.post(f"{address}/cancel", data=with_token(client, address))
    assert not the_task(session).cancel_asked
    row.state = JobState.QUEUED
    session.commit()
    client.post(f"{address}/cancel", data=with_token(client, address))
    assert not run_it(app)
    assert "什么都没有改变" in client.get(address).get_data(as_text=True)
    assert standing_at(session, filled.branch_b1) == 5


def test_the_change_and_the_end_of_its_task_are_one_transaction(app, merging, filled, session, monkeypatch):
    merging()

    def lost(*_, **__):
        raise jobs.Stopping

    monkeypatch.setattr(jobs.Run, "finish", lost)
    run_it(app)
    assert the_task(session).state is JobState.QUEUED
    assert standing_at(session, filled.branch_b1) == 5
    monkeypatch.undo()
    assert run_it(app)
    assert the_task(session).state is JobState.DONE
