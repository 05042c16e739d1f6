"""A database with nothing in it, not even a schema, and an application over it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic.config import Config
from flask import Flask
from sqlalchemy import Engine, make_url

from app.extensions import db
from tests.database import Database, PostgresDatabase, SqliteDatabase


@pytest.fixture
def bare_database(tmp_path: Path, worker_id: str) -> Iterator[Database]:
    """A database beside the process's own."""
    held: Database
    if os.environ.get("TEST_DATABASE") == "postgresql":
        server = make_url(os.environ["TEST_DATABASE_URL"])
        held = PostgresDatabase(server, f"tuanwutong_{worker_id}_{os.getpid()}_bare")
    else:
        held = SqliteDatabase(tmp_path)
    yield held
    held.drop()


@pytest.fixture
def bare_app(make_app: Callable[..., Flask], bare_database: Database) -> Iterator[Flask]:
    """An application over it, with its context: Alembic's environment asks for the current application."""
    app = make_app(database_url=bare_database.url.render_as_string(hide_password=False))
    with app.app_context():
        yield app


@pytest.fixture
def engine(bare_app: Flask) -> Engine:
    """That application's engine."""
    return db.engine


@pytest.fixture
def alembic(bare_app: Flask) -> Config:
    """Alembic's settings, as `flask db` has them."""
    config: Config = bare_app.extensions["migrate"].migrate.get_config()
    return config
