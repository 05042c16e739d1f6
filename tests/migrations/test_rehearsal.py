"""A populated database is rebuilt, killed in the middle, run again, and holds what it held (scripts/rehearse-migrations)."""

import os

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from app.commands.init import prepare
from app.commands.unit import command_work
from app.config import Settings
from app.extensions import db
from app.generation import run
from tests.migrations import rehearsal

KILLS = int(os.environ.get("KILLS", "1"))
PEOPLE = 300


@pytest.fixture
def populated(bare_app: Flask) -> rehearsal.Rehearsal:
    settings: Settings = bare_app.extensions["house"].settings
    prepare()
    with command_work() as work:
        run.generate(work, PEOPLE, seed=2016)
        work.session.commit()
    db.engine.dispose()
    return rehearsal.rehearsal_of(settings)


@pytest.mark.slow
def test_a_migration_killed_at_any_moment_can_be_run_again_and_loses_no_row(populated, capsys):
    assert rehearsal.play(populated, rehearsal.steps()[:1], KILLS)
    assert f"killed {KILLS} times and run again" in capsys.readouterr().out


def test_a_row_that_a_migration_changed_is_found():
    engine = create_engine("sqlite://")
    looked = rehearsal.Rehearsal({}, engine)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE people (name text)"))
        connection.execute(text("INSERT INTO people VALUES ('刘胡兰'), ('李小明')"))
    looked.look()
    assert looked.changed() == []
    with engine.begin() as connection:
        connection.execute(text("UPDATE people SET name = '李晓明' WHERE name = '李小明'"))
    assert looked.changed() == ["people"]
