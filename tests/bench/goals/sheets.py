"""P12–P16: spreadsheets taken in and given out, beside reading the same file and beside a bare bulk load of its rows.

The bare load writes ready-made rows of files into the same table with all its indexes, in one durable transaction:
nothing is checked, sealed, logged or counted.
"""

import csv
import io
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from multiprocessing import get_context
from statistics import median, quantiles
from typing import Any, NamedTuple

from flask import Flask
from rustpy_xlsxwriter import write_worksheet
from sqlalchemy.orm import Session

from app import create_app
from app.commands.unit import opener
from app.config import Settings
from app.extensions import db
from app.kernel.access.powers import Power
from app.kernel.access.viewer import Viewer
from app.kernel.db import bulk
from app.kernel.db.base import table_of
from app.kernel.db.unit import writing
from app.kernel.ids import new_public_id
from app.kernel.jobs.operations import run_next
from app.kernel.work import Actor, Work
from app.league.accounts.models import Account
from app.league.appointments import queries as posts
from app.league.exports import sheets, tasks
from app.league.exports.models import Export, ExportState, Format
from app.league.imports import operations, putting, reading, uploading
from app.league.imports.models import ImportBatch, Sort
from app.league.imports.models import Stage as Step
from app.league.organisations.models import Organisation
from app.league.people.facts import check_digit, name_columns
from app.league.people.loading import NewFile, load
from app.league.people.models import Door, FileState, Person, Standing
from app.league.people.protect import seal_file_fields
from app.parts import know_all
from tests.bench.neighbour import waiting
from tests.bench.results import Phase, Row, measured
from tests.bench.served import anonymous
from tests.bench.stage import BRANCH, SCHOOL, SHORTEST, Pace, Stage

HEAD = (
    "序号", "姓名", "身份证号", "班级", "民族", "政治面貌", "入团日期", "入团地点", "手机号", "学历", "籍贯", "团员证编号",
    "职业或专业", "团费交至", "备注",
)  # fmt: skip
BAD = 100
"""Every so many rows one number is wrong."""
AREA, FIRST_BIRTH = "149899", date(1990, 1, 1)
"""Nobody else has numbers of this area."""
SMALL, LARGE = 10_000, 100_000
READ_TARGET, SMALL_TARGET, LARGE_TARGET = 20, 2.2, 1.6
XLSX_MEMORY, CSV_MEMORY = 250, 120
HELD_MS, RATE, CSV_RATE, XLSX_RATE = 100, 22_000, 150_000, 9_000
LOADED = 20_000
FACTS = {
    **name_columns("林晓春"), "sex": "1", "birth_date": FIRST_BIRTH, "ethnicity": "01", "political_status": "03",
    "standing": Standing.MEMBER, "joined_league_on": date(2008, 5, 4),
}  # fmt: skip


