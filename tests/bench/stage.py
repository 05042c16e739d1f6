"""One province set up for measuring: people who are signed in, the servers, what the floors need to know."""

import contextlib
import hashlib
import random
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from itertools import cycle
from pathlib import Path
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from app import create_app
from app.config import Settings
from app.extensions import db
from app.kernel.access.rules import Role
from app.kernel.db.types import path_end
from app.kernel.db.unit import writing
from app.kernel.work import Actor, Work
from app.league.accounts.models import Account, SignIn
from app.league.accounts.sessions import open_session
from app.league.joining.models import JoinRequest, Lane, RequestState
from app.league.organisations import counters
from app.league.organisations.models import Kind, Organisation
from app.league.people.models import Person
from app.surfaces.web.ended import csrf_for
from tests import factories as make
from tests.bench.applicants import Applicant, applicants
from tests.bench.databases import Store
from tests.bench.results import Row
from tests.bench.served import Served, children, cpu_ms
from tests.bench.wire import Asker, Line, Unexpected, ask_all

PROVINCE, CITY, SCHOOL, BRANCH = "province", "city", "school", "branch"
SEARCHERS = 8
"""Reviewers who search in turn: each may search 600 times an hour."""
VISITS = 40
"""Visits of one person, and addresses of nobody, that ask in turn: none of them takes more than its share."""
SAMPLE = 40
READY = 40


@dataclass(frozen=True)
class Pace:
    """How long to measure. ``rounds``: turns of product and floor; ``window``: milliseconds of product in each."""

    rounds: int = 5
    window: float = 400.0
    crowd: int = 1500
    """Requests that many clients send together."""


QUICK = Pace(rounds=3, window=120.0, crowd=200)
SHORTEST = Pace(rounds=3, window=20.0, crowd=20)


