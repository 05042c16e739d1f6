"""A file that is just being made and a move of its place, at the same moment, on both databases."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.kernel.access.viewer import Viewer
from app.kernel.db.unit import writing
from app.kernel.errors import Conflict
from app.kernel.work import Actor, Work
from app.league.appointments import queries
from app.league.organisations import counters, reshaping
from app.league.organisations.models import Organisation
from tests import factories as make
from tests.organisations.truth import faults, person


@pytest.fixture
def working(engine: Engine, work: Work) -> Callable[[Session], Work]:
    """Return a maker of units of work on other sessions."""
    return lambda session: Work(session, work.now, Actor("web"), work.vault, work.settings)


def move_college(work: Work, account, college: str, school: str) -> None:
    posts = queries.live_posts(work.session, account.id, make.TODAY)
    viewer = Viewer(account.id, account.public_id, account.name, posts=posts)
    work.actor = Actor.of(viewer)
    found = {
        row.public_id: row
        for row in work.session.scalars(select(Organisation).where(Organisation.public_id.in_([college, school])))
    }
    reshaping.move(work, viewer, found[college], found[school], version=1)


def test_a_move_waits_for_the_file_that_is_just_being_made(engine, session, working, vault, world):
    college, school = world.college_c.public_id, world.school_t.public_id
    written = threading.Event()

    def move() -> None:
        written.wait()
        with Session(engine) as other, writing(other):
            move_college(working(other), world.people["province"], college, school)

    mover = threading.Thread(target=move)
    mover.start()
    with Session(engine) as one, writing(one):
        branch = one.scalars(select(Organisation).where(Organisation.name == "会计20184班")).one()
        person(one, vault, branch)
        written.set()
        mover.join(timeout=0.4)
        assert mover.is_alive(), "the move does not overtake"
    mover.join()
    session.rollback()
    assert [fault for fault in faults(session) if "in use" not in fault] == []
    assert world.college_c.parent_id == world.school_t.id


def test_a_file_made_for_a_place_that_has_just_moved_is_refused(engine, session, working, vault, world):
    """The writer read the old path before the move was committed; its counters find nothing there."""
    old = world.branch_b1.path
    with Session(engine) as other, writing(other):
        move_college(
            working(other), world.people["province"], world.college_c.public_id, world.school_t.public_id
        )  # fmt: skip
    with Session(engine) as one, pytest.raises(Conflict), writing(one):
        counters.move(one, old, {"people": 1})
