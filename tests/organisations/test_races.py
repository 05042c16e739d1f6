"""Files and moves, names and names, at the same moment, on both databases."""

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from app.kernel.access.viewer import Viewer
from app.kernel.db.unit import writing
from app.kernel.errors import Conflict, Invalid, Unavailable
from app.kernel.work import Actor, Work
from app.league.appointments import queries
from app.league.joining import rosters
from app.league.joining.models import RosterEntry
from app.league.organisations import batches, counters, operations, reshaping
from app.league.organisations.models import Kind, Organisation
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


NAME = "会计20191班"


def create(work: Work, world) -> None:
    operations.create(work, work.session.get_one(Organisation, world["college"]), Kind.BRANCH, NAME)


def paste(work: Work, world) -> None:
    batches.make(work, work.session.get_one(Organisation, world["college"]), Kind.BRANCH, NAME)


def rename(work: Work, world) -> None:
    branch = work.session.get_one(Organisation, world["branches"].pop())
    operations.rename(work, branch, NAME, version=1)


@pytest.mark.parametrize("ways", [[create] * 12, [paste] * 12, [rename, create, rename, paste] * 3])
def test_of_twelve_who_give_one_name_at_once_one_succeeds(ways, engine, session, working, world):
    branches = [
        make.organisation(session, Kind.BRANCH, world.college_c, name=f"待改名{number}班").id for number in range(6)
    ]
    session.commit()
    _at_once(engine, working, ways, {"college": world.college_c.id, "branches": branches})
    named = select(func.count()).select_from(Organisation).where(Organisation.name == NAME)
    assert session.scalar(named) == 1


def test_a_list_pasted_twelve_times_at_once_puts_everybody_on_the_roster_once(engine, session, working, world):
    def add(work: Work, known) -> None:
        rosters.add(work, work.session.get_one(Organisation, known["branch"]), "王一\n李二\n张三")

    _at_once(engine, working, [add] * 12, {"branch": world.branch_b1.id})
    names = session.scalars(select(RosterEntry.name).where(RosterEntry.organisation_id == world.branch_b1.id)).all()
    assert sorted(names) == sorted(["王一", "李二", "张三"])
    assert counters.figures_of(session, [world.branch_b1.path])[world.branch_b1.path]["roster"] == 3


def _at_once(engine: Engine, working, ways, known) -> None:
    """Do all of ``ways`` at the same moment, each in a transaction of its own; what loses is told so."""
    start = threading.Barrier(len(ways))

    def do(way) -> None:
        with Session(engine) as one:
            start.wait(30)
            with contextlib.suppress(Invalid, Conflict, Unavailable), writing(one):
                way(working(one), known)

    with ThreadPoolExecutor(len(ways)) as threads:
        list(threads.map(do, ways))
