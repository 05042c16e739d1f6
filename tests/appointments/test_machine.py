"""Whatever people do with each other's posts, nobody ever holds a right that the plain model denies (T03, T32)."""

from datetime import timedelta

import hypothesis
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from app.kernel.access.powers import Power
from app.kernel.access.rules import Role
from app.kernel.access.viewer import Viewer
from app.kernel.errors import Problem
from app.kernel.work import Actor, Work
from app.league.appointments import operations, queries
from app.league.appointments.models import Appointment
from app.league.organisations import reshaping
from tests.appointments.model import Held, Model
from tests.factories import NOW, TODAY
from tests.world import STAFF, TREE, World

WHO = st.sampled_from(["system", "province", "city_a", "school_s", "school_t", "college_c", "delegate_c", "youth"])
WHERE = st.sampled_from(["province", "city_a", "school_s", "school_t", "college_c", "branch_b1", "branch_t1"])
ROLES = st.sampled_from([role for role in Role if role is not Role.SYSTEM_ADMIN])
JUDGED = (
    Power.JOINING_DECIDE, Power.PEOPLE_READ, Power.PEOPLE_REVEAL, Power.APPOINTMENTS_ADMIN,
    Power.APPOINTMENTS_DELEGATE, Power.ORGANISATIONS_CREATE, Power.ORGANISATIONS_MOVE, Power.NOTICES_PUBLISH,
)  # fmt: skip
PEOPLE = ("system", "province", "city_a", "school_s", "school_t", "college_c", "delegate_c", "youth")


class Posts(RuleBasedStateMachine):
    """The real thing and the model, step by step."""

    work: Work
    world: World

    def __init__(self):
        super().__init__()
        self.savepoint = self.work.session.begin_nested()
        self.work.now = NOW
        self.model = Model({name: parent for name, _, parent, _ in TREE}, TODAY)
        self.model.posts = [
            Held(who, where, role.value, TODAY - timedelta(days=30), None) for who, role, where in STAFF
        ]
        self.rows = {
            (p.who, p.where, p.role): row
            for p in self.model.posts
            for row in self.work.session.query(Appointment).filter_by(account_id=self.world.people[p.who].id)
        }

    def teardown(self):
        self.savepoint.rollback()
        self.work.session.expire_all()

    def viewer(self, name):
        account = self.world.people[name]
        posts = queries.live_posts(self.work.session, account.id, self.work.today)
        viewer = Viewer(account.id, account.public_id, account.name, posts=posts)
        self.work.actor = Actor.of(viewer)
        return viewer

    def tried(self, act):
        """Whether the real thing let it happen."""
        try:
            with self.work.session.begin_nested():
                act()
            return True
        except Problem:
            self.work.session.expire_all()
            return False

    @rule(giver=WHO, taker=WHO, where=WHERE, role=ROLES, days=st.integers(-1, 2000))
    def appoint(self, giver, taker, where, role, days):
        last = self.model.today + timedelta(days=days)
        viewer = self.viewer(giver)

        def act():
            self.rows[taker, where, role.value] = operations.appoint(
                self.work, viewer, self.world.people[taker], self.world.orgs[where], role,
                starts_on=self.model.today, ends_on=last,
            )  # fmt: skip

        allowed = self.model.may_appoint(giver, taker, role.value, where, days)
        assert self.tried(act) == allowed
        if allowed:
            self.model.posts = [p for p in self.model.posts if (p.who, p.where, p.role) != (taker, where, role.value)]
            self.model.posts.append(Held(taker, where, role.value, self.model.today, last))

    @rule(who=WHO, number=st.integers(0, 50))
    def end(self, who, number):
        post = self.model.posts[number % len(self.model.posts)]
        viewer, row = self.viewer(who), self.rows[post.who, post.where, post.role]
        allowed = self.model.may_end(who, post)
        assert self.tried(lambda: operations.end(self.work, viewer, row, "试验")) == allowed
        if allowed:
            self.model.posts.remove(post)

    @rule(
        who=WHO,
        what=st.sampled_from(["branch_b1", "branch_b2", "branch_t1"]),
        under=st.sampled_from(["school_s", "school_t", "college_c"]),
    )
    def move(self, who, what, under):
        viewer, row = self.viewer(who), self.world.orgs[what]
        allowed = self.model.may_move(who, what, under)
        done = self.tried(lambda: reshaping.move(self.work, viewer, row, self.world.orgs[under], version=row.version))
        assert done == allowed
        if allowed:
            self.model.parent[what] = under

    @rule(days=st.integers(1, 500))
    def time_passes(self, days):
        self.work.now += timedelta(days=days)
        self.model.pass_days(days)

    @invariant()
    def everybody_holds_what_the_model_says(self):
        for name in PEOPLE:
            viewer = self.viewer(name)
            for place in ("province", "city_a", "school_s", "college_c", "branch_b1", "school_t", "branch_t1"):
                path = self.world.orgs[place].path
                held = {power.value for power in JUDGED if viewer.scope(power).covers(path)}
                assert held == self.model.rights(name, place), (name, place)


@pytest.mark.embedded
def test_nobody_ever_holds_a_right_that_the_model_denies(work: Work, world: World) -> None:
    bound = type("Bound", (Posts,), {"work": work, "world": world})
    run_state_machine_as_test(bound, settings=hypothesis.settings(max_examples=25, stateful_step_count=25))
