"""What every test may ask for.

`app`       the real application over this process's database, emptied before the test
`make_app`  another application over an instance folder of the test's own, with other settings
`client`    a browser without cookies; before each request it commits what `session` has pending
`cli`       runs flask commands
`session`   a database session of the test's own
`work`      a unit of work on that session, acting as a command
`clock`     the application's time: stands still at `factories.NOW` until the test moves it
`vault`, `settings`
`bare_database`  a second database without a schema
`demonstration`  a unit of work on the demonstration province
`world`     the small league of tests/world.py, committed

TEST_DATABASE chooses the database: sqlite (default) or postgresql. TEST_DATABASE_URL names a PostgreSQL server
(a superuser's address); without it, a server is started for the run and removed after it.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from flask_migrate import upgrade
from sqlalchemy import Engine, make_url
from sqlalchemy.orm import Session

from app import create_app
from app.config import Settings
from app.extensions import db
from app.kernel.vault import Key, Vault
from app.kernel.waiting import Line
from app.kernel.work import Actor, Work
from app.surfaces.api.rates import Leases
from app.surfaces.web.fairness import Shares
from app.surfaces.web.page_cache import Pages
from tests import world as worlds
from tests.clock import StillClock
from tests.database import Database, PostgresDatabase, SqliteDatabase
from tests.demonstrated import demonstrated
from tests.loopback import guard_sockets
from tests.postgres import PostgresServer

DATABASE = os.environ.get("TEST_DATABASE", "sqlite")
POSTGRES_SERVER = pytest.StashKey[PostgresServer]()
# What runs once, on the embedded database: pages look the same on both, and `scripts/run` always makes its own.
ONCE = ("browser", "embedded")
# Room the databases of one run may need in memory before the disk is the better place.
ROOM_IN_MEMORY = 2 * 1024**3

hypothesis.settings.register_profile("suite", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("suite")
guard_sockets()


def pytest_configure(config: pytest.Config) -> None:
    """Start PostgreSQL once for the run, before the processes that share it."""
    if DATABASE not in ("sqlite", "postgresql"):
        raise pytest.UsageError("TEST_DATABASE is sqlite or postgresql")
    if DATABASE == "postgresql" and "TEST_DATABASE_URL" not in os.environ:
        config.stash[POSTGRES_SERVER] = PostgresServer().start()
        os.environ["TEST_DATABASE_URL"] = config.stash[POSTGRES_SERVER].url


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what was started."""
    if server := config.stash.get(POSTGRES_SERVER, None):
        server.stop()
        del os.environ["TEST_DATABASE_URL"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave to the embedded database what is the same on both, unless it is asked for (`-m embedded`); begin with what
    takes long, so that it ends beside the rest instead of after it.
    """
    browser = Path(__file__).parent / "browser"
    for item in items:
        if browser in item.path.parents:
            item.add_marker("browser")
    if DATABASE == "postgresql":
        once = [name for name in ONCE if name not in config.option.markexpr]
        out = [item for item in items if any(map(item.get_closest_marker, once))]
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if item not in set(out)]
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session")
def process_directory() -> Iterator[Path]:
    """A folder for this test process, in memory when there is room: a test's data need not survive a power cut."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > ROOM_IN_MEMORY
    directory = Path(tempfile.mkdtemp(prefix="tuanwutong-", dir=memory if roomy else None))
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


def make_database(directory: Path, name: str) -> Database:
    """Make a database without a schema, of the kind this run is about."""
    if DATABASE == "postgresql":
        return PostgresDatabase(make_url(os.environ["TEST_DATABASE_URL"]), f"tuanwutong_{name}_{os.getpid()}")
    return SqliteDatabase(directory)


@pytest.fixture(scope="session")
def database(process_directory: Path, worker_id: str) -> Iterator[Database]:
    """This process's database, still without a schema."""
    held = make_database(process_directory, worker_id)
    yield held
    held.drop()


@pytest.fixture
def bare_database(tmp_path: Path, worker_id: str) -> Iterator[Database]:
    """Another database, with nothing in it, not even a schema."""
    held = make_database(tmp_path, f"{worker_id}_bare")
    yield held
    held.drop()


@pytest.fixture(scope="session")
def settings(process_directory: Path, database: Database) -> Settings:
    """The application's settings: the defaults, with passwords that are cheap to hash."""
    return Settings(
        instance_dir=process_directory / "instance",
        database_url=database.url.render_as_string(hide_password=False),
        password_cost=64,
    )


@pytest.fixture(scope="session")
def vault() -> Vault:
    """Keys that are the same in every run."""
    return Vault([Key("k1", b"seal" * 8, b"find" * 8, b"sign" * 8)])


@pytest.fixture(scope="session")
def running_clock() -> StillClock:
    """The one clock of the process's application; tests ask for `clock`."""
    return StillClock()


@pytest.fixture(scope="session")
def process_app(settings: Settings, vault: Vault, running_clock: StillClock, database: Database) -> Iterator[Flask]:
    """The application, made once per process over a database that the real migrations have built."""
    app = create_app(settings, vault=vault, clock=running_clock)
    app.testing = True
    with app.app_context():
        upgrade()
        db.engine.dispose()
    database.save("empty")
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def clock(running_clock: StillClock) -> StillClock:
    """The application's time, set back to `factories.NOW`."""
    running_clock.reset()
    return running_clock


@pytest.fixture
def engine(process_app: Flask, database: Database, settings: Settings) -> Iterator[Engine]:
    """The application's engine, over a database with nothing in it but its schema."""
    shutil.rmtree(settings.instance_dir, ignore_errors=True)
    settings.instance_dir.mkdir()
    process_app.extensions |= {
        "pages": Pages(),
        "shares": Shares(),
        "leases": Leases(),
        "waiting_line": Line(settings.waiting_line),
    }
    with process_app.app_context():
        engine = db.engine
    database.restore("empty")
    yield engine
    if engine.dialect.name == "sqlite":  # its file is about to be replaced; a server's connections may stay
        engine.dispose()


@pytest.fixture
def app(process_app: Flask, engine: Engine, clock: StillClock) -> Flask:
    """The application."""
    return process_app


@pytest.fixture
def make_app(tmp_path: Path, vault: Vault, clock: StillClock) -> Iterator[Callable[..., Flask]]:
    """Return a maker of applications over a fresh instance folder: `make_app(production=True)`."""
    made: list[Flask] = []

    def make(**values: Any) -> Flask:
        values = {"instance_dir": tmp_path / "instance", "password_cost": 64, **values}
        made.append(create_app(Settings(**values), vault=vault, clock=clock))
        return made[-1]

    yield make
    for app in made:
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session of the test's own, with the application's habits."""
    with Session(engine, expire_on_commit=False) as session:
        yield session


@pytest.fixture
def work(session: Session, clock: StillClock, vault: Vault, settings: Settings) -> Work:
    """A unit of work on `session`, done by a command."""
    return Work(session, clock.now(), Actor("command"), vault, settings)


class Client(FlaskClient):
    """A browser that sees what the test has prepared, and lets the test see what it did."""

    prepared: Session

    def open(self, *arguments: Any, **values: Any) -> Any:
        """Commit the test's own session first: a request must not wait for it, nor it look at an old snapshot."""
        self.prepared.commit()
        self.prepared.expire_all()
        return super().open(*arguments, **values)


@pytest.fixture
def make_client(app: Flask, session: Session) -> Callable[[], Client]:
    """Return a maker of browsers, for tests with several people in them."""

    def make() -> Client:
        client = Client(app, app.response_class, use_cookies=True)
        client.prepared = session
        return client

    return make


@pytest.fixture
def client(make_client: Callable[[], Client]) -> Client:
    """A browser without cookies."""
    return make_client()


@pytest.fixture
def cli(app: Flask) -> FlaskCliRunner:
    """Runs flask commands: `cli.invoke(args=["figures", "--json"])`."""
    return app.test_cli_runner()


@pytest.fixture
def demonstration(engine: Engine, database: Database, work: Work) -> Work:
    """A unit of work on the demonstration province; each process builds it once."""
    demonstrated(work, database)
    return work


@pytest.fixture
def world(session: Session, vault: Vault) -> worlds.World:
    """The small league, committed."""
    built = worlds.build(session, vault)
    session.commit()
    return built
