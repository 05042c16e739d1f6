"""What the system finds, each flag at its edges: one step before it and one step into it."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.kernel.vault import Vault
from app.kernel.work import Work
from app.league.joining import flags
from app.league.joining.doubts import about
from app.league.joining.intake import Facts, Intake
from app.league.joining.models import Lane, RosterEntry
from app.league.joining.nearest import nearest_name
from app.league.organisations import counters
from app.league.people.facts import name_key
from app.league.people.fields import FIELDS
from app.league.people.models import Door
from app.league.rules import rule
from tests import factories as make
from tests.joining.applications import facts, submit, typed, youth
from tests.world import World

TODAY = make.TODAY


def codes(found: Facts) -> list[str]:
    """Codes of what the facts raise by themselves."""
    return [item["code"] for item in about(found, TODAY)]


def imported(**changes: Any) -> Facts:
    """Facts as an import brings them, history and all."""
    return Intake.read(typed(**changes), TODAY, door=Door.IMPORT)


def examined(work: Work, found: Facts, world: World, **more: Any) -> dict[str, dict[str, Any]]:
    """Flags by code."""
    return {item["code"]: item for item in flags.examine(work, found, world.branch_b1, **more).flags}


def put_on_roster(work: Work, world: World, *names: str) -> None:
    """Names the branch expects."""
    for name in names:
        work.session.add(
            RosterEntry(organisation_id=world.branch_b1.id, name=name, name_key=name_key(name), created_at=work.now)
        )
    work.session.flush()
    counters.move(work.session, world.branch_b1.path, {"roster": len(names)})


def test_a_clean_application_is_clean(work: Work, world: World) -> None:
    assert flags.examine(work, facts(), world.branch_b1) == ([], Lane.CLEAN)


def test_f01_a_number_that_does_not_hold_and_a_document_without_one() -> None:
    assert "F01" in codes(replace(facts(), id_number="149999200605170010"))
    passport = Intake.read(youth(id_type="passport", id_number="E12345678", birth_date="2006-05-17", sex="1"), TODAY)
    assert codes(passport) == ["F01"]


def test_f02_another_birth_date_than_the_number_s() -> None:
    number = make.id_number(date(2006, 5, 17))
    assert "F02" in codes(imported(id_number=number, birth_date="2006-05-18"))
    assert "F02" not in codes(imported(id_number=number, birth_date="2006-05-17"))


@pytest.mark.parametrize(("joined", "flagged"), [(TODAY, True), (TODAY - timedelta(days=1), False)])
def test_f03_a_date_that_is_today(joined: date, flagged: bool) -> None:
    form = typed(joined_league_on=str(joined), development_number="202614000001", dues_paid_through="")
    assert ("F03" in codes(Intake.read(form, TODAY))) is flagged


def test_f03_two_dates_that_are_equal() -> None:
    found = about(replace(facts(), joined_league_on=date(2006, 5, 17)), TODAY)
    assert next(item for item in found if item["code"] == "F03")["fields"] == ["birth_date", "joined_league_on"]


@pytest.mark.parametrize(
    ("birth", "joined", "level"),
    [
        (date(2000, 5, 17), "2014-05-17", None),
        (date(2000, 5, 17), "2014-05-16", "look"),
        (date(2000, 5, 17), "2012-05-17", "look"),
        (date(2000, 5, 17), "2012-05-16", "stop"),
        (date(2003, 12, 31), "2016-12-31", "look"),
        (date(2004, 1, 2), "2017-01-01", "stop"),
        (date(2004, 1, 1), "2017-01-01", "look"),
        (date(2004, 2, 29), "2018-02-28", "look"),
        (date(2004, 2, 29), "2018-03-01", None),
    ],
)
def test_f04_joined_too_young(birth: date, joined: str, level: str | None) -> None:
    found = imported(id_number=make.id_number(birth), joined_league_on=joined, development_number="")
    assert next((item["level"] for item in about(found, TODAY) if item["code"] == "F04"), None) == level


def test_f04_a_forgotten_date_cannot_be_checked() -> None:
    assert "F04" in codes(facts(joined_league_on="", forgotten=["joined_league_on"]))


def test_f05_not_on_the_roster_names_the_nearest(work: Work, world: World) -> None:
    assert "F05" not in examined(work, facts(name="张翔"), world)
    put_on_roster(work, world, "张祥", "王芳")
    found = examined(work, facts(name="张翔"), world)["F05"]
    assert "张祥" in found["evidence"]
    assert flags.examine(work, facts(name="张翔"), world.branch_b1).lane is Lane.OFF_ROSTER
    assert submit(work, world.people["youth"], world.branch_b1, name="王芳").lane is Lane.CLEAN


@pytest.mark.parametrize(
    ("name", "expected"),
    [("张翔", "张祥"), ("欧阳娜", "欧阳娜娜"), ("司马光", None), ("黎晓明", "李小明")],
)
def test_the_nearest_name_by_sound_or_shape(name: str, expected: str | None) -> None:
    assert nearest_name(name, ["张祥", "欧阳娜娜", "李小明"]) == expected


def test_f06_the_same_person_pending_elsewhere_without_a_word_of_where(work: Work, world: World) -> None:
    number = make.id_number()
    submit(work, world.people["other_youth"], world.branch_t1, id_number=number)
    request = submit(work, world.people["youth"], world.branch_b1, id_number=number)
    found = next(item for item in request.flags if item["code"] == "F06")
    assert found["level"] == "stop"
    assert request.lane is Lane.DUPLICATE
    assert not any(org.name in str(found) for key, org in world.orgs.items() if key.endswith(("_t", "_t1", "_b")))


def test_f06_a_namesake_of_the_same_day(work: Work, world: World) -> None:
    submit(work, world.people["other_youth"], world.branch_b1)
    assert examined(work, facts(name="李 小明"), world)["F06"]["level"] == "look"
    assert "F06" not in examined(work, facts(id_number=make.id_number(date(2006, 5, 18))), world)


def test_f07_the_third_person_with_one_phone(work: Work, world: World, session: Session, vault: Vault) -> None:
    number = make.phone()
    submit(work, world.people["other_youth"], world.branch_b2, phone=number)
    assert "F07" not in examined(work, facts(phone=number), world)
    submit(work, make.account(session, vault), world.branch_b2, phone=number)
    assert examined(work, facts(phone=number), world)["F07"]["text"].startswith("3 个人")


def test_f08_more_forms_than_names(work: Work, world: World) -> None:
    world.branch_b1.expected_members = 2
    submit(work, world.people["other_youth"], world.branch_b1, name="王一一")
    assert "F08" not in examined(work, facts(), world)
    world.branch_b1.expected_members = 1
    assert examined(work, facts(), world)["F08"]["evidence"] == "已填 2 人，总数 1 人"


@pytest.mark.parametrize(
    ("name", "odd"),
    [
        ("李小明", False),
        ("𬭎𬬮", False),
        ("阿依古丽·买买提", False),
        ("李Tom", True),
        ("王啊啊啊", True),
        ("李啊啊", False),
    ],
)
def test_f09_odd_writing(name: str, odd: bool) -> None:
    assert ("F09" in codes(facts(name=name))) is odd


def test_f10_numbers_out_of_form_missing_or_taken(work: Work, world: World) -> None:
    assert "F10" not in codes(facts())
    assert "F10" in codes(facts(certificate_number="1234567890"))
    assert "F10" in codes(facts(development_number="", forgotten=["development_number"]))
    assert "F10" in codes(imported(development_number="201914000001"))
    submit(work, world.people["other_youth"], world.branch_t1, development_number="202114999999")
    assert examined(work, facts(development_number="202114999999"), world)["F10"]["level"] == "stop"


@pytest.mark.parametrize(("before", "seconds", "flagged"), [(18, 299, False), (19, 299, True), (19, 300, False)])
def test_f11_a_burst_from_one_device(
    work: Work, world: World, session: Session, vault: Vault, before: int, seconds: int, flagged: bool
) -> None:
    device = vault.index("device", "a browser")
    for _turn in range(before):
        make.join_request(
            session, vault, world.branch_b2, device=device, submitted_at=work.now - timedelta(seconds=seconds)
        )
    assert ("F11" in examined(work, facts(), world, device=device)) is flagged
    assert "F11" not in examined(work, facts(), world, device=vault.index("device", "another"))


@pytest.mark.parametrize(
    ("birth", "flagged"),
    [
        (date(2012, 4, 22), False),
        (date(2012, 4, 23), True),
        (date(1998, 4, 23), False),
        (date(1998, 4, 22), True),
    ],
)
def test_f12_outside_fourteen_to_twenty_eight(birth: date, flagged: bool) -> None:
    assert ("F12" in codes(Intake.read(youth(id_number=make.id_number(birth)), TODAY))) is flagged


def test_f14_both_lists_left_at_their_first_line() -> None:
    assert codes(facts(ethnicity="01", native_place="山西省太原市小店区")) == ["F14"]
    assert codes(facts(ethnicity="01")) == []
    assert codes(facts(native_place="山西省太原市小店区")) == []


def test_every_flag_points_at_facts_that_exist(work: Work, world: World) -> None:
    number = make.id_number(date(1998, 4, 22))
    submit(work, world.people["other_youth"], world.branch_t1, id_number=number)
    request = submit(work, world.people["youth"], world.branch_b1, id_number=number, certificate_number="123456",
                     ethnicity="01", native_place="山西省太原市小店区")  # fmt: skip
    assert [item["code"] for item in request.flags] == ["F06", "F10", "F12", "F14"]
    assert all(name in FIELDS for item in request.flags for name in item["fields"])


def test_rules_are_looked_up_by_their_day() -> None:
    assert rule("league.youngest_on_record", date(2016, 12, 31)) == 12
    assert rule("league.youngest_on_record", date(2017, 1, 1)) == 13
    with pytest.raises(KeyError):
        rule("unknown", TODAY)
