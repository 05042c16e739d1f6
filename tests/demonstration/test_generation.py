"""A generated province is sound whatever its size, and a run that is broken off is finished by the next one."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.generation import plan, run
from app.kernel.verification import ask_all
from app.kernel.work import Work
from app.league.joining.models import Decision, JoinRequest, Lane, RequestState
from app.league.people.facts import check_digit
from app.league.people.models import Person, PersonChange
from app.league.people.protect import open_id_number
from app.parts import know_all

PEOPLE, SEED = 700, 7


@pytest.fixture
def empty(work: Work, tmp_path: Path) -> Work:
    """An empty database, with an instance folder that may be marked as invented."""
    return replace(work, settings=replace(work.settings, instance_dir=tmp_path))


def count(work: Work, model: type) -> int:
    return work.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.slow
def test_a_generated_province_is_sound(empty: Work) -> None:
    assert run.generate(empty, PEOPLE, SEED) == PEOPLE
    know_all()
    assert [answer.name for answer in ask_all(empty) if answer.findings] == []
    people = empty.session.scalars(select(Person)).all()
    numbers = {open_id_number(empty.vault, person) for person in people}
    assert len(people) == len(numbers) == PEOPLE
    assert all(number.startswith("1499") and check_digit(number[:17]) == number[17] for number in numbers)
    assert all(person.id_number_index == empty.vault.index("id_number", number_of(empty, person)) for person in people)
    states = set(empty.session.scalars(select(JoinRequest.state)))
    assert states == {RequestState.SUBMITTED, RequestState.REJECTED, RequestState.APPROVED}
    assert empty.session.scalar(select(JoinRequest.id).where(JoinRequest.lane != Lane.CLEAN).limit(1))
    assert count(empty, Decision)
    assert count(empty, PersonChange)


def number_of(work: Work, person: Person) -> str:
    return open_id_number(work.vault, person)


class Broken(Exception):
    """Somebody pressed Ctrl-C."""


def breaking_after(batches: int) -> Callable[[int, int], None]:
    told = []

    def say(done: int, total: int) -> None:
        told.append(done)
        if len(told) == batches:
            raise Broken

    return say


@pytest.mark.slow
def test_a_run_that_was_broken_off_is_finished_by_the_next(empty: Work) -> None:
    with pytest.raises(Broken):
        run.generate(empty, PEOPLE, SEED, breaking_after(9))
    assert 0 < count(empty, Person) < PEOPLE
    before = count(empty, Person)
    assert run.generate(empty, PEOPLE, SEED) == PEOPLE - before
    assert count(empty, Person) == PEOPLE
    requests = count(empty, JoinRequest)
    assert run.generate(empty, PEOPLE, SEED) == 0
    assert count(empty, JoinRequest) == requests


@pytest.mark.parametrize("people", [10_000, 123_457, 1_000_000])
def test_the_plan_places_everybody_once(people: int) -> None:
    units = list(plan.units(people, SEED, 2026))
    assert sum(unit.people for unit in units) == people
    branches = [branch for unit in units[:40] for branch in plan.branches(unit, SEED, 2026)]
    assert sum(branch.files for branch in branches) == sum(unit.people for unit in units[:40])
    assert all(branch.files > 0 for branch in branches)


def test_a_million_files_stand_in_about_thirty_thousand_organisations() -> None:
    units = list(plan.units(1_000_000, SEED, 2026))
    branches = sum(len(plan.branches(unit, SEED, 2026)) for unit in units)
    colleges = sum(len(plan.colleges(unit)) for unit in units)
    assert 27_000 < branches + colleges + len(units) < 33_000
