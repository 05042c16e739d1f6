"""P1, P7, P9 with many clients: sixteen of them against two workers, each asking again as soon as it is answered."""

from collections.abc import Iterator
from itertools import cycle

from tests.bench.applicants import applicants
from tests.bench.goals.changes import applications_sent, decisions_sent
from tests.bench.goals.pages import readings
from tests.bench.results import Phase, Row, measured
from tests.bench.stage import PROVINCE, SCHOOL, SEARCHERS, Stage
from tests.bench.wire import NOBODY, Crowd, again, crowd

PAGE_TARGET = 5.5
"""P1: 1,300 answers a second where the bare server gives 7,098."""
APPROVAL_TARGET = 14.2
"""P7: 500 approvals a second where the bare server gives 7,098."""
SUBMIT_TARGET = 17.7
"""P9: 400 a second where the bare server gives 7,098."""


@measured("P1", phase=Phase.CROWD)
def pages(stage: Stage) -> Iterator[Row]:
    """How many pages a second, as time per answer."""
    bare = _bare(stage)
    for name, who, template in (
        ("list of files, 16 clients", PROVINCE, "/twt/people"),
        ("review queue, 16 clients", SCHOOL, "/twt/queue"),
        ("front page, 16 clients", None, "/"),
    ):
        met = crowd(stage.product.port, readings(stage, who, template), stage.pace.crowd, 200)
        yield stage.row("P1", name, met.each, bare, PAGE_TARGET)


@measured("P7", phase=Phase.CROWD)
def approvals(stage: Stage) -> Iterator[Row]:
    """Real approvals, every one of another application."""
    taken = stage.take(stage.pace.crowd, 0.3)
    askers = cycle([asker for number in range(SEARCHERS) for asker in stage.visits[f"{PROVINCE}-{number}"]])
    bare = _bare(stage)
    met = crowd(stage.product.port, decisions_sent(askers, taken), len(taken), 303)
    yield stage.row("P7", "approve, 16 clients", met.each, bare, APPROVAL_TARGET)
    yield from _waits(stage, "P7", "approve, 16 clients", met)


@measured("P9", phase=Phase.CROWD)
def submissions(stage: Stage) -> Iterator[Row]:
    """Applications handed in by as many youths."""
    young = applicants(stage, min(stage.pace.crowd, 800))
    bare = _bare(stage)
    met = crowd(stage.product.port, applications_sent(young), len(young), 303)
    yield stage.row("P9", "application handed in, 16 clients", met.each, bare, SUBMIT_TARGET)
    yield from _waits(stage, "P9", "application handed in, 16 clients", met)


def _waits(stage: Stage, goal: str, name: str, met: Crowd) -> Iterator[Row]:
    """The goals for those who wait longest, and that nobody is turned away."""
    yield stage.row(goal, f"{name}: 99 % within", met.slowest(0.99), 60, 1)
    yield stage.row(goal, f"{name}: 99.9 % within", met.slowest(0.999), 150, 1)
    yield stage.row(goal, f"{name}: the longest", max(met.taken), 300, 1)
    yield stage.row(goal, f"{name}: turned away", len(met.failed), 1, 0, "answers")


def _bare(stage: Stage) -> float:
    """The bare server's time per answer with as many clients."""
    return crowd(stage.floor.port, again(NOBODY.get("/")), 4 * stage.pace.crowd, 200).each
