"""T05: a spreadsheet is no way to find out which numbers are on file."""

import pytest
from sqlalchemy import func, select

from app.kernel import limits
from app.kernel.audit.models import AuditEntry
from app.kernel.outbox.operations import deliver_due
from app.kernel.work import Actor, Work
from app.league.accounts.models import Message
from app.league.appointments.models import Appointment
from app.league.imports import people
from app.league.imports.models import Stage
from app.league.imports.strangers import HALTED
from tests.helpers import sign_in
from tests.imports.test_importing import HEAD, checked, notes, number, people_at, put_in, row
from tests.imports.workbooks import xlsx
from tests.world import World


@pytest.fixture
def elsewhere(acting: Work, world: World) -> list[list[object]]:
    """Three rows of one's own invention, whose numbers are on file in another school."""
    put_in(acting, world.orgs["branch_t1"], xlsx([HEAD, row(0), row(1), row(2)]))
    return [row(n, 姓名=f"石{'小大满'[n]}") for n in range(3)]


def test_a_check_tells_nothing_of_numbers_that_are_on_file_elsewhere(
    acting: Work, world: World, elsewhere: list[list[object]]
) -> None:
    named_right = checked(acting, world.orgs["branch_b1"], xlsx([HEAD, row(0), row(1), row(2)]))
    known = checked(acting, world.orgs["branch_b1"], xlsx([HEAD, *elsewhere]))
    unknown = checked(acting, world.orgs["branch_b1"], xlsx([HEAD, *(row(n) for n in range(10, 13))]))
    for batch in (named_right, known, unknown):
        assert (batch.counts, notes(acting, batch)) == ({"new": 3, "put": 0}, {})


def test_whoever_is_on_file_elsewhere_does_not_go_in_and_is_no_offence(
    acting: Work, world: World, elsewhere: list[list[object]], monkeypatch
) -> None:
    monkeypatch.setitem(limits.LIMITS, "import.strangers", limits.Limit(((1, limits.DAY),)))
    batch = put_in(acting, world.orgs["branch_b1"], xlsx([HEAD, row(0), row(1), row(7)]))
    assert (batch.counts, batch.problem) == ({"doubtful": 2, "new": 1, "put": 1}, "")


def test_many_numbers_beside_one_name_are_refused(acting: Work, world: World) -> None:
    """Who knows a name and looks for the number would put a thousand possible ones into one sheet."""
    sheet = xlsx([HEAD, *(row(n, 姓名="石小满") for n in range(6))])
    batch = checked(acting, world.orgs["branch_b1"], sheet)
    assert batch.counts == {"new": people.SAME_DAY, "wrong": 6 - people.SAME_DAY, "put": 0}
    assert set(notes(acting, batch).values()) == {people.CROWDED}


def test_who_puts_many_of_them_in_is_halted_for_the_day_and_reported(
    acting: Work, world: World, elsewhere: list[list[object]], client, monkeypatch
) -> None:
    monkeypatch.setitem(limits.LIMITS, "import.strangers", limits.Limit(((1, limits.DAY),)))
    place = world.orgs["branch_b1"]
    batch = put_in(acting, place, xlsx([HEAD, *elsewhere, row(7)]))
    assert (batch.stage, batch.counts["put"], batch.problem) == (Stage.DONE, 0, HALTED)
    assert put_in(acting, place, xlsx([HEAD, row(8)])).problem == HALTED, "nor does a single one tell anything any more"
    assert people_at(acting, place) == []
    halted = select(func.count()).where(AuditEntry.action == "imports:batch:halt")
    assert acting.session.scalar(halted) == 1
    sign_in(client, world.people["school_s"])
    assert HALTED in client.get(f"/twt/imports/{batch.public_id}").text


def test_the_committee_above_the_one_who_does_it_is_told_and_he_is_not(
    acting: Work, world: World, elsewhere: list[list[object]], monkeypatch
) -> None:
    monkeypatch.setitem(limits.LIMITS, "import.strangers", limits.Limit(((1, limits.DAY),)))
    who = world.people["school_s"]
    under = acting.session.scalars(select(Appointment.id).where(Appointment.account_id == who.id)).one()
    acting.actor = Actor("web", who.id, who.name, appointment_id=under)
    put_in(acting, world.orgs["branch_b1"], xlsx([HEAD, *elsewhere]))
    acting.session.commit()
    deliver_due(acting)
    told = select(Message.account_id).where(Message.title == "有人在用表格试证件号")
    assert acting.session.scalars(told).all() == [world.people["city_a"].id]


def test_a_few_slips_of_the_pen_go_through_and_are_told_as_they_are(
    acting: Work, world: World, elsewhere: list[list[object]]
) -> None:
    place = world.orgs["branch_b1"]
    batch = put_in(acting, place, xlsx([HEAD, elsewhere[0], row(7)]))
    assert batch.counts == {"doubtful": 1, "new": 1, "put": 1}
    assert list(notes(acting, batch).values()) == ["这个号码不能直接导入，请让本人登录填写，审核时会核对"]
    assert all(number(0) not in note for note in notes(acting, batch).values())
