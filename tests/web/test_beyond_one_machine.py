"""A database on other machines: a connection that breaks in mid-commit, a read asked again, figures from a standby."""

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import InternalError, OperationalError
from sqlalchemy.orm import Session

from app.extensions import db
from app.kernel.db.engine import options
from app.kernel.db.unit import is_busy, writing
from app.kernel.errors import Unavailable, Uncertain
from app.league.accounts import sessions
from app.surfaces.web.house import WROTE
from app.surfaces.web.replica import reading
from tests.helpers import sign_in, with_token

pytestmark = pytest.mark.embedded


def broken(statement: str | None = "SELECT 1") -> OperationalError:
    """What SQLAlchemy raises when the server's end of a connection is gone."""
    return OperationalError(
        statement, None, ConnectionError("server closed the connection"), connection_invalidated=True
    )


def test_a_commit_that_broke_is_not_called_a_failure(session, monkeypatch):
    def commit() -> None:
        raise broken(None)

    monkeypatch.setattr(session, "commit", commit)
    with pytest.raises(Uncertain), writing(session):
        pass


def test_what_broke_before_the_commit_is_simply_not_done(session):
    with pytest.raises(Unavailable), writing(session):
        raise broken()


@pytest.mark.parametrize("state", ["25006", "08P01", "57P01", "57P03", "53300"])
def test_a_server_that_changes_its_role_or_ends_is_a_database_that_cannot_do_it_now(state):
    error = RuntimeError()
    error.sqlstate = state
    assert is_busy(InternalError("INSERT", None, error))
    error.sqlstate = "42P01"
    assert not is_busy(InternalError("INSERT", None, error)), "a missing table is a mistake of ours"


def test_the_page_says_that_nobody_knows_and_sending_again_leads_to_the_outcome(client, world, session, monkeypatch):
    sign_in(client, world.people["city_a"])
    path = f"/twt/organisations/{world.school_s.public_id}/rename"
    form = with_token(client, path, name="新名字团委", version="1", once="the only one")
    commit = Session.commit

    def commit_and_break(self) -> None:
        commit(self)
        if self.info.get("writing"):
            raise broken(None)

    with monkeypatch.context() as patch:
        patch.setattr(Session, "commit", commit_and_break)
        answer = client.post(path, data=form)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "不能确定" in answer.text
    assert "不会办第二遍" in answer.text
    assert "没有生效" not in answer.text
    again = client.post(path, data=form)
    session.expire_all()
    assert again.status_code == 303
    assert world.school_s.version == 2


def test_a_read_is_asked_again_on_another_connection_and_by_the_same_gates(client, world, monkeypatch):
    sign_in(client, world.people["school_s"])
    found, asked = sessions.session_of, []

    def first_breaks(*arguments):
        asked.append(arguments)
        if len(asked) == 1:
            raise broken()
        return found(*arguments)

    monkeypatch.setattr(sessions, "session_of", first_breaks)
    assert client.get("/twt").status_code == 200
    asked.clear()
    assert client.get("/twt/machine").status_code == 404, "what is foreign stays foreign"
    asked.clear()
    monkeypatch.setattr(sessions, "session_of", lambda *_: (_ for _ in ()).throw(broken()))
    assert client.get("/twt").status_code == 503


def test_a_connection_that_breaks_after_the_last_read_spoils_no_page(client, engine, monkeypatch):
    def breaks(_connection) -> None:
        raise engine.dialect.loaded_dbapi.OperationalError("server closed the connection")

    with monkeypatch.context() as patch:
        patch.setattr(engine.dialect, "do_rollback", breaks)
        assert client.get("/").status_code == 200
    assert client.get("/").status_code == 200


def test_behind_a_pooler_nothing_hangs_on_a_connection():
    assert options("postgresql+psycopg://x/y", pooled=True)["connect_args"] == {"prepare_threshold": None}
    assert options("postgresql+psycopg://x/y") == {"pool_pre_ping": True}
    assert options("sqlite:///x") == {}


@pytest.fixture
def standby(tmp_path):
    """The address of a database that is not the application's own."""
    engine = create_engine(f"sqlite:///{tmp_path / 'standby.sqlite3'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE standby (x)"))
    engine.dispose()
    return str(engine.url)


def test_figures_come_from_the_standby_but_not_right_after_a_change_of_ones_own(make_app, tmp_path, standby, clock):
    (tmp_path / "instance").mkdir()
    app = make_app(replica_url=standby)
    with app.test_request_context() as context:
        here = reading()
        assert str(here.session.get_bind().engine.url) == standby
        assert reading().session is here.session
        context.session[WROTE] = int(clock.now().timestamp()) - 3
        assert reading().session is db.session()
        context.session[WROTE] -= 10
        assert reading().session is here.session


def test_without_its_standby_the_database_answers_for_itself(make_app, tmp_path):
    (tmp_path / "instance").mkdir()
    app = make_app(replica_url=f"sqlite:///{tmp_path / 'nowhere' / 'standby.sqlite3'}")
    with app.test_request_context():
        assert reading().session is db.session()


def test_a_change_is_noted_for_the_reads_that_follow(engine, make_app, standby, settings):
    app = make_app(replica_url=standby, database_url=settings.database_url)
    with app.test_client() as client:
        client.get("/jia/account")
        form = with_token(client, "/jia/account", phone="13900018888")
        assert client.post("/jia/account", data=form).status_code == 303
        with client.session_transaction() as visit:
            assert WROTE in visit
