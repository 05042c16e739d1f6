"""Long imports: done by the worker step by step, stopped, gone on with, beside others, and taken back."""

from threading import Event

import pytest
from sqlalchemy import func, select

from app.commands.unit import opener
from app.kernel.db.unit import writing
from app.kernel.jobs import operations as jobs
from app.kernel.jobs.models import Job, JobState
from app.kernel.jobs.operations import run_next
from app.kernel.work import Actor
from app.league.appointments.models import Appointment
from app.league.imports import forgetting, operations, putting, reading, tasks, uploading
from app.league.imports.models import ImportBatch, ImportPart, ImportRow, Sort, Stage
from app.league.people.models import FileState, Person
from app.parts import know_all
from tests.helpers import sign_in
from tests.imports.awful import HEAD, person
from tests.imports.workbooks import csv

know_all()
LONG = 260


@pytest.fixture
def sender(work, world):
    """The school's secretary, whose tasks are done in the name of the post."""
    who = world.people["school_s"]
    under = work.session.scalars(select(Appointment.id).where(Appointment.account_id == who.id)).one()
    work.actor = Actor("web", who.id, who.name, appointment_id=under)
    return work


def upload(work, place, first: int, last: int) -> ImportBatch:
    content = csv([HEAD, *(person(n) for n in range(first, last))])
    with writing(work.session):
        return uploading.upload(work, place, Sort.PEOPLE, uploading.received(work.vault, "名单.csv", content))


def press(work, batch: ImportBatch) -> None:
    """The button of the page at this step."""
    with writing(work.session):
        if batch.stage is Stage.COLUMNS:
            operations.choose(work, batch, batch.heading, batch.columns, version=batch.version)
        elif batch.stage in (Stage.PREVIEW, Stage.DONE):
            putting.start(work, batch, version=batch.version)
    work.session.commit()


def worker_works(app, work) -> bool:
    with app.app_context():
        done = run_next(opener("worker"), "w1", Event())
    work.session.rollback()
    work.session.expire_all()
    return done


def put_in(app, work, batch: ImportBatch) -> ImportBatch:
    while batch.stage is not Stage.DONE:
        press(work, batch)
        worker_works(app, work)
    return batch


def on_file(work) -> int:
    return work.session.scalar(select(func.count()).where(Person.state == FileState.WAITING)) or 0


def test_a_long_list_goes_in_by_steps_and_a_second_time_changes_nothing(app, sender, world) -> None:
    batch = put_in(app, sender, upload(sender, world.branch_b1, 0, LONG))
    assert batch.counts == {"new": LONG, "put": LONG}
    kinds = sender.session.scalars(select(Job.kind).order_by(Job.id)).all()
    assert kinds == [operations.CHECK, operations.PUT]
    again = put_in(app, sender, upload(sender, world.branch_b1, 0, LONG))
    assert again.counts == {"equal": LONG, "put": 0}
    assert on_file(sender) == LONG


def test_stopped_in_the_middle_whole_rows_stand_and_the_rest_can_follow(app, sender, world, monkeypatch) -> None:
    batch = upload(sender, world.branch_b1, 0, LONG)
    press(sender, batch)
    worker_works(app, sender)
    press(sender, batch)
    real = putting.put_some

    def stopped_after_the_first(work, found, ground, rows):
        real(work, found, ground, rows)
        job = work.session.scalars(select(Job).where(Job.public_id == found.job_id)).one()
        job.cancel_asked = True

    monkeypatch.setattr(tasks.putting, "put_some", stopped_after_the_first)
    worker_works(app, sender)
    assert (batch.stage, batch.counts["put"], on_file(sender)) == (Stage.DONE, putting.TOGETHER, putting.TOGETHER)
    monkeypatch.setattr(tasks.putting, "put_some", real)
    press(sender, batch)
    if batch.stage is not Stage.DONE:  # what is left may be few enough to be put in at once
        worker_works(app, sender)
    assert (batch.stage, batch.counts["put"], on_file(sender)) == (Stage.DONE, LONG, LONG)


