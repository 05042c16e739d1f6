"""Rows put in many at once stand as rows put in one by one."""

import contextlib
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app.kernel.db import bulk
from app.kernel.db.base import table_of
from app.kernel.db.unit import writing
from app.league.people.models import Door, FileState, Membership, Person, PersonChange, Standing
from app.league.people.protect import seal_file_fields
from tests import factories as make

FIELD = "native_place"
MOMENT = datetime(2016, 5, 4, 8, 30, tzinfo=UTC)


@pytest.fixture
def rows(vault, world):
    """Files as a statement takes them, more than a COPY is worth; no version is named."""
    place = {"organisation_id": world.branch_b1.id, "org_path": world.branch_b1.path}
    return [
        {
            "public_id": f"p{number:021}",
            "name": "林晓春",
            "name_key": "林晓春",
            "ethnicity": "01",
            "political_status": "03",
            "sex": "F",
            "birth_date": date(2006, 5, 17),
            "standing": Standing.MEMBER,
            "state": FileState.ACTIVE,
            "door": Door.IMPORT,
            "created_at": MOMENT,
            **place,
            **seal_file_fields(vault, make.id_number(n=number + 500), make.phone()),
        }
        for number in range(bulk.FEW + 5)
    ]


@pytest.mark.parametrize("number", [0, 1, bulk.FEW + 5])
def test_every_row_is_there_in_its_order_with_what_nobody_named(session, rows, number):
    table = table_of(Person)
    with writing(session):
        ids = bulk.put_numbered(session, table, rows[:number])
    assert len(set(ids)) == number
    kept = [session.execute(select(table).where(table.c.id == one)).mappings().one() for one in ids]
    assert [{name: row[name] for name in rows[0]} for row in kept] == rows[:number]
    assert all(row["version"] == 1 for row in kept)


def test_a_number_that_was_given_is_not_given_again(session, rows):
    *first, one_more = rows
    with writing(session):
        ids = bulk.put_numbered(session, table_of(Person), first)
        (later,) = bulk.put_numbered(session, table_of(Person), [one_more])
    assert later not in ids


def test_nor_are_the_numbers_of_rows_that_are_gone(session, rows):
    with writing(session):
        ids = bulk.put_numbered(session, table_of(Person), rows)
        session.execute(delete(Person).where(Person.id.in_(ids)))
        again = bulk.put_numbered(session, table_of(Person), rows)
    assert min(again) > max(ids)


def test_what_is_put_in_goes_with_its_transaction(session, rows):
    with contextlib.suppress(ZeroDivisionError), writing(session):
        bulk.put_many(session, table_of(Person), rows)
        raise ZeroDivisionError
    assert session.scalars(select(Person.public_id).where(Person.public_id.startswith("p0000"))).all() == []


def test_what_the_session_still_holds_is_written_first(session, rows, world):
    """So that nothing is lost to whoever reads a row afresh afterwards."""
    with writing(session):
        branch = session.merge(world.branch_b1)
        branch.expected_members = 41
        bulk.put_many(session, table_of(Person), rows)
        session.refresh(branch, with_for_update=True)
        assert branch.expected_members == 41


def test_a_number_twice_is_the_same_refusal_however_many_come(session, rows):
    for number in (2, len(rows)):
        twice = [*rows[: number - 1], {**rows[0], "public_id": "twice"}]
        with pytest.raises(IntegrityError), writing(session):
            bulk.put_many(session, table_of(Person), twice)


def test_nothing_json_dates_and_words_come_back_as_they_went(session, rows, world):
    with writing(session):
        ids = bulk.put_numbered(session, table_of(Person), rows)
        here = {"organisation_id": world.branch_b1.id}
        spans = [{"person_id": one, **here, "from_on": date(2016, 5, 4), "until_on": None} for one in ids]
        bulk.put_many(session, table_of(Membership), spans)
        changes = [
            {"person_id": one, "at": MOMENT, "field": FIELD, "old": None, "new": "应县“\t\\N”\n", "cause": "edit",
             "actor_account_id": None, "actor_name": "管理"}
            for one in ids
        ]  # fmt: skip
        bulk.put_many(session, table_of(PersonChange), changes)
    told = session.scalars(select(PersonChange).where(PersonChange.person_id.in_(ids))).all()
    assert {(row.at, row.old, row.new) for row in told} == {(MOMENT, None, "应县“\t\\N”\n")}
    held = session.scalars(select(Membership).where(Membership.person_id.in_(ids))).all()
    assert {(row.from_on, row.until_on) for row in held} == {(date(2016, 5, 4), None)}
    assert {row.door for row in session.scalars(select(Person).where(Person.id.in_(ids)))} <= set(Door)
