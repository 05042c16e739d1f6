"""Builds a generated province, or goes on with one that was broken off: a committee's worth in each transaction.

A branch whose counter says that it holds files was finished in a transaction of its own, so it is left out.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import select

from app.demonstration import staff
from app.demonstration.build import MARKER
from app.generation import history, plan, requests
from app.generation.people import Crowd, Numbers
from app.generation.plan import Branch, Unit
from app.kernel.db.unit import writing
from app.kernel.work import Work
from app.league.accounts.models import Account
from app.league.organisations import counters
from app.league.organisations.models import Kind, Organisation
from app.league.organisations.operations import New, create_many
from app.league.organisations.seed import PROVINCE_CODE, plant_province
from app.league.people.loading import load
from app.league.people.models import Person

BATCH = 2_000
"""Files per transaction: long enough to be fast, short enough that a writer beside it is not kept waiting."""
FIRST_PHONE = 20_000
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Task:
    """One branch and the number that its share of applications is drawn from."""

    branch: Branch
    place_id: int
    wanted: requests.Counts
    done: bool


def generate(work: Work, people: int, seed: int, say: Progress = lambda done, total: None) -> int:
    """Fill the database with ``people`` files and what belongs to them. Returns how many files were made.

    ``say``: called with (files so far, ``people``) after every transaction. The same arguments on the same database
    go on where an earlier run stopped, on whatever day it is: the plan depends on the day the province was planted.
    """
    (work.settings.instance_dir / MARKER).touch()
    with writing(work.session):
        reviewer_id, year = _plant(work)
    made = done = index = 0
    numbers = Numbers(FIRST_PHONE)
    for unit in plan.units(people, seed, year):
        with writing(work.session):
            tasks = list(_tasks(work, unit, seed, year, index))
        index += len(tasks)
        for batch in _batches(tasks):
            if batch[0].done:
                for task in batch:
                    numbers.skip(task.branch, task.wanted.strangers, task.wanted.all)
            else:
                with writing(work.session):
                    made += _fill(work, batch, numbers, seed, reviewer_id)
                work.session.expunge_all()
            done += sum(task.branch.files for task in batch)
            say(done, people)
    return made


def _plant(work: Work) -> tuple[int, int]:
    """(id of the account that decided past applications, the plan's year)."""
    session = work.session
    province = session.scalars(select(Organisation).where(Organisation.code == PROVINCE_CODE)).one_or_none()
    if province is None:
        province = plant_province(work)
        accounts = staff.open_accounts(work)
        staff.appoint_province(work, accounts, province)
    index = work.vault.index("phone", staff.PROVINCE)
    reviewer = session.scalars(select(Account).where(Account.phone_index == index)).one()
    return reviewer.id, province.created_at.year


def _tasks(work: Work, unit: Unit, seed: int, year: int, first: int) -> Iterator[Task]:
    above = work.session.scalars(select(Organisation).where(Organisation.code == unit.above)).one()
    committee = above if unit.name is None else _standing(work, above, [New(unit.kind, unit.name)])[0]
    colleges = _standing(work, committee, [New(Kind.COLLEGE, name) for name in plan.colleges(unit)]) or [committee]
    branches = plan.branches(unit, seed, year)
    wanted = [requests.counts_for(branch.files, first + number) for number, branch in enumerate(branches)]
    for number, college in enumerate(colleges):
        own = list(zip(branches, wanted, strict=True))[number :: len(colleges)]
        news = [New(Kind.BRANCH, b.name, expected_members=b.files + w.waiting) for b, w in own]
        places = _standing(work, college, news)
        held = counters.figures_below(work.session, college.path)
        for (branch, counts), place in zip(own, places, strict=True):
            yield Task(branch, place.id, counts, done=bool(held.get(place.path, {}).get("people")))


def _standing(work: Work, parent: Organisation, wanted: list[New]) -> list[Organisation]:
    """The organisations ``wanted`` under ``parent``; those that an earlier run did not make are made."""
    rows = work.session.scalars(select(Organisation).where(Organisation.parent_id == parent.id))
    known = {row.name: row for row in rows}
    missing = [new for new in wanted if new.name not in known]
    if missing:
        known |= {row.name: row for row in create_many(work, parent, missing)}
    return [known[new.name] for new in wanted]


def _batches(tasks: list[Task]) -> Iterator[list[Task]]:
    """Runs of branches that are all done or all missing, about ``BATCH`` files each."""
    batch: list[Task] = []
    for task in tasks:
        if batch and (task.done != batch[0].done or sum(each.branch.files for each in batch) >= BATCH):
            yield batch
            batch = []
        batch.append(task)
    if batch:
        yield batch


def _fill(work: Work, tasks: list[Task], numbers: Numbers, seed: int, reviewer_id: int) -> int:
    """Everything of a few branches, in the caller's transaction. Returns how many files were made."""
    reviewer = work.session.get_one(Account, reviewer_id)
    ids = [task.place_id for task in tasks]
    places = {row.id: row for row in work.session.scalars(select(Organisation).where(Organisation.id.in_(ids)))}
    groups, posts = [], []
    for task in tasks:
        place = places[task.place_id]
        dice = random.Random(f"{seed}/{place.full_name}")  # noqa: S311 — invented data, nothing secret
        crowd = Crowd(task.branch, numbers, dice, work.now)
        years = list(numbers.years(task.branch, task.wanted.strangers))
        dice.shuffle(years)
        groups.append((place, [crowd.file(year) for year in years[: task.branch.files]]))
        posts.append(requests.Post(crowd, place, task.wanted, years[task.branch.files :]))
    made = len(load(work, groups))
    history.write(work, posts[0].crowd.dice, [post.place.path for post in posts], reviewer)
    requests.hand_in(work, posts, reviewer)
    return made


def held(work: Work) -> bool:
    """Whether the database holds people that this did not make."""
    unmarked = not (work.settings.instance_dir / MARKER).exists()
    return unmarked and work.session.scalar(select(Person.id).limit(1)) is not None
