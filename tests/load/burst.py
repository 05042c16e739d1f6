"""A province of a million files on a campus evening: 42 applications a second for ten minutes, while reviewers open the
queue, decide and search, and others read lists and figures. How long each of them waited.
"""

import argparse
import asyncio
import json
import os
import sys
import time
from collections import Counter
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from sqlalchemy import func, select

from app.commands.unit import opener
from app.kernel.db.unit import writing
from app.kernel.jobs.periodic import run_due
from app.league.accounts.models import Account
from app.league.organisations.models import Kind, Organisation
from app.parts import know_all
from tests.bench.databases import Store, own_server
from tests.bench.served import children, cpu_ms
from tests.bench.stage import QUICK, SCHOOL, Stage, work_folder
from tests.faults.server import Instance, Server
from tests.load import people as prepared
from tests.load.evening import Evening, compare, spread
from tests.load.office import Met, Office
from tests.load.people import Person
from tests.load.soak import lost_approvals

GOALS = {"queue": 200, "decide": 150, "search": 300}
"""Milliseconds that 95 of 100 keep within (R20)."""
RATES = {"queue": 2.0, "search": 2.0, "approve": 2.0, "read": 4.0}
MOST_PROCESSOR = 0.8
PLACES = 500


async def burst(office: Office, evening: Evening, people: list[Person], rate: float, seconds: float) -> None:
    """Everybody at once, for so long."""
    stop, tasks = asyncio.Event(), set[asyncio.Task[None]]()
    keeping = [asyncio.create_task(office.keep(getattr(office, name), rates, stop)) for name, rates in RATES.items()]
    await evening.phase("burst", seconds, rate, people, tasks)
    stop.set()
    await asyncio.gather(*keeping)
    if tasks:
        await asyncio.wait(tasks)


def applicants(stage: Stage, count: int) -> list[Person]:
    """Signed in, everything typed, each for one of many branches of the largest school."""
    session, path = stage.session, stage.places[SCHOOL].path
    with writing(session):
        inside = Organisation.path.startswith(path), Organisation.kind == Kind.BRANCH
        places = list(session.scalars(select(Organisation).where(*inside).limit(PLACES)))
        first = session.scalar(select(func.max(Account.id))) or 0
        found = prepared.with_drafts(stage.app, session, stage.vault, places, count, first)
    session.expunge_all()
    return found


def settle(stage: Stage) -> None:
    """Let the worker catch up: a province in its daily life, whose log is sealed and whose days are written down."""
    know_all()
    with stage.app.app_context():
        while run_due(opener("settling")):
            pass


def told_of(met: list[Met], evening: Evening, shares: tuple[float, float]) -> tuple[bool, dict[str, object]]:
    """Print every figure beside its goal. ``shares``: of the machine's processors, by the server and by everybody."""
    record = evening.records["burst"]
    well, told = True, {}
    for what in sorted({one.what for one in met}):
        own = [one for one in met if one.what == what]
        figures = {**spread([one.seconds for one in own]), "goal": GOALS.get(what, 0)}
        statuses = dict(Counter(one.status for one in own))
        well = well and (what not in GOALS or figures["p95"] <= GOALS[what])
        well = well and all(status in (200, 303) for status in statuses)
        told[what] = {**figures, "statuses": statuses}
        say(f"  {what:12} {len(own):6} {figures} {statuses}")
    told["submit"] = {**spread(record.requests), "counts": dict(record.counts)}
    say(f"  {'people':12} {record.came:6} {spread(record.requests)} {dict(record.counts)}")
    told["processors"] = shares
    say(f"  processors: {shares[0]:.0%} the server, {shares[1]:.0%} everybody; load {os.getloadavg()}")
    return well and shares[0] <= MOST_PROCESSOR, told


def run(
    stage: Stage, database: str, rate: float, seconds: float, backends: int | None
) -> tuple[bool, dict[str, object]]:
    """Against a server over the province of ``stage``, which is changed."""
    people = applicants(stage, int(rate * seconds * 1.1) + 10)
    stage.keep_fresh()
    stage.draw()
    settle(stage)
    stage.session.close()
    settings = {"SESSION_IDLE_MINUTES": "600", "LOG_LEVEL": "WARNING"}
    instance = Instance(stage.settings.instance_dir, stage.settings.database_url, settings)
    server = Server(instance, worker=True).start()
    office, evening = Office(stage, server.port), Evening(server.port)
    try:
        began, before, idle = time.monotonic(), _server_ms(server, backends), _idle()
        asyncio.run(burst(office, evening, people, rate, seconds))
        passed = time.monotonic() - began
        own = (_server_ms(server, backends) - before) / 1000 / passed / (os.cpu_count() or 1)
        everybody = 1 - (_idle() - idle) / passed / (os.cpu_count() or 1)
    finally:
        server.stop()
    found = compare(instance, evening)
    say(f"{database}: {rate:g} applications a second for {seconds:.0f} s")
    well, told = told_of(office.met, evening, (own, everybody))
    lost = found["lost"] + found["twice"] + lost_approvals(stage, office)
    say(f"  ledger: {found}, {len(office.approved)} approvals acknowledged, lost in all {lost}")
    return well and not lost, {**told, "ledger": found}


def _server_ms(server: Server, backends: int | None) -> float:
    return cpu_ms(server.processes + (children(backends) if backends else []))


def _idle() -> float:
    """Seconds the machine's processors have had nothing to do."""
    told = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()
    return (int(told[4]) + int(told[5])) / os.sysconf("SC_CLK_TCK")


def say(line: str) -> None:
    """Print it now."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> int:
    """Run it. Returns 1 when a goal is missed or something was lost."""
    parser = argparse.ArgumentParser(prog="scripts/burst", description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000, help="files in the province (1000000)")
    parser.add_argument("--database", nargs="+", choices=("sqlite", "postgresql"), default=["sqlite"])
    parser.add_argument("--rate", type=float, default=42, help="applications a second (42)")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--work", help="where provinces are kept (bench/ in the instance folder, as of scripts/bench)")
    parser.add_argument("--json", type=Path, help="write the figures there")
    options = parser.parse_args(arguments)
    folder = work_folder(options.work)
    folder.mkdir(parents=True, exist_ok=True)
    well, told = True, {}
    with own_server(folder) if "postgresql" in options.database else nullcontext((None, None)) as (address, process):
        store = Store(folder, address)
        for database in options.database:
            kept = store.province(options.people, database)
            with store.copy(kept, "burst") as settings:
                settings = replace(settings, session_hours=12)
                stage = Stage(options.people, database, store, settings, settings, QUICK)
                stage.furnish()
                backends = process if database == "postgresql" else None
                fine, told[database] = run(stage, database, options.rate, options.seconds, backends)
                stage.engine.dispose()
                well = well and fine
    if options.json:
        options.json.write_text(json.dumps(told, ensure_ascii=False, indent=1))
    return not well


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
