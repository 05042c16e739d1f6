"""Keys change while the system runs, and nothing is lost, left behind or readable under the old one."""

import os
import threading
from datetime import date

import pytest
from sqlalchemy import insert, select, text

from app.extensions import db
from app.kernel import rotation, sealed
from app.kernel.audit.seals import seal_all
from app.kernel.audit.verification import find_broken
from app.kernel.db.base import Base
from app.kernel.db.unit import writing
from app.kernel.outbox.operations import put
from app.kernel.vault import Key, Vault, VaultError
from app.league.accounts.models import Account, RecoveryCode
from app.league.people.models import Door, Person, PersonChange, Standing
from app.parts import know_all
from app.surfaces.web.house import House
from tests import factories as make

know_all()


@pytest.fixture
def keyed(app, settings, vault, monkeypatch):
    """The application reads its keys from the key file, as it does in service."""
    here: House = app.extensions["house"]
    vault.save(settings.key_file)
    monkeypatch.setattr(here, "given", None)
    monkeypatch.setattr(here, "_read", None)
    return here


@pytest.fixture
def filled(world, session, work, vault, keyed):
    """One of everything that is sealed: phones of accounts, a file, its history, a message on its way."""
    number = make.id_number()
    branch = world.branch_b1
    with writing(session):
        person = Person(
            name="王小明", name_key="王小明", sex="1", birth_date=date(2006, 5, 17), ethnicity="01",
            political_status="13", standing=Standing.ELIGIBLE_YOUTH, door=Door.PC, created_at=make.NOW,
            id_number_sealed=vault.seal("id_number", number), id_number_index=vault.index("id_number", number),
            organisation_id=branch.id, org_path=branch.path,
        )  # fmt: skip
        session.add(person)
        session.flush()
        changes = [("phone", vault.seal("phone", "13900010001")), ("native_place", "v1.k1.太原"), ("name", "王明")]
        for field, old in changes:
            values = {"field": field, "old": old, "new": None, "cause": "edit"}
            session.execute(insert(PersonChange).values(person_id=person.id, at=make.NOW, **values))
        put(work, "message", "k", {"account_id": 1})
    seal_all(work)
    world.number = number
    return world


def sealed_values(session) -> dict[str, list[str]]:
    session.rollback()
    found = {}
    for column in sealed.columns():
        kept = column.table.c[column.name]
        found[f"{column.table.name}.{column.name}"] = list(session.scalars(select(kept).where(kept.like("v1.k%"))))
    return found


def test_every_value_comes_under_the_new_key_and_the_old_one_is_retired(filled, session, cli, keyed, work):
    said = cli.invoke(args=["rotate-keys", "--wait", "0"])
    assert said.exit_code == 0, said.output
    assert "旧密钥 k1 已停用" in said.output
    values = sealed_values(session)
    changes = sorted(values.pop("person_changes.old"))
    assert [changes[0], changes[1][:6]] == ["v1.k1.太原", "v1.k2."], "a plain text that looks sealed stays as it is"
    assert {value.split(".")[1] for column in values.values() for value in column} == {"k2"}
    assert keyed.vault.opening_ids == ["k2"]
    person = session.scalars(select(Person)).one()
    assert keyed.vault.open("id_number", person.id_number_sealed) == filled.number
    assert person.id_number_index == keyed.vault.index("id_number", filled.number)
    account = session.get_one(Account, filled.people["youth"].id)
    assert account.phone_index == keyed.vault.index("phone", keyed.vault.open("phone", account.phone_sealed))
    work.vault = keyed.vault
    assert find_broken(work) == [], "what the old key signed is still believed"


def test_a_rotation_that_died_is_taken_up_again(filled, session, cli, keyed, monkeypatch):
    real, seen = rotation._reseal_row, []

    def die_after_three(*arguments):
        seen.append(1)
        if len(seen) > 3:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(rotation, "BATCH", 2)
    monkeypatch.setattr(rotation, "_reseal_row", die_after_three)
    assert cli.invoke(args=["rotate-keys", "--wait", "0"]).exit_code != 0
    assert keyed.vault.opening_ids == ["k2", "k1"]
    for account in session.scalars(select(Account)):
        assert keyed.vault.open("phone", account.phone_sealed).startswith("139")
        assert account.phone_index in keyed.vault.indexes("phone", keyed.vault.open("phone", account.phone_sealed))
    monkeypatch.setattr(rotation, "_reseal_row", real)
    session.rollback()
    assert cli.invoke(args=["rotate-keys", "--wait", "0", "--resume"]).exit_code == 0
    assert keyed.vault.opening_ids == ["k2"]


def test_people_go_on_writing_while_keys_change(filled, session, app, cli, keyed):
    stop, problems = threading.Event(), []
    youth = filled.people["youth"].id

    def write() -> None:
        with app.app_context():
            while not stop.is_set():
                try:
                    with writing(db.session()) as mine:
                        account = mine.get_one(Account, youth)
                        phone = keyed.vault.open("phone", account.phone_sealed)
                        account.phone_sealed = keyed.vault.seal("phone", phone)
                        account.phone_index = keyed.vault.index("phone", phone)
                except Exception as error:  # noqa: BLE001
                    problems.append(error)
                    return
            db.session.remove()

    session.rollback()
    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    said = cli.invoke(args=["rotate-keys", "--wait", "1"])
    stop.set()
    for thread in threads:
        thread.join()
    assert (said.exit_code, problems) == (0, [])
    assert keyed.vault.opening_ids == ["k2"]


def test_recovery_codes_keep_their_index_alive(filled, session, cli, keyed):
    code = keyed.vault.index("recovery", "abcd")
    with writing(session):
        session.add(RecoveryCode(account_id=filled.people["youth"].id, code_index=code))
    assert "恢复码" in cli.invoke(args=["rotate-keys", "--wait", "0"]).output
    assert code in keyed.vault.indexes("recovery", "abcd")
    assert keyed.vault.opening_ids == ["k2"]


def test_a_value_that_was_changed_by_hand_stops_the_rotation_and_keeps_the_key(filled, session, cli, keyed):
    with writing(session):
        session.execute(text("UPDATE people SET id_number_sealed = 'v1.k1.AAAA'"))
    said = cli.invoke(args=["rotate-keys", "--wait", "0"])
    assert said.exit_code == 1
    assert "verify" in said.output
    assert keyed.vault.opening_ids == ["k2", "k1"]


def test_another_process_notices_the_new_file(keyed, settings):
    assert keyed.vault.current.id == "k1"
    rotation.begin(keyed.vault, settings.key_file)
    os.utime(settings.key_file, ns=(1, 1))
    assert keyed.vault.current.id == "k2"


def test_every_column_named_sealed_says_what_it_seals():
    said = {(column.table.name, column.name) for column in sealed.columns()}
    named = {
        (table.name, column.name)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if column.name.endswith("_sealed")
    }
    assert named <= said
    for column in sealed.columns():
        assert len(column.table.primary_key.columns) == 1
        assert column.index is None or column.index in column.table.c


def test_a_retired_generation_signs_and_opens_nothing():
    old = Vault([Key.new("k1")])
    value, index, signed = old.seal("phone", "1"), old.index("phone", "1"), old.sign("audit", b"x")
    now = old.with_new_key().retired("k1")
    with pytest.raises(VaultError):
        now.open("phone", value)
    assert index not in now.indexes("phone", "1")
    assert now.sign("audit", b"x", "k1") == signed
    with pytest.raises(VaultError):
        now.retired("k2")
