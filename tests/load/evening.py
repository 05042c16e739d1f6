"""A campus evening: so many come in an hour, ten times as many for two minutes; one client misbehaves, others only read.

What the server acknowledged is written down outside it, and compared with the database afterwards.
"""

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import create_app
from app.config import Settings
from app.extensions import db
from app.kernel.db.unit import writing
from app.league.accounts.models import Account
from app.league.joining.models import JoinRequest
from app.league.organisations.models import Kind
from tests import factories as make
from tests.faults.server import Instance, Server
from tests.load import people as prepared
from tests.load.browser import Browser, NoAnswer
from tests.load.people import Person

PASSWORD = "汾河边的路灯亮了"
BRANCHES = 200
GIVES_UP = 180.0
"""Seconds after which a person who still waits goes to bed."""
READS = ("/", "/notices", "/help", "/orgs")


@dataclass
class Record:
    """What happened in one phase. Times in seconds."""

    seconds: float = 0.0
    came: int = 0
    requests: list[float] = field(default_factory=list)
    served: list[float] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


class Evening:
    """One run against a server on ``port``. ``ledger``: kind and name of everything acknowledged."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.records: dict[str, Record] = {}
        self.now = Record()
        self.ledger: set[tuple[str, str]] = set()
        self.unknown: set[tuple[str, str]] = set()
        self.stop = asyncio.Event()

    async def phase(self, name: str, seconds: float, rate: float, people: list[Person], tasks: set) -> None:
        """Let ``rate`` people a second come for so long, at random moments."""
        self.now = self.records[name] = Record(seconds)
        dice, began, due = random.Random(name), time.monotonic(), 0.0
        while (due := due + dice.expovariate(rate)) < seconds and people:
            await asyncio.sleep(max(began + due - time.monotonic(), 0))
            self.now.came += 1
            tasks.add(asyncio.create_task(self.live(people.pop(), self.now)))
        await asyncio.sleep(max(began + seconds - time.monotonic(), 0))

    def acknowledged(self, began: float) -> None:
        """Called for each form that was sent at ``began`` and acknowledged now."""

    async def live(self, person: Person, record: Record) -> None:
        """One person's evening: open the page, send the form, wait in line when told to."""
        began = time.monotonic()
        browser = Browser(self.port, person.cookies)
        path = "/jia/apply/check" if person.kind == "submit" else "/jia/account/password"
        extra = {"password": PASSWORD} if person.kind == "register" else {"statement": "会计 20184 班"}
        method, fields, stood = "get", {}, False
        while time.monotonic() - began < GIVES_UP:
            sent = time.monotonic()
            try:
                answer = await (browser.get(path) if method == "get" else browser.post(path, fields))
            except NoAnswer:
                record.counts["no answer"] += 1
                if method == "post":
                    self.unknown.add((person.kind, person.name))
                await asyncio.sleep(2)
                continue
            record.requests.append(answer.seconds)
            if answer.status == 303 and method == "post":
                self.ledger.add((person.kind, person.name))
                self.acknowledged(sent)
                record.served.append(time.monotonic() - began)
                record.counts["acknowledged after a place in line" if stood else "acknowledged at once"] += 1
                return
            if answer.status == 200:
                method, fields = "post", {**answer.fields(), **extra}
                continue
            if answer.status in (429, 503) and answer.retry_after and len(answer.text) > 200:
                stood = True
                if not await self.stand(browser, answer.retry_after, began, record):
                    break
                method = "get"
                continue
            record.counts[f"status {answer.status}"] += 1
            return
        record.counts["went home with the form kept"] += 1

    async def stand(self, browser: Browser, seconds: float, began: float, record: Record) -> bool:
        """Ask again as the waiting page does. Returns whether it was one's turn before one gave up."""
        record.counts["waiting pages"] += 1
        while time.monotonic() - began + seconds < GIVES_UP:
            await asyncio.sleep(seconds)
            try:
                answer = await browser.get("/waiting")
            except NoAnswer:
                record.counts["no answer"] += 1
                continue
            record.requests.append(answer.seconds)
            if answer.status in (200, 303):
                return True
            record.counts["waiting pages"] += 1
            seconds = answer.retry_after or 5
        return False

    async def read(self) -> None:
        """A visitor who only reads the news, five pages a second."""
        browser, turn = Browser(self.port), 0
        while not self.stop.is_set():
            turn += 1
            try:
                answer = await browser.get(READS[turn % len(READS)])
                self.now.pages.append(answer.seconds)
                if answer.status != 200:
                    self.now.counts[f"page {answer.status}"] += 1
            except NoAnswer:
                self.now.counts["page without answer"] += 1
            await asyncio.sleep(0.2)

    async def abuse(self, person: Person) -> None:
        """One client with one visit that asks without end."""
        browser = Browser(self.port, person.cookies)
        while not self.stop.is_set():
            try:
                answer = await browser.get("/jia/account")
                self.now.counts[f"abuser {answer.status}"] += 1
            except NoAnswer:
                await asyncio.sleep(0.1)


