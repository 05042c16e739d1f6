"""Every revision goes up, down and up again with rows in the tables; all together make the schema of the models."""

import importlib
import textwrap
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from threading import Event
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Engine

from app import MIGRATIONS
from app.tables import metadata
from tests.conftest import DATABASE
from tests.database import KEPT
from tests.migrations.schema import describe, foreign_keys_are_kept

REVISIONS: list[Script] = list(reversed(list(ScriptDirectory(str(MIGRATIONS)).walk_revisions())))


def module_of(revision: Script) -> str:
    return f"tests.migrations.revision_{revision.revision}"


def test_there_is_one_line_of_revisions() -> None:
    assert len(ScriptDirectory(str(MIGRATIONS)).get_heads()) == 1


def test_every_revision_has_its_tester() -> None:
    assert [name for name in map(module_of, REVISIONS) if find_spec(name) is None] == []


@pytest.mark.parametrize("revision", REVISIONS, ids=lambda revision: revision.revision)
def test_a_revision_goes_up_down_and_up_with_data(revision: Script, alembic: Config, engine: Engine) -> None:
    tester: ModuleType = importlib.import_module(module_of(revision))
    origin = str(revision.down_revision) if revision.down_revision else "base"
    if revision.down_revision:
        command.upgrade(alembic, origin)
    in_transaction(engine, tester.before)
    command.upgrade(alembic, revision.revision)
    in_transaction(engine, tester.after)
    command.downgrade(alembic, origin)
    in_transaction(engine, tester.back)
    command.upgrade(alembic, revision.revision)
    in_transaction(engine, tester.after)


def test_the_revisions_make_the_schema_of_the_models(alembic: Config, engine: Engine) -> None:
    command.upgrade(alembic, "head")
    command.check(alembic)
    by_revisions = describe(engine)
    command.downgrade(alembic, "base")
    assert describe(engine) == []
    metadata.create_all(engine)
    assert by_revisions == describe(engine)


SCRATCH = """
import sqlalchemy as sa
from alembic import op

revision = "scratch"
down_revision = "{head}"

def upgrade():
{upgrade}
"""


@pytest.fixture
def add_revision(alembic: Config, tmp_path: Path) -> Callable[[str], None]:
    """Return a maker of one more revision after the newest, one the product does not have."""
    command.upgrade(alembic, "head")

    def add(upgrade: str) -> None:
        folder = tmp_path / "scratch"
        folder.mkdir()
        source = SCRATCH.format(head=REVISIONS[-1].revision, upgrade=textwrap.indent(upgrade, "    "))
        (folder / "scratch.py").write_text(source)
        alembic.set_main_option("path_separator", "newline")
        alembic.set_main_option("version_locations", f"{MIGRATIONS / 'versions'}\n{folder}")

    return add


def test_rebuilding_a_table_loses_none_of_its_children(
    alembic: Config, engine: Engine, add_revision: Callable[[str], None]
) -> None:
    """SQLite changes a table by copying and dropping it; with foreign keys on, the drop would take children along."""
    execute(
        engine,
        "CREATE TABLE parents (id INTEGER PRIMARY KEY, name VARCHAR(8))",
        "CREATE TABLE children (parent_id INTEGER REFERENCES parents (id) ON DELETE CASCADE)",
        "INSERT INTO parents VALUES (1, 'one')",
        "INSERT INTO children VALUES (1)",
    )
    add_revision("with op.batch_alter_table('parents') as parents:\n    parents.alter_column('name', nullable=False)")
    command.upgrade(alembic, "scratch")
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM children")) == 1
        assert foreign_keys_are_kept(connection)


def test_a_revision_that_breaks_a_reference_leaves_nothing_behind(
    alembic: Config, engine: Engine, add_revision: Callable[[str], None]
) -> None:
    execute(
        engine,
        "CREATE TABLE parents (id INTEGER PRIMARY KEY)",
        "CREATE TABLE children (parent_id INTEGER REFERENCES parents (id))",
    )
    add_revision(
        "op.add_column('parents', sa.Column('name', sa.String()))\nop.execute('INSERT INTO children VALUES (7)')"
    )
    with pytest.raises((RuntimeError, sa.exc.IntegrityError)):
        command.upgrade(alembic, "scratch")
    assert [column["name"] for column in sa.inspect(engine).get_columns("parents")] == ["id"]
    with engine.connect() as connection:
        noted = connection.scalar(sa.select(sa.column("version_num")).select_from(sa.table(KEPT)))
        assert noted == REVISIONS[-1].revision
        assert foreign_keys_are_kept(connection)


@pytest.mark.skipif(DATABASE != "postgresql", reason="the embedded database has a line of its own")
def test_an_upgrade_waits_for_the_one_before_however_long_it_takes(
    alembic: Config, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.kernel.db.engine.PATIENCE", ("SET lock_timeout = '20ms'",))
    held = Event()

    def another_upgrade() -> None:
        with engine.connect() as other:
            other.execute(sa.text("SELECT pg_advisory_xact_lock(490016)"))
            held.set()
            while not other.scalar(
                sa.text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            ):
                other.execute(sa.text("SELECT pg_sleep(0.01)"))
            other.execute(sa.text("SELECT pg_sleep(0.1)"))

    with ThreadPoolExecutor() as pool:
        before = pool.submit(another_upgrade)
        assert held.wait(10)
        command.upgrade(alembic, "head")
        before.result(10)
    assert "people" in sa.inspect(engine).get_table_names()


def execute(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


def in_transaction(engine: Engine, step: Any) -> None:
    with engine.begin() as connection:
        step(connection)
