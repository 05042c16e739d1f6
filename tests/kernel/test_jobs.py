"""Jobs, their leases, and tasks that come round again."""

import contextlib
from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy import select

from app.commands.unit import opener
from app.kernel.db.unit import writing
from app.kernel.errors import Refused, Unavailable
from app.kernel.jobs import operations as jobs
from app.kernel.jobs.models import Job, JobState
from app.kernel.jobs.operations import MOST_TRIES, Run, enqueue, job, run_next
from app.kernel.jobs.periodic import take_turn


@pytest.fixture
def open_work(app):
    with app.app_context():
        yield opener("worker")


@pytest.fixture
def handlers(monkeypatch):
    monkeypatch.setattr(jobs, "_HANDLERS", {})
    return jobs._HANDLERS


def leave(work, payload=None, total=0) -> int:
    with writing(work.session):
        return enqueue(work, "count", payload or {}, total).id


def the_job(session) -> Job:
    session.expire_all()
    session.rollback()
    return session.scalars(select(Job)).one()


def test_a_job_is_done_once_and_keeps_its_result(work, open_work, handlers, session):
    @job("count")
    def count(run: Run):
        for done in range(1, run.payload["to"] + 1):
            run.progress(done, run.payload["to"])
        return {"counted": run.done}

    leave(work, {"to": 3})
    assert run_next(open_work, "w1", Event()) is True
    assert run_next(open_work, "w1", Event()) is False
    row = the_job(session)
    assert (row.state, row.result, row.done, row.total) == (JobState.DONE, {"counted": 3}, 3, 3)


def test_a_job_whose_worker_died_is_taken_again_where_it_was(work, open_work, handlers, session, clock):
    starts = []

    @job("count")
    def count(run: Run):
        starts.append(run.done)
        if len(starts) == 1:
            run.progress(2, 4)
            raise SystemExit  # the process is gone: nothing after this line runs

    leave(work)
    with contextlib.suppress(SystemExit):
        run_next(open_work, "w1", Event())
    assert run_next(open_work, "w2", Event()) is False, "the lease still holds"
    clock.advance(seconds=61)
    assert run_next(open_work, "w2", Event()) is True
    assert starts == [0, 2]
    assert the_job(session).state is JobState.DONE


def test_a_worker_that_lost_its_lease_changes_nothing_more(work, open_work, handlers, session, clock):
    @job("count")
    def count(run: Run):
        clock.advance(seconds=61)
        if run.payload.get("nested") is None:
            run.payload["nested"] = True
            assert run_next(open_work, "w2", Event()) is True
            run.progress(99)

    def second(run: Run):
        return {"by": "second"}

    leave(work)
    first = handlers["count"]
    handlers["count"] = lambda run: first(run) if run._worker == "w1" else second(run)
    run_next(open_work, "w1", Event())
    row = the_job(session)
    assert (row.state, row.result, row.done) == (JobState.DONE, {"by": "second"}, 0)


def test_a_failing_job_is_tried_again_with_pauses_and_then_given_up(work, open_work, handlers, session, clock):
    tried = []

    @job("count")
    def count(run: Run):
        tried.append(1)
        raise ValueError("139000")

    leave(work)
    for _ in range(MOST_TRIES + 3):
        run_next(open_work, "w1", Event())
        assert run_next(open_work, "w1", Event()) is False, "not before its pause is over"
        clock.advance(seconds=3600)
    row = the_job(session)
    assert (len(tried), row.state, row.error) == (MOST_TRIES, JobState.FAILED, "ValueError")


def test_what_the_rules_refuse_is_not_tried_again(work, open_work, handlers, session):
    @job("count")
    def count(run: Run):
        raise Refused("名单是空的")

    leave(work)
    run_next(open_work, "w1", Event())
    assert (the_job(session).state, the_job(session).error) == (JobState.FAILED, "名单是空的")


def test_a_job_that_kills_its_worker_each_time_is_given_up(work, open_work, handlers, session, clock):
    @job("count")
    def count(run: Run):
        raise SystemExit

    leave(work)
    for _ in range(MOST_TRIES + 1):
        with contextlib.suppress(SystemExit):
            run_next(open_work, "w1", Event())
        clock.advance(seconds=61)
    assert the_job(session).state is JobState.FAILED


def test_a_job_can_be_cancelled_before_and_while_it_runs(work, open_work, handlers, session):
    @job("count")
    def count(run: Run):
        assert not run.cancelled
        with open_work() as other, writing(other.session):
            jobs.cancel(other, other.session.scalars(select(Job).where(Job.state == JobState.RUNNING)).one())
        assert run.cancelled

    leave(work)
    run_next(open_work, "w1", Event())
    assert the_job(session).state is JobState.CANCELLED
    with writing(session):
        waiting = enqueue(work, "count", {})
        jobs.cancel(work, waiting)
    assert run_next(open_work, "w1", Event()) is False


def test_a_worker_told_to_end_puts_its_job_back_without_counting_the_try(work, open_work, handlers, session):
    stop = Event()

    @job("count")
    def count(run: Run):
        with writing(run.work.session):
            run.progress(1)
        stop.set()
        with writing(run.work.session):
            run.progress(2)

    leave(work)
    run_next(open_work, "w1", stop)
    row = the_job(session)
    assert (row.state, row.done, row.tries) == (JobState.QUEUED, 1, 0)


def test_several_workers_share_one_rhythm(work, open_work, clock):
    minute = timedelta(minutes=1)

    def turn() -> bool:
        with open_work() as mine:
            return take_turn(mine, "seal", minute)

    assert [turn(), turn()] == [True, False]
    clock.advance(seconds=59)
    assert turn() is False
    clock.advance(seconds=1)
    assert [turn(), turn(), turn()] == [True, False, False]


def test_a_busy_database_is_waited_out(work, open_work, handlers, session, clock):
    answers = iter([Unavailable(), None])

    @job("count")
    def count(run: Run):
        if error := next(answers):
            raise error

    leave(work)
    run_next(open_work, "w1", Event())
    assert the_job(session).state is JobState.QUEUED
    clock.advance(seconds=60)
    run_next(open_work, "w1", Event())
    assert the_job(session).state is JobState.DONE
