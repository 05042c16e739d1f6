"""P4, P5: finding people; P10: the counters against the counting they save."""

import time
from collections.abc import Callable, Iterator
from itertools import cycle
from statistics import median

from sqlalchemy import func, select

from app.kernel.access.powers import Power
from app.kernel.access.rules import Reach
from app.kernel.access.scope import Part, Scope
from app.kernel.db.types import PATH_STEP, path_end
from app.league.organisations import counters
from app.league.organisations.recount import counted, kept
from app.league.people import queries
from app.league.people.models import Person
from app.league.people.protect import open_id_number, open_phone
from app.league.people.queries import Filter
from app.league.people.search import recognise
from tests.bench.results import Phase, Row, measured
from tests.bench.stage import CITY, PROVINCE, SCHOOL, SEARCHERS, Stage

SEARCH_TARGET = 15.4
"""P4: 2 ms against the 0.13 ms of a bare answer."""
NUMBER_TARGET = 10.0
"""P5: 1.3 ms against 0.13 ms."""
ROUNDS = 7


@measured("P4", "P5")
def searches(stage: Stage) -> Iterator[Row]:
    """The search of the list of files, with its limit written down."""
    names = [one.name[-2:] for one in stage.sample] + [one.name[-1:] for one in stage.sample[:10]]
    for where in (PROVINCE, SCHOOL):
        found = stage.beside_hello(_forms(stage, where, names))
        yield stage.row("P4", f"search by a piece of the name, {where}", found.cpu, found.floor_cpu, SEARCH_TARGET)
    numbers = [open_id_number(stage.vault, one) for one in stage.sample]
    phones = [open_phone(stage.vault, one) for one in stage.sample]
    for name, texts in (("search by ID number", numbers), ("search by phone", phones)):
        found = stage.beside_hello(_forms(stage, PROVINCE, texts))
        yield stage.row("P5", name, found.cpu, found.floor_cpu, NUMBER_TARGET)


def _forms(stage: Stage, where: str, texts: list[str]) -> Iterator[bytes]:
    askers = cycle([asker for number in range(SEARCHERS) for asker in stage.visits[f"{where}-{number}"]])
    for asker, text in zip(askers, cycle(texts), strict=False):
        yield asker.post("/twt/people/search", {"q": text})


@measured("P4", phase=Phase.CHANGES)
def search_in_the_database(stage: Stage) -> Iterator[Row]:
    """The search alone against reading as many files by their ids: 0.4 ms against the 0.13 ms of a page of rows."""
    texts = [one.name[-2:] for one in stage.sample]
    for where in (PROVINCE, CITY):
        scope = Scope(Power.PEOPLE_READ, (Part(stage.places[where].path, Reach.SUBTREE),))
        taken, floor = [], []
        for text in texts:
            chosen = Filter(wanted=recognise(text))
            taken.append(_timed(stage, lambda chosen=chosen, scope=scope: _listed(stage, scope, chosen)))
            floor.append(_timed(stage, lambda: _by_ids(stage)))
        name = f"search by a piece of the name, {where}: the list alone"
        yield stage.row("P4", name, median(taken), median(floor), 3.1)


def _listed(stage: Stage, scope: Scope, chosen: Filter) -> None:
    queries.listed(scope, stage.session, stage.vault, chosen, size=51)


def _by_ids(stage: Stage) -> None:
    ids = stage.dice.sample(range(1, stage.people), min(51, stage.people - 1))
    query = queries._LISTED.where(Person.id.in_(ids)).order_by(Person.id)
    for row in stage.session.execute(query):
        open_id_number(stage.vault, row)
        open_phone(stage.vault, row)


@measured("P10", phase=Phase.CHANGES, at_least=1_000_000)
def counters_against_counting(stage: Stage) -> Iterator[Row]:
    """Files of everything directly below, by standing: the kept rows against GROUP BY over the files."""
    for where in (PROVINCE, CITY):
        path = stage.places[where].path
        ours = [_timed(stage, lambda path=path: counters.figures_below(stage.session, path)) for _ in range(ROUNDS)]
        floor = [_timed(stage, lambda path=path: _grouped(stage, path)) for _ in range(3)]
        yield stage.row("P10", f"counters ÷ counting, {where}", median(ours), median(floor), 1 / 500)


def _grouped(stage: Stage, path: str) -> None:
    child = func.substr(Person.org_path, 1, len(path) + PATH_STEP)
    query = select(child, Person.standing, func.count()).where(Person.org_path > path, Person.org_path < path_end(path))
    stage.session.execute(query.group_by(child, Person.standing)).all()


@measured("P10", phase=Phase.END)
def counters_are_right(stage: Stage) -> Iterator[Row]:
    """After everything that was done: counters that are not what a recount finds. None is allowed."""
    true, standing = counted(stage.session), kept(stage.session)
    wrong = sum(true[key] != standing[key] for key in true.keys() | standing.keys())
    stage.session.rollback()
    yield stage.row("P10", "counters that a recount finds wrong", wrong, 1, 0, "counters")


def _timed(stage: Stage, act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    taken = (time.perf_counter() - began) * 1000
    stage.session.rollback()
    return taken
