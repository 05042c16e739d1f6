"""The Flask extensions, made once and bound to the application in create_app."""

from pathlib import Path
from typing import Any

from flask import Flask
from flask_compress import Compress
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect

from app.kernel.db.base import Base

db = SQLAlchemy(model_class=Base, disable_autonaming=True, session_options={"expire_on_commit": False})
login_manager = LoginManager()
csrf = CSRFProtect()
compress = Compress()


class Migrations:
    """What Flask-Migrate looks for in ``app.extensions``. With Alembic it is eight megabytes and a tenth of a start, so
    it is loaded by the commands that change the schema.
    """

    def __init__(self, app: Flask, directory: Path) -> None:
        self._app, self._directory = app, directory

    def __getattr__(self, name: str) -> Any:
        from flask_migrate import Migrate

        Migrate(render_as_batch=True, compare_type=True).init_app(self._app, db, directory=str(self._directory))
        return getattr(self._app.extensions["migrate"], name)
