"""Decide, undo, resubmit, withdraw, let time pass, deliver: in any order the system does what a plain model does."""

from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.kernel.access.viewer import Viewer
from app.kernel.db.unit import writing
from app.kernel.errors import Problem
from app.kernel.outbox.operations import deliver_due
from app.league.accounts.models import Message
from app.league.appointments.queries import live_posts
from app.league.joining import decisions, operations
from app.league.joining.models import Decision, JoinRequest, Verdict
from app.league.organisations import counters
from app.league.people.models import Person
from tests import factories as make

ENDS = {"approve": "approved", "reject": "rejected", "return": "returned"}
STEPS = ("approve", "reject", "return", "undo", "undo", "resubmit", "withdraw", "wait a little", "wait", "deliver")


@dataclass
class Model:
    """What should be true, in a few plain lines."""

    state: str = "submitted"
    round: int = 1
    now: int = 0
    last: dict | None = None
    waiting: dict[int, int] = field(default_factory=dict)
    """Number of the decision → when its message is due."""
    sent: int = 0
    number: int = 0

    def step(self, name: str) -> bool:
        """Do it if it can be done. Returns whether it could."""
        return getattr(self, name.replace(" ", "_"), lambda: self.decide(name))()

    def decide(self, verdict: str) -> bool:
        if self.state != "submitted":
            return False
        self.number += 1
        self.state = ENDS[verdict]
        self.last = {"number": self.number, "verdict": verdict, "round": self.round, "until": self.now + 30}
        self.waiting[self.number] = self.now + 30
        return True

    def undo(self) -> bool:
        last = self.last
        if not last or self.state != ENDS[last["verdict"]] or self.round != last["round"]:
            return False
        if self.now > last["until"] or last["number"] not in self.waiting:
            return False
        del self.waiting[last["number"]]
        self.last, self.state = None, "submitted"
        return True

    def resubmit(self) -> bool:
        if self.state != "returned":
            return False
        self.state, self.round = "submitted", self.round + 1
        return True

    def withdraw(self) -> bool:
        if self.state not in ("submitted", "returned"):
            return False
        self.state = "withdrawn"
        return True

    def wait_a_little(self) -> bool:
        self.now += 10
        return True

    def wait(self) -> bool:
        self.now += 31
        return True

    def deliver(self) -> bool:
        due = [number for number, at in self.waiting.items() if at <= self.now]
        for number in due:
            del self.waiting[number]
        self.sent += len(due)
        return True

    @property
    def figures(self) -> dict[str, int]:
        """The counters of the branch."""
        found = {
            "pending": self.state == "submitted",
            "filled": self.state in ("submitted", "returned", "approved"),
            "approved": self.state == "approved",
            "people": self.state == "approved",
            "member": self.state == "approved",
        }
        return {name: 1 for name, true in found.items() if true}


class Real:
    """The same steps on the real thing."""

    def __init__(self, work, clock, viewer, row) -> None:
        self.work, self.clock, self.viewer, self.row = work, clock, viewer, row
        self.decision = ""

    def step(self, name: str) -> bool:
        """Do it. Returns whether it was done."""
        try:
            if name in ENDS:
                return self.decide(Verdict(name))
            return getattr(self, name.replace(" ", "_"))()
        except Problem:
            return False

    def decide(self, verdict: Verdict) -> bool:
        item = (self.row.public_id, self.fresh().version)
        with writing(self.work.session):
            [outcome] = decisions.decide_many(
                self.work, self.viewer, [item], verdict, reason="请改", fields=["native_place"]
            )
        self.decision = outcome.decision or self.decision
        return outcome.ok

    def undo(self) -> bool:
        with writing(self.work.session):
            return decisions.undo(self.work, self.viewer, self.decision).ok

    def resubmit(self) -> bool:
        with writing(self.work.session):
            operations.resubmit(self.work, self.fresh(), {"native_place": "山西大同"})
        return True

    def withdraw(self) -> bool:
        with writing(self.work.session):
            operations.withdraw(self.work, self.fresh())
        return True

    def wait_a_little(self) -> bool:
        return self.pass_time(10)

    def wait(self) -> bool:
        return self.pass_time(31)

    def pass_time(self, seconds: int) -> bool:
        self.clock.advance(seconds=seconds)
        self.work.now = self.clock.now()
        return True

    def deliver(self) -> bool:
        deliver_due(self.work)
        return True

    def fresh(self) -> JoinRequest:
        return self.work.session.get_one(JoinRequest, self.row.id, populate_existing=True)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(STEPS), min_size=1, max_size=14))
def test_any_order_of_steps_ends_as_the_model_does(steps, world, session, vault, work, clock):
    account = world.people["college_c"]
    posts = live_posts(session, account.id, make.TODAY)
    viewer = Viewer(account.id, account.public_id, account.name, posts=posts, acting=posts[0])
    with writing(session):
        branch = make.organisation(session, parent=world.college_c)
        row = make.join_request(session, vault, branch, submitted_at=clock.now())
    model, real = Model(), Real(work, clock, viewer, row)
    for step in steps:
        assert (step, real.step(step)) == (step, model.step(step))
        now = real.fresh()
        assert (now.state.value, now.round) == (model.state, model.round)
        figures = counters.figures_of(session, [branch.path])[branch.path]
        assert {name: value for name, value in figures.items() if value} == model.figures
        files = select(func.count()).select_from(Person).where(Person.org_path == branch.path)
        assert session.scalar(files) == int(model.state == "approved")
        told = select(func.count()).select_from(Message).where(Message.account_id == row.account_id)
        assert session.scalar(told) == model.sent, "the message of an undone decision is never sent"
        standing = select(func.count()).select_from(Decision).where(Decision.request_id == row.id)
        assert session.scalar(standing) == model.number
        session.rollback()