def test_two_of_one_school_take_turns_and_nobody_is_put_in_twice(app, sender, world, monkeypatch) -> None:
    monkeypatch.setattr(jobs, "TURN", 0.0)
    first, second = upload(sender, world.branch_b1, 0, LONG), upload(sender, world.branch_b1, 30, LONG + 30)
    for _ in range(2):
        for batch in (first, second):
            press(sender, batch)
        if first.stage is Stage.CHECKING:
            while worker_works(app, sender):
                pass
    order = []
    while sender.session.scalar(select(Job.id).where(Job.state != JobState.DONE).limit(1)):
        worker_works(app, sender)
        order.append([batch.stage for batch in (first, second)])
    assert order[0] == [Stage.PUTTING, Stage.PUTTING], "the first let the second have its turn"
    assert on_file(sender) == LONG + 30
    assert first.counts["put"] + second.counts["put"] == LONG + 30
    assert first.counts.get("equal", 0) + second.counts.get("equal", 0) == LONG - 30


def test_taken_back_by_steps_but_not_who_has_changed_since(app, sender, world) -> None:
    batch = put_in(app, sender, upload(sender, world.branch_b1, 0, LONG))
    with writing(sender.session):
        changed = sender.session.scalars(select(Person).where(Person.state == FileState.WAITING).limit(3)).all()
        for one in changed:
            one.version += 1
    with writing(sender.session):
        putting.take_back(sender, batch, version=batch.version)
    sender.session.commit()
    worker_works(app, sender)
    assert (batch.stage, batch.counts["back"], on_file(sender)) == (Stage.TAKEN_BACK, LONG - 3, 3)
    task = sender.session.scalars(select(Job).order_by(Job.id.desc()).limit(1)).one()
    assert (task.done, task.total) == (LONG, LONG)


def test_taking_back_that_was_stopped_can_be_gone_on_with(app, sender, world, monkeypatch) -> None:
    batch = put_in(app, sender, upload(sender, world.branch_b1, 0, LONG))
    with writing(sender.session):
        putting.take_back(sender, batch, version=batch.version)
    sender.session.commit()
    real = putting.back_some

    def stopped_after_the_first(work, found, ground, rows):
        real(work, found, ground, rows)
        work.session.scalars(select(Job).where(Job.public_id == found.job_id)).one().cancel_asked = True

    monkeypatch.setattr(tasks.putting, "back_some", stopped_after_the_first)
    worker_works(app, sender)
    monkeypatch.undo()
    assert (batch.stage, batch.counts["put"]) == (Stage.DONE, LONG - putting.TOGETHER)
    with writing(sender.session):
        putting.take_back(sender, batch, version=batch.version)
    sender.session.commit()
    worker_works(app, sender)
    assert (batch.stage, on_file(sender)) == (Stage.TAKEN_BACK, 0)


def test_of_a_file_whose_reading_was_stopped_nothing_is_kept(app, sender, world, client, monkeypatch) -> None:
    monkeypatch.setattr(uploading, "SMALL", 0)
    batch, real = upload(sender, world.branch_b1, 0, 3), reading.read

    def stopped_meanwhile(content):
        with writing(sender.session):
            sender.session.scalars(select(Job).where(Job.public_id == batch.job_id)).one().cancel_asked = True
        return real(content)

    monkeypatch.setattr(tasks.reading, "read", stopped_meanwhile)
    worker_works(app, sender)
    for table in (ImportPart, ImportRow):
        assert sender.session.scalar(select(func.count()).where(table.batch_id == batch.id)) == 0
    sign_in(client, world.people["school_s"])
    assert "已停止读取，请重新上传" in client.get(f"/twt/imports/{batch.public_id}").text
    assert forgetting.empty(sender) == 0, "there is nothing left to forget"


def test_what_was_stopped_before_it_began_is_forgotten_by_and_by(app, sender, world, client, monkeypatch) -> None:
    monkeypatch.setattr(uploading, "SMALL", 0)
    batch = upload(sender, world.branch_b1, 0, 3)
    with writing(sender.session):
        sender.session.scalars(select(Job).where(Job.public_id == batch.job_id)).one().cancel_asked = True
    worker_works(app, sender)
    sign_in(client, world.people["school_s"])
    assert "没有读完，请重新上传" in client.get(f"/twt/imports/{batch.public_id}").text
    assert forgetting.empty(sender) == 1
    assert sender.session.scalar(select(func.count()).where(ImportPart.batch_id == batch.id)) == 0
