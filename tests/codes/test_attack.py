"""Somebody guesses class codes on a large scale: CODES live ones, GUESSES guesses from 200 addresses by 50 openids.

The suite makes 1,000 guesses; `GUESSES=10000 pytest tests/codes/test_attack.py` the whole attack.
"""

import os
import random
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select

from app.kernel.db.base import table_of
from app.kernel.db.types import path_step
from app.kernel.outbox.models import OutboxMessage
from app.league.codes import guessing, operations
from app.league.codes.guessing import Said
from app.league.codes.models import ClassCode, CodeAlarm
from app.league.joining.models import JoinRequest
from app.league.organisations.models import Kind, Organisation, OrganisationStatus
from app.league.people.models import Person
from tests import factories as make

CODES = int(os.environ.get("CODES", "50000"))
GUESSES = int(os.environ.get("GUESSES", "1000"))
PERSONS, ADDRESSES = 50, 200

pytestmark = pytest.mark.embedded


@pytest.fixture
def live_codes(world, session):
    """So many branches, each with a running code."""
    school, first = world.school_s, session.scalar(select(func.max(Organisation.id))) + 1
    digits = random.Random(1).sample(range(100_000, 1_000_000), CODES)
    branches = [
        {
            "id": first + n, "public_id": f"branch-{n}", "parent_id": school.id, "depth": school.depth + 1,
            "path": school.path + path_step(first + n), "kind": Kind.BRANCH, "name": f"{n}班", "full_name": f"{n}班",
            "aliases": "", "search_text": "", "sector": "", "expected_members": 50, "in_use": False, "version": 1,
            "status": OrganisationStatus.OPEN, "created_at": make.NOW,
        }
        for n in range(CODES)
    ]  # fmt: skip
    codes = [
        {
            "public_id": f"code-{n}", "organisation_id": first + n, "code": str(digits[n]), "token": f"{n:016d}",
            "opened_at": make.NOW, "expires_at": make.NOW + timedelta(days=30), "opened_by_name": "", "end_reason": "",
        }
        for n in range(CODES)
    ]  # fmt: skip
    session.execute(insert(table_of(Organisation)), branches)
    session.execute(insert(table_of(ClassCode)), codes)
    session.commit()


@pytest.mark.usefixtures("live_codes")
def test_guessing_wins_nothing_and_is_heard(work, session, world):
    dice = random.Random(2)
    known = {world.people[name].name for name in world.people}
    heard, seen, told = None, set(), set()
    for guess in range(GUESSES):
        work.address = f"203.0.{dice.randrange(ADDRESSES)}.0"
        person = f"openid:{dice.randrange(PERSONS)}"
        answer = guessing.enter(work, str(dice.randrange(100_000, 1_000_000)), person)
        seen.add(answer.said)
        told.update(word for place in answer.places for word in (place.name, *place.above))
        if answer.said is Said.CHOOSE:
            choice = guessing.choose(work, answer.note, dice.choice(answer.places).public_id, person)
            seen.add(choice.said)
        if heard is None and guessing.alarm(work):
            heard = guess
    assert heard is not None
    assert heard < 500
    assert {Said.LOCKED, Said.BY_NAME} <= seen
    assert not told & known
    assert session.scalar(select(func.count()).select_from(Person)) == 0
    assert session.scalar(select(func.count()).select_from(JoinRequest)) == 0
    assert session.scalar(select(func.count()).select_from(CodeAlarm)) == 1
    warnings = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.dedupe_key.like("code-alarm:%"))
    assert session.scalar(warnings) == 2  # the system administrator and the province


def test_a_class_that_mistypes_now_and_then_raises_no_alarm(work, session, world):
    world.branch_b1.expected_members = 400
    session.commit()
    code = operations.open_code(work, world.branch_b1).code
    for n in range(300):
        if n % 3 == 0:
            guessing.enter(work, "100001" if code != "100001" else "100002", f"同学{n}")
        entered = guessing.enter(work, code, f"同学{n}")
        guessing.choose(work, entered.note, world.branch_b1.public_id, f"同学{n}")
    assert guessing.alarm(work) is None