@dataclass
class Stage:
    """What a measurement gets. ``settings``: of the copy that may be changed; ``twin``: of another one beside it."""

    people: int
    database: str
    store: Store
    settings: Settings
    twin: Settings
    pace: Pace
    application: str = "wsgi:app"
    with_django: bool = False
    backends: int | None = None
    """The process of a PostgreSQL server of one's own, whose children work for the product too."""
    places: dict[str, Organisation] = field(default_factory=dict)
    people_in: dict[str, Account] = field(default_factory=dict)
    visits: dict[str, list[Asker]] = field(default_factory=dict)
    ready: list[Applicant] = field(default_factory=list)
    """Applicants who are in the twin as well."""
    _used: int = 0

    def __post_init__(self) -> None:
        self.app: Flask = create_app(self.settings)
        self.house = self.app.extensions["house"]
        self.vault = self.house.vault
        with self.app.app_context():
            self.engine: Engine = db.engine
        self.session = Session(self.engine, expire_on_commit=False)
        self.dice = random.Random(self.people)

    # -- preparing -------------------------------------------------------------------------------------------------

    def furnish(self) -> None:
        """Appoint the people who will ask, and sign them in."""
        with writing(self.session):
            self.places = self._places()
            for name, place in self.places.items():
                role = Role.BRANCH_SECRETARY if place.kind is Kind.BRANCH else Role.COMMITTEE_ADMIN
                self.people_in[name] = self._officer(place, role)
            for number in range(SEARCHERS):
                for name in (PROVINCE, SCHOOL):
                    self.people_in[f"{name}-{number}"] = self._officer(self.places[name], Role.COMMITTEE_ADMIN)
            for name, account in self.people_in.items():
                times = VISITS if name in self.places else VISITS // SEARCHERS
                self.visits[name] = [self.sign_in(account) for _ in range(times)]
        self.session.expunge_all()
        self.ready = applicants(self, READY)
        self.keep_fresh()
        self._take_stock()

    def keep_fresh(self) -> None:
        """Let no visit be due for the note that it is in use, which each writes once a minute: reading is measured."""
        later = self.house.clock.now() + timedelta(hours=2)
        with writing(self.session):
            self.session.execute(update(SignIn).values(seen_at=later).execution_options(synchronize_session=False))

    def _take_stock(self) -> None:
        """What autovacuum would do within a minute: with the statistics of an empty house PostgreSQL plans for one."""
        if self.engine.dialect.name == "postgresql":
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("ANALYZE accounts, appointments, sessions, join_requests")

    def rest(self) -> None:
        """Let go of the database, so that it can be copied."""
        self.session.close()
        self.engine.dispose()

    def sign_in(self, account: Account) -> Asker:
        """Open a session of ``account`` inside the caller's transaction."""
        token = open_session(self.work, account, second_factor=False, device="measuring")
        bound = csrf_for(hashlib.sha256(b"csrf\0" + token.encode()).hexdigest(), account.public_id)
        with self.app.app_context():
            signing = SecureCookieSessionInterface().get_signing_serializer(self.app)
            assert signing is not None
            visit = signing.dumps({"csrf_token": bound})
        csrf = URLSafeTimedSerializer(self.app.secret_key or "", salt="wtf-csrf-token").dumps(bound)
        return Asker({"signin": token, "visit": str(visit)}, str(csrf))

    def _officer(self, place: Organisation, role: Role) -> Account:
        account = make.account(self.session, self.vault, f"{place.name[:12]}书记")
        make.appoint(self.session, account, place, role)
        return account

    def _places(self) -> dict[str, Organisation]:
        """The province, its largest city and university, and the branch there where most wait."""
        top = self.session.scalars(select(Organisation).where(Organisation.parent_id.is_(None))).one()
        below = counters.figures_below(self.session, top.path)
        rows = self.session.scalars(select(Organisation).where(Organisation.parent_id == top.id)).all()

        def largest(kind: Kind) -> Organisation:
            return max(
                (row for row in rows if row.kind is kind), key=lambda row: below.get(row.path, {}).get("people", 0)
            )

        school = largest(Kind.UNIVERSITY)
        inside = (JoinRequest.org_path >= school.path, JoinRequest.org_path < path_end(school.path))
        busiest = (
            select(JoinRequest.organisation_id)
            .where(*inside, JoinRequest.state == RequestState.SUBMITTED)
            .group_by(JoinRequest.organisation_id)
            .order_by(func.count().desc())
            .limit(1)
        )
        branch = self.session.get_one(Organisation, self.session.scalars(busiest).one())
        return {PROVINCE: top, CITY: largest(Kind.CITY), SCHOOL: school, BRANCH: branch}

    def asker(self, who: str) -> Asker:
        """One visit of somebody."""
        return self.visits[who][0]

    def asking(self, who: str | None) -> Iterator[Asker]:
        """The visits of somebody in turn, or visitors from many addresses, for ever."""
        strangers = [Asker(address=f"10.7.{number}.1") for number in range(VISITS)]
        return cycle(self.visits[who] if who else strangers)

    @property
    def work(self) -> Work:
        """A unit of work of a command."""
        return Work(self.session, self.house.clock.now(), Actor("command"), self.vault, self.house.settings)

    # -- what is asked about -----------------------------------------------------------------------------------------

    @cached_property
    def sample(self) -> Sequence[Person]:
        """Files from everywhere in the province."""
        highest = self.session.scalar(select(func.max(Person.id))) or 1
        ids = self.dice.sample(range(1, highest + 1), min(SAMPLE, highest))
        found = self.session.scalars(select(Person).where(Person.id.in_(ids))).all()
        self.session.expunge_all()
        self.session.rollback()
        return found

    @cached_property
    def waiting(self) -> list[tuple[str, int]]:
        """(public id, version) of the applications without a doubt that wait, in any order."""
        query = select(JoinRequest.public_id, JoinRequest.version).where(
            JoinRequest.state == RequestState.SUBMITTED, JoinRequest.lane == Lane.CLEAN
        )
        found = [(public_id, version) for public_id, version in self.session.execute(query)]
        self.session.rollback()
        self.dice.shuffle(found)
        return found

    def take(self, number: int, share: float) -> list[tuple[str, int]]:
        """Waiting applications that nobody else takes: ``number``, or ``share`` of all when that is fewer."""
        number = min(number, int(len(self.waiting) * share))
        self._used += number
        return self.waiting[self._used - number : self._used]

    def person_at(self, share: float) -> str:
        """The public id of the file behind ``share`` of all, in the order of the list."""
        query = select(Person.public_id).order_by(Person.org_path, Person.id).offset(int(self.people * share)).limit(1)
        found = self.session.scalars(query).one()
        self.session.rollback()
        return found

    def draw(self) -> None:
        """Look up what is asked about, before it is asked."""
        _ = self.sample, self.waiting

    # -- servers and measuring -----------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def serving(self) -> Iterator[None]:
        """The product and the floors, served."""
        self.session.close()
        self.engine.dispose()
        log = self.settings.instance_dir
        product = {
            "INSTANCE_DIR": str(log),
            "DATABASE_URL": self.settings.database_url,
            "SESSION_IDLE_MINUTES": str(self.settings.session_idle_minutes),
            "TRUSTED_PROXIES": "1",
        }
        floor = {"BENCH_DATABASE": self.settings.database, "BENCH_PATH": self.places[PROVINCE].path}
        with (
            Served(self.application, product, log / "product.log") as self.product,
            Served("tests.bench.floor_app:app", floor, log / "floor.log") as self.floor,
        ):
            self.line, self.floor_line = Line(self.product.port), Line(self.floor.port)
            try:
                yield
            finally:
                self.line.close()
                self.floor_line.close()

    def row(self, goal: str, name: str, figure: float, floor: float, target: float, unit: str = "ms") -> Row:
        """A row of the result."""
        return Row(name, goal, self.database, self.people, figure, floor, target, unit)

    def beside_hello(self, requests: Iterator[bytes], expected: int = 200, number: int | None = None) -> "Beside":
        """Requests to the product and bare answers in turn. ``number``: how many requests there are in all."""
        return self.in_turn(requests, self.hello(), expected=expected, number=number)

    def hello(self) -> "Floor":
        """The bare answer."""
        return Floor(self.floor_line, _forever(Asker().get("/")), self.floor)

    def in_turn(
        self, requests: Iterator[bytes], floor: "Floor", *, expected: int = 200, number: int | None = None
    ) -> "Beside":
        """Requests to the product and to ``floor`` in turn: medians over the rounds of milliseconds per answer."""
        warm = 2 if number is None else 1
        first = ask_all(self.line, [next(requests) for _ in range(warm)], expected)
        own_first = ask_all(floor.line, [next(floor.requests) for _ in range(20)], 200)
        each = self._window(first, number)
        own_each = self._window(own_first, None)
        turns = self.pace.rounds if number is None else max(1, min(self.pace.rounds, number - 1))
        rounds = [self._round(requests, each, floor, own_each, expected) for _ in range(turns)]
        return Beside(*(statistics.median(figures) for figures in zip(*rounds, strict=True)))

    def _window(self, taken: list[float], number: int | None) -> int:
        wanted = max(3, min(400, round(self.pace.window / statistics.median(taken))))
        return wanted if number is None else max(1, min(wanted, (number - 1) // self.pace.rounds))

    def _round(
        self, requests: Iterator[bytes], each: int, floor: "Floor", own_each: int, expected: int
    ) -> tuple[float, float, float, float]:
        ours, wall = self.cpu_of(
            self.product, lambda: ask_all(self.line, [next(requests) for _ in range(each)], expected)
        )
        bare, bare_wall = self.cpu_of(
            floor.server, lambda: ask_all(floor.line, [next(floor.requests) for _ in range(own_each)], 200)
        )
        return ours / each, bare / own_each, statistics.median(wall), statistics.median(bare_wall)

    def cpu_of(self, server: Served, act: Callable[[], Any]) -> tuple[float, Any]:
        """(milliseconds of processor that the server and its database had while ``act`` ran, what it returned)."""
        processes = [*server.workers, *(children(self.backends) if self.backends else [])]
        before = cpu_ms(processes)
        found = act()
        return cpu_ms(processes) - before, found

    def body(self, request: bytes, expected: int = 200) -> bytes:
        """What the product answers."""
        status, body = self.line.ask(request)
        if status != expected:
            raise Unexpected(f"{status} instead of {expected}: {request[:120]!r}")
        return body


@dataclass(frozen=True)
class Floor:
    """What the product is held against: a server, a connection to it, and its requests."""

    line: Line
    requests: Iterator[bytes]
    server: Served


@dataclass(frozen=True)
class Beside:
    """Milliseconds per answer, medians over the rounds: of processor, and as the client waits."""

    cpu: float
    floor_cpu: float
    wall: float
    floor_wall: float


def _forever(request: bytes) -> Iterator[bytes]:
    while True:
        yield request


@contextlib.contextmanager
def set_up(store: Store, people: int, database: str, pace: Pace, **more: Any) -> Iterator[Stage]:
    """The stage over a copy of the kept province of ``people`` files, and the twin of that copy beside it."""
    kept = store.province(people, database)
    with store.copy(kept, "product") as settings:
        preparing = Stage(people, database, store, settings, settings, pace, **more)
        preparing.furnish()
        preparing.rest()
        with store.copy(settings, "twin") as twin:
            stage = Stage(people, database, store, settings, twin, pace, **more)
            for name in ("places", "people_in", "visits", "ready"):
                setattr(stage, name, getattr(preparing, name))
            try:
                yield stage
            finally:
                stage.rest()


def work_folder(given: str | None) -> Path:
    """Where provinces and results are kept."""
    return Path(given).resolve() if given else Settings().instance_dir / "bench"
