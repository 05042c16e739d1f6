"""团务通."""

from pathlib import Path

from flask import Flask

from app import tables
from app.commands import register_commands
from app.config import ROOT, Settings
from app.extensions import Migrations, compress, csrf, db, login_manager
from app.kernel.clock import Clock, SystemClock
from app.kernel.db.engine import configure
from app.kernel.vault import Vault
from app.surfaces import BLUEPRINTS, demonstration, demonstration_wechat
from app.surfaces.api import bp as api
from app.surfaces.api import rates
from app.surfaces.web import (
    addresses,
    context,
    errors,
    fairness,
    guard,
    headers,
    house,
    logs,
    metrics,
    operating,
    origin,
    page_cache,
    replica,
    requests,
    safety,
    sessions,
    slow_queries,
    static_files,
    visits,
    waiting,
)  # fmt: skip
from app.surfaces.web.drawing import DrawingFlask
from app.surfaces.wechat import callback as wechat

MIGRATIONS = Path(__file__).parent / "kernel" / "db" / "migrations"


def create_app(settings: Settings | None = None, *, vault: Vault | None = None, clock: Clock | None = None) -> Flask:
    """The application.

    ``vault``: None reads the key file; commands that run before there is one get an application without keys.
    Raises safety.Unsafe when production settings are not safe, and guard.Undeclared when a view declares no gate.
    """
    settings = settings or Settings.read()
    app = DrawingFlask(
        "app",
        root_path=str(ROOT / "app"),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
        instance_path=str(settings.instance_dir),
    )
    app.request_class = requests.TextRequest
    app.session_interface = visits.Visits()
    house.furnish(app, settings, vault, clock or SystemClock())
    safety.check(app)
    db.init_app(app)
    with app.app_context():
        configure(db.engine, pooled=settings.database_pooled)
        slow_queries.init_app(app, db.engine)
    replica.init_app(app)
    app.extensions["migrate"] = Migrations(app, MIGRATIONS)
    logs.init_app(app)
    metrics.init_app(app)
    origin.init_app(app)
    addresses.init_app(app)
    fairness.init_app(app)
    page_cache.init_app(app)
    waiting.init_app(app)
    static_files.init_app(app)
    sessions.init_app(app, login_manager)
    csrf.init_app(app)
    csrf.exempt(api)  # a bearer token is sent by nobody's browser of itself
    csrf.exempt(demonstration_wechat.servers)
    csrf.exempt(wechat.bp)  # WeChat's servers sign what they send
    rates.init_app(app)
    guard.init_app(app)
    headers.init_app(app)
    compress.init_app(app)
    errors.init_app(app)
    context.init_app(app)
    for blueprint in (*BLUEPRINTS, *(demonstration.BLUEPRINTS if settings.demonstration else ())):
        app.register_blueprint(blueprint)
    operating.init_app(app)
    register_commands(app)
    guard.every_view_declares(app)
    return app


__all__ = ["create_app", "tables"]