def lines(number: int, branch: str) -> Iterator[list[str]]:
    """So many people of one class, in fifteen columns."""
    for n in range(number):
        birth = FIRST_BIRTH + timedelta(days=n // 900)
        first = f"{AREA}{birth:%Y%m%d}{n % 900:03d}"
        last = check_digit(first) if n % BAD else "0"
        name = f"林{chr(0x4E00 + n % 900)}{chr(0x5000 + n // 900)}"
        yield [
            str(n + 1), name, first + last, branch, "汉族", "共青团员", "2008-05-04",
            "应县第一中学", f"1500{n:07d}", "大学专科", "山西省朔州市应县", f"{n:08d}", "会计", "2026-03", "",
        ]  # fmt: skip


def as_xlsx(number: int, branch: str) -> bytes:
    """The list as a workbook."""
    out = io.BytesIO()
    write_worksheet((dict(zip(HEAD, line, strict=True)) for line in lines(number, branch)), out, sheet_name="Sheet1")
    return out.getvalue()


def as_csv(number: int, branch: str) -> bytes:
    """The list as text."""
    out = io.StringIO()
    csv.writer(out).writerows([HEAD, *lines(number, branch)])
    return out.getvalue().encode()


def sizes(pace: Pace) -> tuple[int, ...]:
    """How many rows: 10,000 and 100,000, few in a quick run; IMPORT_ROWS says otherwise."""
    if asked := os.environ.get("IMPORT_ROWS"):
        return tuple(map(int, asked.split(",")))
    return (SMALL, LARGE) if pace == Pace() else (200,) if pace == SHORTEST else (2_000,)


class Seat(NamedTuple):
    """Who takes lists in, where: numbers of rows of a province that may be changed."""

    settings: Settings
    school: int
    branch: int
    account: int

    @classmethod
    def of(cls, stage: Stage, settings: Settings) -> "Seat":
        """The seat of the secretary of the largest school."""
        return cls(settings, stage.places[SCHOOL].id, stage.places[BRANCH].id, stage.people_in[SCHOOL].id)


class Desk:
    """The secretary of the largest school at work."""

    def __init__(self, seat: Seat, app: Flask, session: Session) -> None:
        self.settings, self.app, self.session, self.house = seat.settings, app, session, app.extensions["house"]
        self.school = session.get_one(Organisation, seat.school)
        self.branch = session.get_one(Organisation, seat.branch)
        account = session.get_one(Account, seat.account)
        live = posts.live_posts(session, account.id, self.house.clock.now().date())
        self.viewer = Viewer(account.id, account.public_id, account.name, posts=live, acting=live[0])

    @property
    def work(self) -> Work:
        """A unit of work of the secretary's."""
        return Work(self.session, self.house.clock.now(), Actor.of(self.viewer), self.house.vault, self.house.settings)

    def take_in(self, content: bytes) -> ImportBatch:
        """Upload, read, check, put in, as page and worker do it."""
        sent = uploading.received(self.house.vault, "名单", content)
        with writing(self.session):
            batch = uploading.upload(self.work, self.school, Sort.PEOPLE, sent)
        key = batch.id
        self._until(key, Step.COLUMNS)
        with writing(self.session):
            batch = self.session.get_one(ImportBatch, key)
            operations.choose(self.work, batch, batch.heading, batch.columns, version=batch.version)
        self._until(key, Step.PREVIEW)
        with writing(self.session):
            batch = self.session.get_one(ImportBatch, key)
            putting.start(self.work, batch, version=batch.version)
        self._until(key, Step.DONE)
        return self.session.get_one(ImportBatch, key)

    def _until(self, key: int, step: Step) -> None:
        while True:
            self.session.rollback()
            self.session.expunge_all()
            if self.session.get_one(ImportBatch, key).stage is step:
                return
            self.session.rollback()
            with self.app.app_context():
                assert run_next(opener("worker"), "bench", threading.Event()), "nothing is left to do"


@contextmanager
def desk(stage: Stage) -> Iterator[Desk]:
    """A desk over a copy that is gone at the end."""
    stage.rest()
    with stage.store.copy(stage.settings, "sheets") as settings, seated(Seat.of(stage, settings)) as here:
        yield here


@contextmanager
def seated(seat: Seat) -> Iterator[Desk]:
    """A desk at ``seat``."""
    know_all()
    app = create_app(seat.settings)
    with app.app_context():
        engine = db.engine
    with Session(engine, expire_on_commit=False) as session:
        yield Desk(seat, app, session)
    engine.dispose()


@measured("P12", "P13", "P14", phase=Phase.CHANGES)
def taking_in(stage: Stage) -> Iterator[Row]:
    """From the bytes to files on record, rows with problems told; and how long somebody else who writes waits."""
    for number in sizes(stage.pace):
        goal, target = ("P13", LARGE_TARGET) if number >= LARGE else ("P12", SMALL_TARGET)
        for kind, write in ((".xlsx", as_xlsx), (".csv", as_csv)):
            with desk(stage) as bare_desk:
                bare = bare_load(bare_desk, number)
            with desk(stage) as here:
                content = write(number, here.branch.name)
                read, _ = timed(lambda content=content: reading.read(content))  # type: ignore[misc]
                with waiting(here.settings) as waits:
                    took, batch = timed(lambda here=here, content=content: here.take_in(content))  # type: ignore[misc]
                assert batch.counts["put"] == number - number // BAD, batch.counts
                name = f"{number:,} rows of {kind} in"
                yield stage.row(goal, f"{name} ÷ reading + bare load", took, read + bare, target)
                yield stage.row(goal, f"{name} ÷ reading alone", took, read, READ_TARGET)
                yield stage.row("P14", f"longest wait beside {name}", max(waits), HELD_MS, 1)
                yield stage.row(
                    "P14",
                    f"99th percentile of waits beside {name}",
                    quantiles(waits, n=100, method="inclusive")[-1],
                    HELD_MS,
                    1,
                )


@measured("P18", phase=Phase.CHANGES)
def memory(stage: Stage) -> Iterator[Row]:
    """The most anonymous memory of a process that takes a long list in, from its upload to its result."""
    number = max(sizes(stage.pace))
    for kind, write, most in ((".xlsx", as_xlsx, XLSX_MEMORY), (".csv", as_csv, CSV_MEMORY)):
        stage.rest()
        with stage.store.copy(stage.settings, "sheets") as settings:
            peak = elsewhere(_peak, Seat.of(stage, settings), write(number, stage.places[BRANCH].name))
        yield stage.row("P18", f"process that takes in {number:,} rows of {kind}", peak, most, 1, "MB")


@measured("P15", phase=Phase.CHANGES)
def loading(stage: Stage) -> Iterator[Row]:
    """Checked rows put on record with index, counters and log: milliseconds for a thousand."""
    number = max(sizes(stage.pace)) // 5 if stage.pace != Pace() else LOADED
    with desk(stage) as here:
        files = [NewFile(FACTS, line[2], line[8], here.house.clock.now()) for line in lines(number, "")]
        started = time.perf_counter()
        for first in range(0, number, 2_000):
            with writing(here.session):
                load(here.work, [(here.branch, files[first : first + 2_000])])
            here.session.expunge_all()
        took = (time.perf_counter() - started) * 1000
    yield stage.row("P15", "a thousand checked rows put on record", took / number * 1000, 1e6 / RATE, 1)


@measured("P16", phase=Phase.CHANGES)
def giving_out(stage: Stage) -> Iterator[Row]:
    """Every file of the largest school, names, numbers masked: milliseconds for a thousand."""
    with desk(stage) as here:
        scope = here.viewer.scope(Power.EXPORTS_ASK).narrowed(here.school.path)
        for form, write, rate in ((Format.CSV, sheets.csv_text, CSV_RATE), (Format.XLSX, sheets.xlsx, XLSX_RATE)):
            row = Export(
                public_id="A" * 22, asker_name="书记", reason="测量", asked_at=here.house.clock.now(), format=form,
                columns=["name", "place", "standing", "id_number", "phone", "birth_date", "joined_league_on"],
                whole=False, standing=None, state=ExportState.MAKING,
            )  # fmt: skip
            took, rows = [], 0
            for _ in range(stage.pace.rounds):
                started = time.perf_counter()
                found = list(tasks.lines(scope, here.session, here.house.vault, row))
                write(tasks.head_of(row), tasks.note_of(row), found)
                took.append((time.perf_counter() - started) * 1000)
                rows = len(found)
                here.session.rollback()
            yield stage.row(
                "P16", f"a thousand files exported as .{form.value}", median(took) / rows * 1000, 1e6 / rate, 1
            )


def bare_load(here: Desk, number: int) -> float:
    """Ready-made rows of files into their table and its indexes, in one durable transaction: milliseconds."""
    now, vault = here.house.clock.now(), here.house.vault
    rows = [
        {
            **FACTS, **seal_file_fields(vault, line[2], line[8]), "public_id": new_public_id(), "door": Door.IMPORT,
            "organisation_id": here.branch.id, "org_path": here.branch.path, "state": FileState.WAITING,
            "verified": False, "created_at": now, "approved_at": None,
        }
        for line in lines(number, "")
    ]  # fmt: skip
    started = time.perf_counter()
    with writing(here.session):
        bulk.put_many(here.session, table_of(Person), rows)
    return (time.perf_counter() - started) * 1000


def elsewhere(act: Callable[..., float], *words: Any) -> float:
    """What ``act`` returns in a fresh process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(act, *words).result()


def _peak(seat: Seat, content: bytes) -> float:
    seen, over = [0.0], threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            seen.append(anonymous("self") / 1024)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        with seated(seat) as here:
            assert here.take_in(content).counts["put"]
    finally:
        over.set()
        watcher.join()
    return max(seen)


def timed(act: Callable[[], Any]) -> tuple[float, Any]:
    """(milliseconds, what came of it)."""
    started = time.perf_counter()
    found = act()
    return (time.perf_counter() - started) * 1000, found
