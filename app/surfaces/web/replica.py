"""Figures are read from a standby when one is named, so that the primary has its hands free for changes.

Whoever has just changed something reads from the primary for a while: what one has done is never missing.
"""

from dataclasses import replace

from flask import Flask, current_app, g, session
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.extensions import db
from app.kernel.db.engine import configure, options
from app.kernel.db.unit import let_go
from app.kernel.work import Work
from app.surfaces.web.house import WROTE, work
from app.surfaces.web.requests import by_api

CAUGHT_UP = 10
"""Seconds after a change from which on the standby is taken to know of it."""


def init_app(app: Flask) -> None:
    """Make the engine of the standby, if the settings name one; let requests end well on connections that broke."""
    settings = app.extensions["house"].settings
    app.extensions["replica"] = None
    app.teardown_appcontext(_let_go)
    if not settings.replica_url:
        return
    engine = create_engine(settings.replica_url, **options(settings.replica_url, pooled=settings.database_pooled))
    configure(engine, pooled=settings.database_pooled)
    app.extensions["replica"] = engine
    app.teardown_appcontext(_close)


def reading() -> Work:
    """A unit of work for figures: on the standby, or on the database itself when there is none, it does not answer,
    or this browser changed something a moment ago.
    """
    here = work()
    engine: Engine | None = current_app.extensions["replica"]
    if engine is None or by_api() or here.now.timestamp() - session.get(WROTE, 0) < CAUGHT_UP:
        return here
    if "replica" not in g:
        beside = Session(engine, expire_on_commit=False)
        try:
            beside.connection()
        except OperationalError:
            beside.close()
            return here
        g.replica = beside
    return replace(here, session=g.replica)


def _let_go(_error: BaseException | None) -> None:
    if db.session.registry.has():  # to make one in order to let it go costs more than many a page
        let_go(db.session())


def _close(_error: BaseException | None) -> None:
    if beside := g.pop("replica", None):
        let_go(beside)
        beside.close()
