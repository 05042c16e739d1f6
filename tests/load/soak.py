"""A day pressed into half an hour: people come, reviewers work, the worker keeps time by a clock that runs 48 times as
fast, backups are made and verified; and meanwhile it is sampled what the processes take. Whatever grows is a leak.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import create_app
from app.commands.init import prepare
from app.commands.unit import command_work
from app.config import Settings
from app.extensions import db
from app.generation import run as generation
from app.kernel.db.unit import writing
from app.league.joining.models import JoinRequest, RequestState
from app.league.organisations.models import Kind, Organisation
from tests.bench.databases import Store
from tests.bench.stage import QUICK, SCHOOL, Stage
from tests.faults.server import Instance, Server
from tests.load import people as prepared
from tests.load.evening import Evening, compare, spread
from tests.load.office import Office, appoint_others
from tests.load.people import Person
from tests.load.pressed import PressedClock
from tests.load.vitals import Sample, growths, look

DAY = 24 * 3600
SAMPLED_EVERY = 5.0
AHEAD = 20.0
"""For how many seconds people are made ready at a time: what they carry gets old quickly under such a clock."""
TIMES = 48.0
"""How fast the clock runs: a day in half an hour."""
MOST_SLOPE, MOST_FILES, MOST_THREADS, MOST_WAL, MOST_DRIFT = 1.0, 5, 1, 64.0, 0.10
"""MB an hour of the day; open files; threads, for the pool makes its last when first needed; MB; a tenth (R18)."""
RATES = {"read": 4.0, "queue": 1.0, "search": 0.7, "decide": 1.5, "publish": 0.05, "keep_machine": 1 / 45}
COMING = 2.0
"""People a second who register or hand in."""


class Soak:
    """One run of ``seconds`` against ``server``; ``pace``: a factor to all rates."""

    def __init__(self, stage: Stage, server: Server, clock: PressedClock, seconds: float, pace: float) -> None:
        self.server, self.seconds, self.pace, self.times = server, seconds, pace, clock.times
        self.office, self.evening = Office(stage, server.port), Evening(server.port)
        self.samples: list[Sample] = []
        self.logs: list[float] = []
        self._app = create_app(stage.settings, clock=clock)
        self._made, self._school = 0, stage.places[SCHOOL].path
        self._log = stage.settings.instance_dir / "tuanwutong.sqlite3-wal"
        self._embedded = not stage.settings.database_url

    async def run(self) -> None:
        """Everybody at once, for so long."""
        self.began, stop = time.monotonic(), asyncio.Event()
        acts = {name: getattr(self.office, name) for name in RATES}
        keeping = [self.office.keep(act, RATES[name] * self.pace, stop) for name, act in acts.items()]
        all_of_them = asyncio.gather(self._come(stop), self._sample(stop), *keeping)
        await asyncio.sleep(self.seconds)
        stop.set()
        await all_of_them

    async def _come(self, stop: asyncio.Event) -> None:
        tasks: set[asyncio.Task[None]] = set()
        while not stop.is_set():
            ready = await asyncio.to_thread(self._ready, int(COMING * self.pace * AHEAD))
            for person in ready:
                await asyncio.sleep(1 / (COMING * self.pace))
                tasks.add(task := asyncio.create_task(self.evening.live(person, self.evening.now)))
                task.add_done_callback(tasks.discard)
        if tasks:
            await asyncio.wait(tasks)

    def _ready(self, count: int) -> list[Person]:
        """``count`` people one step before the end, three in four with an application."""
        with self._app.app_context():
            vault, session = self._app.extensions["house"].vault, db.session()
            with writing(session):
                inside = Organisation.path.startswith(self._school), Organisation.kind == Kind.BRANCH
                places = list(session.scalars(select(Organisation).where(*inside).limit(50)))
                first, self._made = self._made, self._made + count
                found = prepared.with_drafts(self._app, session, vault, places, count * 3 // 4, first)
            rest = count - len(found)
            found += prepared.registering(self._app, vault, first + len(found), rest)
            db.session.remove()
        return found[::2] + found[1::2]

    async def _sample(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            self.samples += look(self.server.processes, self.began)
            if self._embedded and self._log.exists():
                self.logs.append(self._log.stat().st_size / 1e6)
            await asyncio.sleep(SAMPLED_EVERY)

    def close(self) -> None:
        """Let go of the database."""
        with self._app.app_context():
            db.engine.dispose()


def lost_approvals(stage: Stage, office: Office) -> int:
    """Approvals that were acknowledged and are not there."""
    with Session(stage.engine) as session:
        states = dict(session.execute(select(JoinRequest.public_id, JoinRequest.state)).all())
    return sum(1 for public_id in office.approved if states.get(public_id) is not RequestState.APPROVED)


def judge(soak: Soak, lost: int, alone: bool) -> tuple[bool, dict[str, object]]:
    """Print each figure with what it may be. ``alone``: whether times mean something on this machine."""
    errors = Counter(met.what for met in soak.office.met if met.status >= 500 and not met.polite)
    errors += Counter(name for name in soak.evening.now.counts if name.startswith("status 5"))
    polite = sum(1 for met in soak.office.met if met.polite)
    silent = sum(1 for met in soak.office.met if not met.status) + soak.evening.now.counts["no answer"]
    grown = growths(soak.samples, soak.seconds, soak.times)
    quarters = [[met.seconds for met in soak.office.met if _quarter(soak, met.at) == number] for number in range(4)]
    slow = [spread(quarter)["p95"] for quarter in quarters]
    drift = slow[3] / slow[1] - 1 if slow[1] else 0.0
    rows = [
        ("steepest memory, MB an hour of the day", max((one.slope for one in grown), default=0.0), MOST_SLOPE),
        ("open files, last quarter against first", max((abs(one.files[1] - one.files[0]) for one in grown), default=0),
         MOST_FILES),
        ("threads, last quarter against first", max((abs(one.threads[1] - one.threads[0]) for one in grown), default=0),
         MOST_THREADS),
        ("largest write-ahead log, MB", max(soak.logs, default=0.0), MOST_WAL),
        ("errors (5xx without a time to come again)", errors.total(), 0),
        ("requests without an answer", silent, 0),
        ("acknowledged and lost", lost, 0),
        *([("p95, last quarter against second", drift, MOST_DRIFT)] if alone else []),
    ]  # fmt: skip
    for one in grown:
        say(
            f"process {one.process}: {one.memory:.1f} MB, {one.slope:+.2f} MB/h, open files {one.files[0]} → {one.files[1]}"
            f", threads {one.threads[0]} → {one.threads[1]}"
        )
    say(f"p95 by quarters: {slow} ms; load of the machine {os.getloadavg()[0]:.1f}; refused politely {polite}")
    for what in sorted({met.what for met in soak.office.met}):
        met = [one for one in soak.office.met if one.what == what]
        say(
            f"  {what:9} {len(met):6} {spread([one.seconds for one in met])} {dict(Counter(one.status for one in met))}"
        )
    say(f"  people    {dict(soak.evening.now.counts)} {spread(soak.evening.now.requests)}")
    for name, figure, most in rows:
        say(f"{'ok  ' if figure <= most else 'MISS'} {name:45} {figure:8.2f}  at most {most}")
    told = {name: {"figure": figure, "most": most} for name, figure, most in rows}
    return all(figure <= most for _, figure, most in rows), told


def _quarter(soak: Soak, at: float) -> int:
    return min(int((at - soak.began) / soak.seconds * 4), 3)


def staged(folder: Path, people: int) -> tuple[Stage, PressedClock]:
    """A generated province in ``folder`` with people at their desks, whose day begins now."""
    settings = replace(
        Settings(), instance_dir=folder, database_url=os.environ.get("DATABASE_URL", ""),
        session_idle_minutes=DAY, session_hours=DAY, log_level="WARNING",
    )  # fmt: skip
    app = create_app(settings)
    with app.app_context():
        prepare()
        with command_work() as work:
            generation.generate(work, people, seed=2016)
            work.session.commit()
        db.engine.dispose()
    stage = Stage(people, "sqlite", Store(folder), settings, settings, QUICK)
    stage.furnish()
    appoint_others(stage)
    stage.draw()
    stage.session.close()
    return stage, PressedClock(time.time(), TIMES)


def instance_of(stage: Stage, clock: PressedClock) -> Instance:
    """What the server is started with."""
    folder = stage.settings.instance_dir
    secret = folder / "passphrase"
    secret.write_text("山西的春天来得不晚，花都开了", encoding="utf-8")
    secret.chmod(0o600)
    settings = {
        "SESSION_IDLE_MINUTES": str(DAY), "SESSION_HOURS": str(DAY), "LOG_LEVEL": "WARNING",
        "BACKUP_DIR": str(folder / "backups"), "BACKUP_PASSPHRASE_FILE": str(secret), "BACKUP_KEEP_DAYS": "1",
        "PRESSED_SINCE": str(clock.since), "PRESSED_TIMES": str(clock.times),
    }  # fmt: skip
    return Instance(folder, stage.settings.database_url, settings, entrance="tests.load.pressed")


def soak(folder: Path, seconds: float, people: int, pace: float, alone: bool = False) -> tuple[bool, dict[str, object]]:
    """Run it in ``folder``. Returns whether nothing grew, and the figures."""
    stage, clock = staged(folder, people)
    instance = instance_of(stage, clock)
    server = Server(instance, worker=True).start()
    running = Soak(stage, server, clock, seconds, pace)
    try:
        asyncio.run(running.run())
    finally:
        server.stop()
        running.close()
    found = compare(instance, running.evening)
    lost = found["lost"] + found["twice"] + lost_approvals(stage, running.office)
    say(f"ledger: {found}, {len(running.office.approved)} approvals acknowledged")
    well, told = judge(running, lost, alone)
    verified = instance.flask("verify").splitlines()[-1]
    say(verified)
    say(_complaints(server.log))
    stage.engine.dispose()
    return well and verified == "全部相符。", told


def _complaints(log: Path) -> str:
    """The kinds of lines the server wrote, without the slow statements of a busy machine."""
    kinds: Counter[str] = Counter()
    for line in log.read_text(encoding="utf-8").splitlines():
        told = json.loads(line) if line.startswith("{") else {"message": line[:100]}
        kinds[str(told["message"])[:100]] += 1
    return "log: " + ", ".join(f"{number} × {kind}" for kind, number in kinds.most_common(8))


def say(line: str) -> None:
    """Print it now."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> int:
    """Run it. Returns 1 when something grew, was lost or failed."""
    parser = argparse.ArgumentParser(prog="scripts/soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--people", type=int, default=10_000, help="files in the province (10000)")
    parser.add_argument("--pace", type=float, default=1.0, help="a factor to all rates")
    parser.add_argument("--alone", action="store_true", help="the machine does nothing else: judge times as well")
    parser.add_argument("--json", type=Path, help="write the figures there")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        well, told = soak(Path(folder), options.minutes * 60, options.people, options.pace, options.alone)
    if options.json:
        options.json.write_text(json.dumps(told, ensure_ascii=False, indent=1))
    return not well


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