def prepare(instance: Instance, count: int) -> list[Person]:
    """A school with branches, and ``count`` people one step before the end."""
    app = create_app(Settings.read(instance.environment))
    vault = app.extensions["house"].vault
    with app.app_context():
        session = db.session()
        with writing(session):
            province = make.organisation(session, Kind.PROVINCE, None, "团省委")
            school = make.organisation(session, Kind.UNIVERSITY, province, "朔州师范团委")
            places = [make.organisation(session, Kind.BRANCH, school) for _ in range(BRANCHES)]
            half = count // 2
            submitting = prepared.with_drafts(app, session, vault, places, half)
        registering = list(prepared.registering(app, vault, half, count - half))
        db.engine.dispose()
    mixed = submitting + registering
    random.Random(2016).shuffle(mixed)
    return mixed


async def play(server: Server, people: list[Person], rate: float, calm: float, surge: float) -> Evening:
    """Calm, ten times as many, calm again."""
    evening, tasks = Evening(server.port), set()
    abuser = people.pop()
    readers = [asyncio.create_task(evening.read()) for _ in range(4)]
    await evening.phase("calm", calm, rate, people, tasks)
    abusers = [asyncio.create_task(evening.abuse(abuser)) for _ in range(8)]
    await evening.phase("ten times", surge, rate * 10, people, tasks)
    for task in abusers:
        task.cancel()
    await evening.phase("after", calm, rate, people, tasks)
    await asyncio.wait(tasks)
    evening.stop.set()
    await asyncio.gather(*readers)
    return evening


def compare(instance: Instance, evening: Evening) -> dict[str, int]:
    """The ledger against the database."""
    app = create_app(Settings.read(instance.environment))
    with app.app_context(), Session(db.engine) as session:
        vault = app.extensions["house"].vault
        rows = session.execute(select(Account.public_id, Account.phone_index)).all()
        applied = Counter(
            session.scalars(select(Account.public_id).join(JoinRequest, JoinRequest.account_id == Account.id))
        )
        indexes = {row.phone_index for row in rows}
        there = {("submit", name) for name in applied}
        there |= {(kind, name) for kind, name in evening.ledger | evening.unknown if kind == "register"
                  and vault.index("phone", name) in indexes}  # fmt: skip
    return {
        "acknowledged": len(evening.ledger),
        "lost": len(evening.ledger - there),
        "twice": sum(1 for times in applied.values() if times > 1),
        "unknown": len(evening.unknown - evening.ledger),
        "done without word": len(there - evening.ledger),
    }


def spread(values: list[float]) -> dict[str, float]:
    """p50, p95, p99 and the longest, in milliseconds."""
    ordered = sorted(values) or [0.0]
    at = lambda share: round(ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000)  # noqa: E731
    return {"p50": at(0.5), "p95": at(0.95), "p99": at(0.99), "max": round(ordered[-1] * 1000)}


def report(evening: Evening, found: dict[str, int]) -> dict[str, object]:
    """Print the figures; return them."""
    told: dict[str, object] = {"ledger": found}
    for name, record in evening.records.items():
        rows = {
            "people": record.came,
            "requests": spread(record.requests),
            "person, first click to answer": spread(record.served),
            "public pages": spread(record.pages),
            "counts": dict(sorted(record.counts.items())),
        }
        told[name] = rows
        print(f"\n{name}: {record.came} people in {record.seconds:.0f} s")
        for row, value in rows.items():
            if row != "people":
                print(f"  {row:32}", "  ".join(f"{key} {number}" for key, number in value.items()))
    print("\nledger:", ", ".join(f"{number} {name}" for name, number in found.items()))
    return told


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="scripts/evening", description=__doc__)
    parser.add_argument("--hourly", type=int, default=50_000, help="people in an hour; ten times as many in the middle")
    parser.add_argument("--calm", type=float, default=30, help="seconds before and after")
    parser.add_argument("--surge", type=float, default=120, help="seconds of ten times as many")
    parser.add_argument("--json", type=Path, help="write the figures there")
    chosen = parser.parse_args()
    rate = chosen.hourly / 3600
    count = int(rate * (2 * chosen.calm + 10 * chosen.surge) * 1.1) + 50
    with tempfile.TemporaryDirectory(prefix="evening-") as folder:
        settings = {"LOG_LEVEL": "WARNING", "SESSION_IDLE_MINUTES": "600"}
        instance = Instance(Path(folder) / "instance", os.environ.get("DATABASE_URL", ""), settings)
        instance.flask("init")
        people = prepare(instance, count)
        server = Server(instance).start()
        try:
            evening = asyncio.run(play(server, people, rate, chosen.calm, chosen.surge))
        finally:
            server.stop()
        told = report(evening, found := compare(instance, evening))
        print(server.log.read_text()[-2000:], instance.flask("verify").splitlines()[-1], sep="\n")
    if chosen.json:
        chosen.json.write_text(json.dumps(told, ensure_ascii=False, indent=1))
    sys.exit(bool(found["lost"] or found["twice"]))


if __name__ == "__main__":
    main()
