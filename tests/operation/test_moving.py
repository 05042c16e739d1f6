"""An embedded database carried over to PostgreSQL, killed in the middle, is there row by row and works."""

import subprocess
import sys
import time

import psycopg
import pytest
from flask_migrate import upgrade
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.extensions import db
from app.kernel.audit.seals import seal_all
from app.kernel.db.unit import writing
from app.kernel.limits import hit
from app.kernel.work import Actor, Work
from tests import world as worlds
from tests.conftest import DATABASE
from tests.faults.server import ROOT, Instance

pytestmark = [pytest.mark.skipif(DATABASE != "postgresql", reason="needs a PostgreSQL to move to"), pytest.mark.slow]


@pytest.fixture
def embedded(make_app, tmp_path, vault, clock):
    """A small league in an embedded database, with its keys, seals and a file whose number was given and is gone."""
    app = make_app()
    (tmp_path / "instance").mkdir()
    vault.save(tmp_path / "instance" / "keys.json")
    with app.app_context():
        upgrade()
        with Session(db.engine, expire_on_commit=False) as session:
            with writing(session):
                worlds.build(session, vault)
            work = Work(session, clock.now(), Actor("command"), vault, app.extensions["house"].settings)
            with writing(session):
                for number in range(300):
                    hit(session, vault, "search", str(number))
            seal_all(work)
            with writing(session):
                session.execute(text("INSERT INTO sqlite_sequence VALUES ('people', 4711)"))
        db.engine.dispose()
    return app


SHAPE = (
    "SELECT split_part(indexdef, ' WHERE ', 1) FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE 'moving%'"
    " UNION ALL SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint"
    " UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1"
)


def test_a_move_killed_in_the_middle_goes_on_and_ends_equal(embedded, bare_database, tmp_path, engine):
    address = bare_database.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "move-to-postgresql"]
    here = Instance(tmp_path / "instance", settings={"TARGET_DATABASE_URL": address})
    first = subprocess.Popen([*command, "--batch", "1"], cwd=ROOT, env=here.environment, stdout=subprocess.DEVNULL)
    plain = bare_database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as watching:
        while not carried(watching):
            assert first.poll() is None, "it was done before it could be killed"
            time.sleep(0.02)
        first.kill()
        first.wait()
        rows = carried(watching)
    said = subprocess.run(command, cwd=ROOT, env=here.environment, capture_output=True, text=True)
    assert said.returncode == 0, said.stdout + said.stderr
    assert rows
    assert "limit_counters：300 行，逐行相符" in said.stdout

    with engine.connect() as asked, psycopg.connect(plain) as target:
        assert [row[0] for row in target.execute(SHAPE)] == list(asked.scalars(text(SHAPE)))
        assert target.execute("SELECT nextval('people_id_seq')").fetchone() == (4712,)
        with pytest.raises(psycopg.Error, match="append-only"):
            target.execute("UPDATE audit_entries SET reason = 'x'")
    moved = Instance(tmp_path / "instance", address)
    assert moved.flask("verify").endswith("全部相符。\n")
    refused = subprocess.run(command, cwd=ROOT, env=here.environment, capture_output=True, text=True)
    assert refused.returncode == 1
    assert "已经有东西" in refused.stderr


def carried(watching) -> int:
    if watching.execute("SELECT to_regclass('moving')").fetchone() == (None,):
        return 0
    return watching.execute("SELECT coalesce(sum(rows), 0) FROM moving WHERE rows > 20").fetchone()[0]
