"""The machine's page says what is wrong and what to do."""

from datetime import timedelta

from app.kernel.audit.seals import seal_all
from app.kernel.db.unit import writing
from app.kernel.health import signs
from app.kernel.jobs.models import Job, JobState, PeriodicRun
from app.kernel.jobs.operations import enqueue
from app.kernel.outbox.operations import put
from tests.helpers import sign_in, with_token


def advice(work) -> dict[str, str]:
    work.session.rollback()
    return {sign.name: sign.advice for sign in signs(work)}


def test_a_machine_at_rest_wants_only_worker_and_backup(app, work):
    assert {name for name, told in advice(work).items() if told} == {"worker", "backup"}


def test_heartbeat_and_backup_are_believed_for_a_while(app, work, session, clock):
    with writing(session):
        session.add_all([PeriodicRun(name=name, last_run_at=clock.now()) for name in ("heartbeat", "backup")])
    seal_all(work)
    assert not any(advice(work).values())
    work.now = clock.now() + timedelta(minutes=2)
    assert advice(work)["worker"]
    assert not advice(work)["backup"]
    work.now = clock.now() + timedelta(days=2)
    assert advice(work)["backup"]


def test_waiting_messages_and_failed_jobs_are_told(app, work, session, clock):
    with writing(session):
        put(work, "message", "k", {})
        enqueue(work, "count", {}).state = JobState.FAILED
    work.now = clock.now() + timedelta(minutes=6)
    told = advice(work)
    assert told["outbox"]
    assert told["jobs"]


def test_the_page_lists_jobs_and_cancels_one(world, client, session, work):
    with writing(session):
        waiting = enqueue(work, "count", {}, total=40)
    sign_in(client, world.people["system"])
    text = client.get("/twt/machine").get_data(as_text=True)
    token = with_token(client, "/twt/machine")
    assert "0 / 40" in text
    assert 'data-sign="disk"' in text
    assert client.post(f"/twt/machine/jobs/{waiting.public_id}/cancel", data=token).status_code == 303
    session.expire_all()
    assert session.get_one(Job, waiting.id).state is JobState.CANCELLED
