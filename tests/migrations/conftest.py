"""An application over a database without a schema."""

from collections.abc import Callable, Iterator

import pytest
from alembic.config import Config
from flask import Flask
from sqlalchemy import Engine

from app.extensions import db
from tests.database import Database


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
