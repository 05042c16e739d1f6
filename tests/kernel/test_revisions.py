"""The models and the migrations say the same."""

import ast
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import create_engine, text

from app import MIGRATIONS, create_app, tables
from app.config import Settings
from app.extensions import db
from app.kernel.db.revisions import compare_type, first_revision, include_name
from app.kernel.vault import Key, Vault


@pytest.fixture
def empty(tmp_path: Path):
    """An application over a database with nothing in it."""
    app = create_app(Settings(instance_dir=tmp_path, password_cost=64), vault=Vault([Key.new("k1")]))
    with app.app_context():
        yield
        db.session.remove()
        db.engine.dispose()


def schema(connection) -> set[tuple[str, ...]]:
    """Every table, index and trigger of a SQLite database, in parts whose order means nothing."""
    rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
    parts = {name: "".join(sql.replace('"', "").split()).removesuffix(")").split(",") for name, sql in rows}
    return {(name, *sorted(told)) for name, told in parts.items() if not name.startswith(("alembic", "sqlite"))}


def test_the_first_revision_is_drawn_from_todays_models():
    written = (MIGRATIONS / "versions" / "0001_the_first_tables.py").read_text()
    assert ast.dump(ast.parse(written)) == ast.dump(ast.parse(first_revision(tables.metadata)))


def test_migrations_make_what_the_models_make(empty):
    upgrade()
    with db.engine.connect() as migrated, create_engine("sqlite://").connect() as modelled:
        tables.metadata.create_all(modelled)
        assert schema(migrated) == schema(modelled)


def test_alembic_finds_nothing_to_change(empty):
    upgrade()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": compare_type, "include_name": include_name}
        )
        assert compare_metadata(context, tables.metadata) == []


def test_all_the_way_down_leaves_nothing_and_up_again_works(empty):
    upgrade()
    with db.engine.connect() as connection:
        before = schema(connection)
    downgrade(revision="base")
    with db.engine.connect() as connection:
        assert schema(connection) == set()
    upgrade()
    with db.engine.connect() as connection:
        assert schema(connection) == before


def test_a_revision_that_breaks_a_reference_is_rolled_back(empty, monkeypatch):
    upgrade()
    connection = db.engine.connect()
    raw = connection.connection.dbapi_connection
    raw.execute("PRAGMA foreign_keys=OFF")
    raw.execute(
        "INSERT INTO memberships (person_id, organisation_id, from_on, end_reason) VALUES (7, 7, '2026-01-01', '')"
    )
    connection.close()
    with pytest.raises(SystemExit):
        downgrade(revision="0001")
    with db.engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "0003"
