"""The worker is killed again and again while a spreadsheet is read, checked and put in: the end is that of a calm day."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from threading import Event
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.commands.unit import opener
from app.config import Settings
from app.kernel.audit.models import AuditEntry
from app.kernel.clock import SystemClock
from app.kernel.db.unit import writing
from app.kernel.jobs.models import JobState
from app.kernel.jobs.operations import run_next
from app.kernel.vault import Vault
from app.kernel.work import Actor, Work
from app.league.appointments.models import Appointment
from app.league.imports import operations, putting, queries, uploading
from app.league.imports.models import ImportBatch, ImportRow, Sort, Stage
from app.league.organisations.counters import figures_of
from app.league.people.models import FileState, Membership, Person, PersonChange
from app.parts import know_all
from tests import world as worlds
from tests.faults.server import Instance
from tests.faults.workers import Worker, a_minute_goes_by, looking_into, wait_until
from tests.imports.awful import HEAD, person
from tests.imports.workbooks import csv
from tests.world import World

KILLS = int(os.environ.get("KILLS", "3"))
ROWS = 2_300
GOOD = ("new", "changed")


def first_list() -> bytes:
    """A few who are on file already when the long list comes."""
    return csv([HEAD, *(person(n) for n in range(40))])


def long_list() -> bytes:
    """Of forty: twenty changed, twenty equal; then new ones, with a wrong number in every ninth and one twice."""
    rows = [person(n, 入团地点="朔州市第二中学" if n < 20 else "应县第一中学") for n in range(40)]
    rows += [person(n, 民族="外星" if n % 9 == 0 else "汉族") for n in range(40, 480)]
    rows.append(person(100))
    rows += [["", "", "", "", "", "", f"1390009{n:04d}"] for n in range(ROWS - len(rows))]
    return csv([HEAD, *rows])


class Import:
    """One import, step by step: whoever sends it is ``school_s``."""

    def __init__(self, session: Session, vault: Vault, settings: Settings, world: World, clock: Any) -> None:
        who = world.people["school_s"]
        under = session.scalars(select(Appointment.id).where(Appointment.account_id == who.id)).one()
        self.session, self.vault, self.settings, self.clock = session, vault, settings, clock
        self.actor = Actor("web", who.id, who.name, appointment_id=under)
        self.place, self.batch_id = world.branch_b1, 0

    @property
    def work(self) -> Work:
        return Work(self.session, self.clock.now(), self.actor, self.vault, self.settings)

    @property
    def batch(self) -> ImportBatch:
        self.session.rollback()
        return self.session.get_one(ImportBatch, self.batch_id, populate_existing=True)

    def upload(self, content: bytes) -> None:
        sent = uploading.received(self.work.vault, "名单.csv", content)
        with writing(self.session):
            place = self.session.merge(self.place)
            self.batch_id = uploading.upload(self.work, place, Sort.PEOPLE, sent).id

    def go_on(self) -> bool:
        """Press the button of the page, where it has one. Returns whether something is left to the worker."""
        batch = self.batch
        if batch.stage is Stage.COLUMNS:
            with writing(self.session):
                operations.choose(self.work, batch, batch.heading, batch.columns, version=batch.version)
        elif batch.stage is Stage.PREVIEW:
            with writing(self.session):
                putting.start(self.work, batch, version=batch.version)
        return bool(self.batch.job_id)

    def report(self) -> dict[str, Any]:
        """What the page and its download say, and what came into the house."""
        work, batch = self.work, self.batch
        rows = self.session.scalars(select(ImportRow).where(ImportRow.batch_id == batch.id).order_by(ImportRow.number))
        told = [(row.number, row.verdict, row.put, operations.note_of(work, row)) for row in rows]
        _, back = queries.problems(work, batch)
        waiting = select(Person).where(Person.state == FileState.WAITING)
        people = [
            (p.name, self.vault.open("id_number", p.id_number_sealed), p.joined_league_at, p.version)
            for p in self.session.scalars(waiting)
        ]
        memberships = select(func.count()).where(Membership.person_id.in_(waiting.with_only_columns(Person.id)))
        changes = select(PersonChange.field, PersonChange.cause).where(PersonChange.cause == "import")
        audit = select(AuditEntry.action).where(
            AuditEntry.action.like("people:file:%") | AuditEntry.action.like("imports:%")
        )
        return {
            "stage": batch.stage, "counts": batch.counts, "told": told, "back": list(back), "people": sorted(people),
            "memberships": self.session.scalar(memberships), "audit": Counter(self.session.scalars(audit)),
            "changes": Counter(self.session.execute(changes).all()),
            "figures": figures_of(self.session, [self.place.path])[self.place.path],
        }  # fmt: skip


@pytest.fixture
def calm(app: Flask, session: Session, vault: Vault, settings: Settings, world: World, clock: Any) -> dict[str, Any]:
    """The report of an import that nothing disturbs."""
    know_all()
    one = Import(session, vault, settings, world, clock)
    for content in (first_list(), long_list()):
        one.upload(content)
        while one.batch.stage is not Stage.DONE:
            one.go_on()
            session.commit()
            with app.app_context():
                run_next(opener("worker"), "calm", Event())
    return one.report()


@pytest.mark.slow
@pytest.mark.embedded  # PostgreSQL by hand: TEST_DATABASE=postgresql KILLS=20 … -m embedded
@pytest.mark.timeout(120 + 5 * KILLS)
def test_an_import_killed_at_any_moment_ends_as_one_that_was_left_alone(
    instance: Instance, calm: dict[str, Any]
) -> None:
    dice, kills, cut_short = random.Random(2016), KILLS, Counter[Stage]()
    vault = Vault.load(instance.folder / "keys.json")
    with looking_into(instance) as kept:
        world = worlds.build(kept, vault)
        kept.commit()
        settings = Settings(instance_dir=instance.folder, database_url=instance.database_url)
        one = Import(kept, vault, settings, world, SystemClock())
        worker = Worker(instance)
        for content in (first_list(), long_list()):
            one.upload(content)
            while one.batch.stage is not Stage.DONE:
                if not one.go_on():
                    continue
                worker.start()
                wait_until(kept, JobState.RUNNING, JobState.DONE)
                if kills and content == long_list():
                    time.sleep(dice.uniform(0.005, 0.25))
                    stage = one.batch.stage
                    worker.kill()
                    cut_short[stage] += one.batch.stage is stage
                    kills -= 1
                    a_minute_goes_by(kept)
                else:
                    assert wait_until(kept, JobState.DONE, within=60) is JobState.DONE
                    worker.stop()
        assert sum(cut_short.values()) >= KILLS / 2, "the kills fell into the work"
        assert one.report() == calm
    said = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "verify"],
        env=instance.environment,
        capture_output=True,
        text=True,
    )
    assert "全部相符" in said.stdout, said.stdout + said.stderr
