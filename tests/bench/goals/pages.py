"""P1, P2, P3, P6, P10: what a page takes of the processor beside a bare answer, a bare page, another page."""

import gzip
from collections.abc import Iterator, Mapping
from itertools import cycle, islice

from tests.bench.results import Row, measured
from tests.bench.stage import BRANCH, CITY, PROVINCE, SCHOOL, VISITS, Floor, Stage
from tests.bench.wire import NOBODY, again

LISTS = (
    ("list of files, province", PROVINCE, "/twt/people"),
    ("list of files, school", SCHOOL, "/twt/people"),
    ("review queue, province", PROVINCE, "/twt/queue"),
    ("review queue, school", SCHOOL, "/twt/queue"),
    ("review queue, branch", BRANCH, "/twt/queue"),
    ("roster, branch", BRANCH, "/twt/roster/{branch}"),
    ("own decisions", PROVINCE, "/twt/queue/history"),
    ("appointments, province", PROVINCE, "/twt/appointments"),
    ("organisations, city", CITY, "/twt/organisations"),
    ("audit, school", SCHOOL, "/twt/audit"),
)
"""(name, who asks, address): the lists that many people open."""
HOMES = (
    ("desk, province", PROVINCE, "/twt"),
    ("desk, school", SCHOOL, "/twt"),
    ("desk, branch", BRANCH, "/twt"),
    ("front page of the portal", None, "/"),
    ("organisations for the public", None, "/orgs"),
)
FIGURES = (
    ("figures, province", PROVINCE, "/twt/overview"),
    ("figures, city", CITY, "/twt/overview"),
    ("figures, school", SCHOOL, "/twt/overview"),
)
LIST_TARGET = 10.0
"""P1: at most ten bare answers; the stretch is six."""
BARE_TARGET = 2.1
"""P1: 1.3 ms against Flask 0.25 + SQL 0.12 + rows 0.26 of the same table."""
FILE_TARGET = 7.7
"""P6 and P10: 1.0 ms against the 0.13 ms of a bare answer."""
DEEP = 0.9


def address(stage: Stage, template: str) -> str:
    """An address with the public ids of this stage's places."""
    return template.format(**{name: place.public_id for name, place in stage.places.items()})


def readings(stage: Stage, who: str | None, template: str, headers: Mapping[str, str] | None = None) -> Iterator[bytes]:
    """Readings of a page by somebody, visit by visit, for ever."""
    place = address(stage, template)
    return cycle([asker.get(place, headers) for asker in islice(stage.asking(who), VISITS)])


@measured("P1")
def lists(stage: Stage) -> Iterator[Row]:
    """Every list, in processor time."""
    for name, who, template in (*LISTS, *HOMES):
        found = stage.beside_hello(readings(stage, who, template))
        yield stage.row("P1", name, found.cpu, found.floor_cpu, LIST_TARGET)


@measured("P1")
def bare_page(stage: Stage) -> Iterator[Row]:
    """The list of files against the same rows in a bare page."""
    floor = Floor(stage.floor_line, again(NOBODY.get("/list")), stage.floor)
    found = stage.in_turn(readings(stage, PROVINCE, "/twt/people"), floor)
    yield stage.row("P1", "list of files ÷ a bare page of the rows", found.cpu, found.floor_cpu, BARE_TARGET)


@measured("P2")
def depth(stage: Stage) -> Iterator[Row]:
    """A page far down against the first one."""
    first = readings(stage, PROVINCE, "/twt/people")
    deep = readings(stage, PROVINCE, f"/twt/people?after={stage.person_at(DEEP)}")
    found = stage.in_turn(deep, Floor(stage.line, first, stage.product))
    yield stage.row("P2", "list of files at 90 % ÷ its first page", found.cpu, found.floor_cpu, 1.1)
    yield stage.row("P2", "the same, as the client waits", found.wall, found.floor_wall, 1.1)


@measured("P3")
def fragment(stage: Stage) -> Iterator[Row]:
    """The next page as htmx fetches it, against the full page."""
    place = f"/twt/people?after={stage.person_at(0.5)}"
    full = readings(stage, PROVINCE, place)
    part = readings(stage, PROVINCE, place, {"HX-Request": "true"})
    found = stage.in_turn(part, Floor(stage.line, full, stage.product))
    yield stage.row("P3", "next page as a fragment ÷ the full page", found.cpu, found.floor_cpu, 0.85)
    plain = {"HX-Request": "true", "Accept-Encoding": "identity"}
    whole = stage.body(next(readings(stage, PROVINCE, place, plain)))
    yield stage.row("P3", "fragment, plain", len(whole) / 1024, 13, 1, "KB")
    yield stage.row("P3", "fragment, gzip level 1", len(gzip.compress(whole, 1)) / 1024, 3.2, 1, "KB")


@measured("P6")
def file(stage: Stage) -> Iterator[Row]:
    """A file with its history, by somebody who has looked at it within the hour."""
    people = [one for one in stage.sample if one.state == "active"][:20]
    for name, template in (("file", "/twt/people/{0}"), ("file, history", "/twt/people/{0}/history")):
        askers = islice(stage.asking(PROVINCE), VISITS)
        requests = [one.get(template.format(file.public_id)) for one, file in zip(askers, cycle(people), strict=False)]
        for each in requests[: len(people)]:
            stage.body(each)
        found = stage.beside_hello(cycle(requests))
        yield stage.row("P6", name, found.cpu, found.floor_cpu, FILE_TARGET)


@measured("P6")
def card(stage: Stage) -> Iterator[Row]:
    """One application's card alone: what a reviewer's next key asks for."""
    headers = {"HX-Request": "true", "HX-Target": "article#card"}
    askers = islice(stage.asking(SCHOOL), VISITS)
    line = [
        one.get(f"/twt/queue/{public_id}", headers)
        for one, public_id in zip(askers, cycle(_queue(stage)), strict=False)
    ]
    found = stage.beside_hello(cycle(line))
    yield stage.row("P6", "card of an application", found.cpu, found.floor_cpu, FILE_TARGET)


@measured("P10")
def figures(stage: Stage) -> Iterator[Row]:
    """Figures of everything below an organisation."""
    for name, who, template in FIGURES:
        found = stage.beside_hello(readings(stage, who, template))
        yield stage.row("P10", name, found.cpu, found.floor_cpu, FILE_TARGET)


def _queue(stage: Stage) -> list[str]:
    from app.kernel.access.powers import Power
    from app.kernel.access.rules import Reach
    from app.kernel.access.scope import Part, Scope
    from app.league.joining import queries

    scope = Scope(Power.JOINING_READ, (Part(stage.places[SCHOOL].path, Reach.SUBTREE),))
    found = [row.public_id for row in queries.queue(scope, stage.session, size=20)]
    stage.session.rollback()
    return found
