"""Reviewers at their desks: they open lists, search, decide, write notices, and somebody keeps the machine."""

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from itertools import cycle

from sqlalchemy.orm import Session

from app.kernel.access.rules import Role
from app.kernel.db.unit import writing
from tests import factories as make
from tests.bench.goals.pages import FIGURES, HOMES, LISTS, address
from tests.bench.stage import PROVINCE, SCHOOL, SEARCHERS, Stage
from tests.load.browser import Answer, Browser, NoAnswer

MACHINE, PUBLISHER = "machine", "publisher"
LANES = ("clean", "off_roster", "flagged")
MACHINE_TASKS = ("backup", "verify", "chain")
VISITS_OF_EACH = 4


@dataclass(frozen=True)
class Met:
    """One answer: what was asked for, when (seconds of the monotonic clock), how long it took, its status (0: none)."""

    what: str
    at: float
    seconds: float
    status: int
    polite: bool = False
    """An answer that asks to come again later."""


class Office:
    """The people of ``stage`` before the server on ``port``; every answer is noted in ``met``."""

    def __init__(self, stage: Stage, port: int) -> None:
        self.stage, self.met = stage, []
        self.met: list[Met] = []
        self.approved: set[str] = set()
        self.unknown: set[str] = set()
        self._dice = random.Random("office")
        self._tokens: dict[int, str] = {}
        self._visits: dict[str, Iterator[Browser]] = {}
        for who, askers in stage.visits.items():
            browsers = [Browser(port, dict(one.cookies)) for one in askers]
            self._tokens |= {id(browser): one.csrf_token for browser, one in zip(browsers, askers, strict=True)}
            self._visits[who] = cycle(browsers)
        self._reading = cycle(
            [(who, address(stage, template)) for _, who, template in (*LISTS, *HOMES, *FIGURES) if who]
        )
        self._names = cycle([one.name[-2:] for one in stage.sample])
        self._waiting = cycle(LANES)
        self._machine = cycle(MACHINE_TASKS)
        self._searchers = cycle([f"{where}-{n}" for n in range(SEARCHERS) for where in (PROVINCE, SCHOOL)])

    async def keep(self, act: Callable[[], Awaitable[None]], rate: float, stop: asyncio.Event) -> None:
        """Begin ``act`` at random moments, ``rate`` times a second, however long each takes, until told to stop."""
        running: set[asyncio.Task[None]] = set()
        due = time.monotonic()
        while not stop.is_set():
            due += self._dice.expovariate(rate)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), max(due - time.monotonic(), 0))
                break
            task = asyncio.ensure_future(act())
            running.add(task)
            task.add_done_callback(running.discard)
        if running:
            await asyncio.wait(running)

    async def read(self) -> None:
        """The next list, desk or table of figures."""
        who, place = next(self._reading)
        await self._ask("figures" if "overview" in place else "lists", self._somebody(who), place)

    async def queue(self) -> None:
        """The school's queue."""
        await self._ask("queue", self._somebody(SCHOOL), "/twt/queue")

    async def search(self) -> None:
        """A piece of a name."""
        browser = self._somebody(next(self._searchers))
        await self._ask("search", browser, "/twt/people/search", {"q": next(self._names)})

    async def decide(self) -> None:
        """Look at a lane of the queue and approve what comes first, now and then send it back."""
        browser = self._somebody(SCHOOL)
        shown = await self._ask("queue", browser, f"/twt/queue?lane={next(self._waiting)}")
        form = shown.decision() if shown and shown.status == 200 else None
        if form:
            back = self._dice.random() < 0.1
            verdict = {"verdict": "return", "digit": "1"} if back else {"verdict": "approve"}
            await self._decide(browser, form[0], form[1], {**form[2], **verdict})

    async def approve(self) -> None:
        """Approve one that waits anywhere in the province, without looking at the queue."""
        ((public_id, version),) = self.stage.take(1, 1.0) or [("", 0)]
        fields = {"verdict": "approve", "version": str(version), "once": f"once-{public_id}"[:48]}
        await self._decide(self._somebody(PROVINCE), f"/twt/queue/{public_id}/decide", public_id, fields)

    async def publish(self) -> None:
        """Write a notice to those below and publish it."""
        browser = self._somebody(PUBLISHER)
        blank = await self._ask("notices", browser, "/twt/notices/new")
        if blank is None or blank.status != 200:
            return
        place = self.stage.places[PROVINCE].public_id
        text = {"title": "五四主题团日安排", "body": "<p>请各团支部在四月底前报名。</p>", "category": "announcements",
                "audience": "staff", "issuer": place, "target": place}  # fmt: skip
        written = await self._ask("notices", browser, "/twt/notices/new", {**blank.fields(), **text})
        if written is None or written.status != 303:
            return
        draft = written.headers["location"]
        shown = await self._ask("notices", browser, draft)
        if shown and shown.status == 200:
            await self._ask("notices", browser, f"{draft}/publish", shown.fields(f"{draft}/publish"))

    async def keep_machine(self) -> None:
        """Ask for a backup, a count of everything, a check of the log, in turn."""
        browser = self._somebody(MACHINE)
        await self._ask("machine", browser, "/twt/machine")
        await self._ask("machine", browser, f"/twt/machine/{next(self._machine)}", {})

    async def _decide(self, browser: Browser, place: str, public_id: str, fields: dict[str, str]) -> None:
        answer = await self._ask("decide", browser, place, fields)
        if answer is None:
            self.unknown.add(public_id)
        elif answer.status == 303 and fields["verdict"] == "approve":
            self.approved.add(public_id)

    def _somebody(self, who: str) -> Browser:
        return next(self._visits[who])

    async def _ask(self, what: str, browser: Browser, place: str, form: dict[str, str] | None = None) -> Answer | None:
        began = time.monotonic()
        try:
            if form is None:
                answer = await browser.get(place)
            else:
                answer = await browser.post(place, {"csrf_token": self._tokens[id(browser)], **form})
        except NoAnswer:
            self.met.append(Met(what, began, time.monotonic() - began, 0))
            return None
        self.met.append(Met(what, began, answer.seconds, answer.status, answer.retry_after > 0))
        return answer


def appoint_others(stage: Stage) -> None:
    """A system administrator and a publisher, signed in, among the people of ``stage``."""
    session: Session = stage.session
    with writing(session):
        for who, role in ((MACHINE, Role.SYSTEM_ADMIN), (PUBLISHER, Role.PUBLISHER)):
            account = make.account(session, stage.vault, who)
            make.appoint(session, account, stage.places[PROVINCE], role)
            stage.visits[who] = [stage.sign_in(account) for _ in range(VISITS_OF_EACH)]
    session.expunge_all()
    stage.keep_fresh()
