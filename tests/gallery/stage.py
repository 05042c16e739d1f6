"""The demonstration, served on this machine; every scene begins with the same content."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.serving import WSGIRequestHandler, make_server

from app.extensions import db
from app.kernel.db.unit import writing
from app.kernel.outbox.operations import deliver_due
from app.kernel.work import Actor, Work
from app.league.accounts.models import Account
from app.league.accounts.sessions import open_session
from app.surfaces.web.sessions import cookie_name
from tests.database import Database
from tests.demonstrated import demonstrated
from tests.gallery.cast import assemble
from tests.world import World

CONTENT = "gallery"
Preparation = Callable[["Stage"], Mapping[str, Any]]


@dataclass
class _Held:
    """What the built content is remembered by. ``tokens``: a sign-in of every persona; ``files``: what was uploaded."""

    world: World
    tokens: dict[str, str]
    files: dict[str, bytes]


_held: dict[Database, _Held] = {}


class Stage:
    """One application over one database.

    ``session``: a session of the stage's own, for preparing a scene. ``world``: who and what there is.
    ``cookie``: the name of the sign-in cookie, ``tokens``: its value for each persona.
    """

    def __init__(self, app: Flask, database: Database) -> None:
        self.app, self.database = app, database
        self.house = app.extensions["house"]
        self.vault = self.house.vault
        with app.app_context():
            self.engine, self.cookie = db.engine, cookie_name()
        if database.keeps(CONTENT):
            database.restore(CONTENT)
        self.session = self._new_session()
        if database not in _held:
            _held[database] = self._build()
        self.tokens = _held[database].tokens
        self._lay_files()

    @property
    def world(self) -> World:
        """The cast, as rows of the present session."""
        held, now = _held[self.database].world, World()
        now.orgs = {key: self.session.merge(row, load=False) for key, row in held.orgs.items()}
        now.people = {key: self.session.merge(row, load=False) for key, row in held.people.items()}
        return now

    @property
    def work(self) -> Work:
        """A unit of work of a command."""
        return Work(self.session, self.house.clock.now(), Actor("command"), self.vault, self.house.settings)

    def begin(self, prepare: Preparation | None = None) -> Mapping[str, Any]:
        """Put everything back, then prepare a scene. Returns what fills the addresses of its pages."""
        self.close()
        self.database.restore(CONTENT)
        self.session = self._new_session()
        names = prepare(self) if prepare else {}
        self.session.commit()
        return names

    def deliver(self) -> None:
        """Send the messages that are due."""
        self.session.commit()
        deliver_due(self.work)
        self.session.commit()

    def close(self) -> None:
        """Let go of the database."""
        self.session.close()
        self.engine.dispose()

    def _new_session(self) -> Session:
        session = Session(self.engine, expire_on_commit=False)
        session.info["settings"] = self.house.settings
        return session

    def _build(self) -> _Held:
        self.close()
        demonstrated(self.work, self.database)
        with writing(self.session):
            world = assemble(self.work)
            tokens = {name: self._sign_in(who) for name, who in world.people.items()}
        self.session.expunge_all()
        self.database.save(CONTENT)
        folder = self.house.settings.files_dir
        files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.glob("??/*")}
        return _Held(world, tokens, files)

    def _lay_files(self) -> None:
        """The instance folder is another one for each test; the rows of the files come back with the database."""
        for name, content in _held[self.database].files.items():
            path = self.house.settings.files_dir / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def _sign_in(self, who: Account) -> str:
        return open_session(self.work, who, second_factor=False, device="这台电脑上的浏览器")


class _Silent(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: the application logs its own requests."""


@contextmanager
def serving(app: Flask, port: int = 0) -> Iterator[str]:
    """Serve ``app`` from this process, on a free port unless one is named; gives the address."""
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Silent)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
