"""Approvals and submissions while the primary dies again and again; what was acknowledged is then looked for.

Dying means kill -9 of PostgreSQL and of the Patroni beside it, as when the machine is gone. The dead server is started
again once the standby has taken over, and the next one dies when it follows synchronously again.
"""

import asyncio
import random
import signal
import time
from collections import Counter

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import create_app
from app.config import Settings
from app.extensions import db
from app.kernel.db.unit import writing
from app.league.accounts.models import Account
from app.league.joining.models import Decision, JoinRequest, RequestState
from app.league.organisations.models import Kind, Organisation, OrganisationStatus
from tests.cluster.control import Cluster
from tests.load import people as prepared
from tests.load.browser import Browser, NoAnswer
from tests.load.evening import Evening
from tests.load.people import Person

SECRETARY = "13900000003"
SCHOOL = "朔州师范%"
LANES = ("clean", "off_roster", "flagged")
RATE = 5.0
"""Submissions a second."""
SECONDS_A_KILL = 90
BACK_WITHIN = 30.0


class Fire(Evening):
    """The people of an evening, and the school's secretary. ``acks``: when a change was sent, and when acknowledged."""

    def __init__(self, port: int, password: str) -> None:
        super().__init__(port)
        self.password = password
        self.acks: list[tuple[float, float]] = []
        self.approved: set[str] = set()
        self.troubles: Counter[str] = Counter()

    async def come(self, people: list[Person], tasks: set) -> None:
        """Let people come until told to stop."""
        dice = random.Random("fire")
        while people and not self.stop.is_set():
            await asyncio.sleep(dice.expovariate(RATE))
            tasks.add(asyncio.create_task(self.live(people.pop(), self.now)))

    def acknowledged(self, began: float) -> None:
        """A change that was sent at ``began`` stands."""
        self.acks.append((began, time.monotonic()))

    async def approve(self) -> None:
        """The secretary approves what comes first, and signs in whenever asked."""
        browser, turn = Browser(self.port), 0
        while not self.stop.is_set():
            turn += 1
            try:
                await self._approve_one(browser, LANES[turn % len(LANES)])
            except NoAnswer:
                self.troubles["no answer"] += 1
                await asyncio.sleep(0.5)

    async def _approve_one(self, browser: Browser, lane: str) -> None:
        shown = await browser.get(f"/twt/queue?lane={lane}")
        if shown.status == 303:
            form = (await browser.get("/login")).fields()
            await browser.post("/login", {**form, "phone": SECRETARY, "password": self.password})
            return
        form = shown.decision()
        if shown.status != 200 or form is None:
            self.troubles[f"queue {shown.status}"] += 1
            await asyncio.sleep(1)
            return
        address, public_id, hidden = form
        began = time.monotonic()
        answer = await browser.post(address, {**hidden, "verdict": "approve"})
        if answer.status == 303:
            self.approved.add(public_id)
            self.acknowledged(began)
        else:
            self.troubles[f"approval {answer.status}"] += 1
            await asyncio.sleep(0.5)


def prepare(cluster: Cluster, count: int) -> list[Person]:
    """People with an application to one of the school's branches, one step before the end."""
    app = create_app(Settings.read(cluster.plan.settings()))
    with app.app_context():
        session = db.session()
        with writing(session):
            school = session.scalars(
                select(Organisation).where(Organisation.name.like(SCHOOL), Organisation.kind != Kind.BRANCH)
            ).first()
            inside = Organisation.path.like(f"{school.path}%") if school else Organisation.id > 0
            open_branches = (Organisation.kind == Kind.BRANCH, Organisation.status == OrganisationStatus.OPEN)
            places = list(session.scalars(select(Organisation).where(inside, *open_branches).limit(50)))
            first = session.scalars(select(func.max(Account.id))).one()
            people = prepared.with_drafts(app, session, app.extensions["house"].vault, places, count, first)
        db.engine.dispose()
    return people


async def burn(cluster: Cluster, fire: Fire, people: list[Person], kills: int) -> list[float]:
    """Kill the primary ``kills`` times under load. Returns after how many seconds each time a write was taken again."""
    tasks: set[asyncio.Task[None]] = set()
    others = [asyncio.create_task(fire.come(people, tasks)), *(asyncio.create_task(fire.approve()) for _ in range(2))]
    back = []
    for number in range(1, kills + 1):
        await asyncio.to_thread(cluster.wait, "a standby", lambda: cluster.standby() is not None, 120)
        await asyncio.sleep(random.Random(number).uniform(3, 8))
        victim = str(cluster.primary()).replace("postgres", "patroni")
        killed = time.monotonic()
        await asyncio.to_thread(cluster.end, victim, signal.SIGKILL)
        while not (after := [done for began, done in fire.acks if began > killed]):
            if time.monotonic() - killed > 120:
                break
            await asyncio.sleep(0.1)
        back.append(round(min(after, default=killed + 120) - killed, 1))
        print(f"{number}. {victim} killed; writes are back after {back[-1]} s", flush=True)
        await asyncio.to_thread(cluster.launch, victim)
    await asyncio.to_thread(cluster.wait, "a standby", lambda: cluster.standby() is not None, 120)
    fire.stop.set()
    await asyncio.gather(*others)
    await asyncio.wait(tasks)
    return back


def compare(cluster: Cluster, fire: Fire) -> dict[str, int]:
    """The ledger against the database."""
    app = create_app(Settings.read(cluster.plan.settings()))
    with app.app_context(), Session(db.engine) as session:
        mine = select(Account.public_id).join(JoinRequest, JoinRequest.account_id == Account.id)
        applied = Counter(session.scalars(mine))
        approved = set(session.scalars(select(JoinRequest.public_id).where(JoinRequest.state == RequestState.APPROVED)))
        twice = session.execute(
            select(Decision.request_id).group_by(Decision.request_id).having(func.count() > 1)
        ).all()
        db.engine.dispose()
    submitted = {name for _, name in fire.ledger}
    return {
        "submissions acknowledged": len(submitted), "submissions lost": len(submitted - set(applied)),
        "approvals acknowledged": len(fire.approved), "approvals lost": len(fire.approved - approved),
        "done twice": sum(1 for times in applied.values() if times > 1) + len(twice),
    }  # fmt: skip


def fire(cluster: Cluster, kills: int) -> int:
    """Run it over a cluster that runs. Returns 0 when nothing is lost and writes were back in time."""
    people = prepare(cluster, int(kills * SECONDS_A_KILL * RATE))
    run = Fire(cluster.plan.base, Settings.read().demo_password)
    back = asyncio.run(burn(cluster, run, people, kills))
    found = compare(cluster, run)
    print("ledger:", ", ".join(f"{number} {name}" for name, number in found.items()))
    print("people:", dict(run.now.counts), " secretary:", dict(run.troubles))
    print("writes back after", back, "s")
    print(cluster.flask("verify").splitlines()[-1])
    lost = found["submissions lost"] + found["approvals lost"] + found["done twice"]
    return int(lost > 0 or max(back) > BACK_WITHIN)
