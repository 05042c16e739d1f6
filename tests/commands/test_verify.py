"""`flask verify` says yes to a sound database, and names each thing that is wrong."""

import json
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import text, update

from app.kernel.access.rules import Role
from app.kernel.db.unit import writing
from app.kernel.files.models import StoredFile
from app.kernel.outbox.operations import put
from app.kernel.verification import ask_all
from app.league.accounts.models import Account
from app.league.appointments.models import Appointment
from app.league.organisations import counters
from app.league.organisations.models import Organisation, OrganisationStatus
from app.league.people.models import Door, FileState, Membership, Person, Standing
from app.parts import know_all
from tests import factories as make


@pytest.fixture
def sound(world, session, vault, work):
    """The small league with one member in it, everything as it should be."""
    know_all()
    branch = world.branch_b1
    number = make.id_number()
    person = Person(
        name="王小明", name_key="王小明", sex="1", birth_date=date(2006, 5, 17), ethnicity="01", political_status="03",
        id_number_sealed=vault.seal("id_number", number), id_number_index=vault.index("id_number", number),
        standing=Standing.MEMBER, door=Door.PC, organisation_id=branch.id, org_path=branch.path, created_at=make.NOW,
    )  # fmt: skip
    with writing(session):
        session.add(person)
        session.flush()
        session.add(Membership(person_id=person.id, organisation_id=branch.id, from_on=make.TODAY))
        counters.move(session, branch.path, {"people": 1, "member": 1})
        above = session.query(Organisation).where(Organisation.path.in_([branch.path[:n] for n in (5, 10, 15, 20, 25)]))
        above.update({"in_use": True}, synchronize_session=False)
    world.person = person
    return world


def wrong(work) -> set[str]:
    work.session.rollback()
    return {answer.name for answer in ask_all(work) if answer.findings}


def test_a_sound_database_passes(sound, cli, session, work):
    assert wrong(work) == set()
    session.rollback()
    said = cli.invoke(args=["verify"])
    assert (said.exit_code, said.output.splitlines()[-1]) == (0, "全部相符。")


SPOILED: dict[str, Callable] = {
    "figures.counters": lambda s, w: s.execute(text("UPDATE organisation_counters SET value = value + 1")),
    "figures.in_use": lambda s, w: s.execute(
        update(Organisation).where(Organisation.id == w.branch_b2.id).values(in_use=True)
    ),
    "organisations.tree": lambda s, w: s.execute(
        update(Organisation).where(Organisation.id == w.branch_e1.id).values(parent_id=w.city_b.id)
    ),
    "people.place": lambda s, w: s.execute(update(Person).values(organisation_id=w.branch_b2.id)),
    "people.members": lambda s, w: s.execute(update(Membership).values(until_on=make.TODAY)),
    "people.memberships": lambda s, w: s.execute(update(Person).values(standing=Standing.ELIGIBLE_YOUTH)),
    "appointments.rules": lambda s, w: s.execute(
        update(Appointment).where(Appointment.organisation_id == w.branch_b1.id).values(role=Role.SYSTEM_ADMIN)
    ),
    "appointments.given": lambda s, w: give_sideways(s, w),
    "accounts.guardians": lambda s, w: s.execute(
        update(Account).where(Account.id == w.people["youth"].id).values(birth_date=make.TODAY - timedelta(days=4000))
    ),
    "accounts.people": lambda s, w: (
        s.execute(update(Account).where(Account.id == w.people["youth"].id).values(person_id=w.person.id))
        and s.execute(update(Person).values(state=FileState.WAITING))
    ),
    "kernel.sealed": lambda s, w: s.execute(update(Person).values(phone_sealed="13900010001")),
}


def give_sideways(session, world):
    mine = {Appointment.account_id: world.people["city_b"].id}
    giver = session.query(Appointment).filter_by(account_id=mine[Appointment.account_id]).one()
    session.execute(
        update(Appointment)
        .where(Appointment.account_id == world.people["county_a1"].id)
        .values(granted_under_id=giver.id)
    )


@pytest.mark.parametrize("name", sorted(SPOILED))
def test_each_broken_rule_is_named(sound, session, work, name):
    with writing(session):
        SPOILED[name](session, sound)
    assert name in wrong(work)


def test_a_closed_organisation_with_an_officer_is_named(sound, session, work):
    with writing(session):
        session.execute(
            update(Organisation).where(Organisation.id == sound.county_a1.id).values(status=OrganisationStatus.CLOSED)
        )
    assert "appointments.rules" in wrong(work)


def test_a_file_that_changed_or_vanished_is_named(sound, session, work, settings):
    folder = settings.files_dir / "ab"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "abc").write_bytes(b"changed")
    for key in ("ab/abc", "ab/gone"):
        with writing(session):
            session.add(
                StoredFile(
                    owner_type="notice",
                    owner_id=1,
                    name="a.pdf",
                    media_type="application/pdf",
                    size=7,
                    sha256="0" * 64,
                    storage_key=key,
                    created_at=make.NOW,
                )
            )
    found = {a.name: a for a in ask_all(work)}["kernel.files"]
    assert found.findings == 2
    assert {line.split(" 的")[1] for line in found.examples} == {"文件不见了", "文件内容变了"}


def test_a_message_that_never_left_is_named(sound, session, work, clock):
    with writing(session):
        put(work, "message", "k", {})
    assert "kernel.outbox" not in wrong(work)
    clock.advance(hours=2)
    work.now = clock.now()
    assert "kernel.outbox" in wrong(work)


def test_the_command_names_what_is_wrong_and_fails(sound, session, cli):
    with writing(session):
        SPOILED["figures.counters"](session, sound)
    said = cli.invoke(args=["verify"])
    assert said.exit_code == 1
    assert "会计学院 people 记为 2，实为 1" in said.output
    assert "不符  各级数字与逐条清点一致" in said.output


def test_figures_are_those_of_the_rows(sound, cli):
    said = cli.invoke(args=["figures", "--json"])
    numbers = json.loads(said.output)
    assert (numbers["people"], numbers["member"], numbers["pending"]) == (1, 1, 0)
    below = json.loads(cli.invoke(args=["figures", "--json", "--organisation", "乙市职业学校"]).output)
    assert below["people"] == 0
    assert cli.invoke(args=["figures", "--organisation", "nowhere"]).exit_code == 1
    assert "共青团员\t1" in cli.invoke(args=["figures"]).output
