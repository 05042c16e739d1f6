"""The log: one line for each request, no word of anybody's, no control character."""

import json
import logging
import sys
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from app.surfaces.web import slow_queries
from app.surfaces.web.logs import JsonLines
from app.surfaces.web.server_log import ServerLines
from tests.conftest import Client
from tests.helpers import sign_in, with_token
from tests.world import World

# What the doors say is the same on both databases.
pytestmark = pytest.mark.embedded

MARKERS = ("欧阳标记甲", "149999200605170011", "13900019876", "标记密码-2026", "secretlink")


class Lines(logging.Handler):
    """What the log would hold."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonLines())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line."""
        self.lines.append(self.format(record))


@pytest.fixture
def lines(app, settings) -> Iterator[list[str]]:
    """The log of this test, at the level of its application: a process has one log, whose level the newest sets."""
    kept, log = Lines(), logging.getLogger("app")
    before = log.level
    log.setLevel(settings.log_level)
    log.addHandler(kept)
    yield kept.lines
    log.removeHandler(kept)
    log.setLevel(before)


def test_no_word_of_anybody_reaches_the_log(client: Client, world: World, lines: list[str]) -> None:
    name, number, phone, password, link = MARKERS
    client.get(f"/search?q={name}&phone={phone}")
    client.get(f"/{name}/{number}")
    client.get(f"/guardian/{link}")
    client.post("/login", data=with_token(client, "/login", phone=phone, password=password))
    client.post("/login", data={"phone": phone, "password": password, "name": name})
    client.post("/guardian/x?name=" + name, data={"id_number": number})
    sign_in(client, world.people["school_s"])
    client.post("/twt/people", data=with_token(client, "/twt/people", name=name, number=number, phone=phone))
    client.get(f"/twt/queue?q={name}", headers={"Referer": f"http://localhost/?{phone}", "User-Agent": name})
    told = "\n".join(lines)
    assert len(lines) >= 9
    assert [marker for marker in MARKERS if marker in told or json.dumps(marker)[1:-1] in told] == []
    assert "?" not in told


def test_each_request_is_one_line_without_control_characters(client: Client, lines: list[str]) -> None:
    for path in ("/%0d%0aFORGED", "/%1b[31mred", "/a%00b", "/%E2%80%AE", "/help%0A%7B%22level%22%3A%22ERROR%22%7D"):
        before = len(lines)
        client.get(path, headers={"User-Agent": "\x1b[2J"})
        assert len(lines) == before + 1
        assert lines[-1].isprintable()
        assert lines[-1].isascii()
        assert json.loads(lines[-1])["status"] in (400, 404)


def test_static_files_are_not_logged_and_every_answer_names_its_line(client: Client, lines: list[str]) -> None:
    client.get("/static/app.css").close()
    assert lines == []
    answer = client.get("/help")
    assert json.loads(lines[-1])["request"] == answer.headers["X-Request-Id"]


def test_of_an_exception_the_log_tells_the_place_and_not_the_words() -> None:
    name, number = MARKERS[:2]
    try:
        try:
            int(name)
        except ValueError as error:
            raise RuntimeError(number) from error
    except RuntimeError:
        record = logging.LogRecord("app", logging.ERROR, __file__, 1, "unexpected", None, sys.exc_info())
    line = JsonLines().format(record)
    assert "149999" not in line
    assert "\\u6b27" not in line
    assert "RuntimeError" in line
    assert "ValueError" in line
    assert "test_of_an_exception" in line


def test_a_slow_statement_is_told_without_its_values(client: Client, world: World, lines: list[str], engine) -> None:
    tell = slow_queries.watch(engine, 0)
    try:
        name, number, phone, password, _link = MARKERS
        client.post("/login", data=with_token(client, "/login", phone=phone, password=password))
        sign_in(client, world.people["school_s"])
        client.get(f"/twt/people?q={name}&number={number}")
        answer = client.get(f"/twt/queue?q={name}")
    finally:
        tell()
    told = [line for line in map(json.loads, lines) if line["logger"] == "app.slow_query"]
    mine = [line for line in told if line.get("request") == answer.headers["X-Request-Id"]]
    assert [
        marker for marker in MARKERS if marker in "".join(lines) or json.dumps(marker)[1:-1] in "".join(lines)
    ] == []
    assert mine
    assert all(line["rule"] == "/twt/queue" and line["ms"] >= 0 for line in mine)
    assert any(line["statement"].startswith("SELECT") for line in mine)
    client.get("/help")
    assert json.loads(lines[-1])["logger"] == "app.access"


def test_a_quick_statement_is_not_told(engine, lines: list[str]) -> None:
    stop = slow_queries.watch(engine, 60_000)
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    stop()
    assert lines == []


def test_commands_have_more_patience_than_pages(engine, lines: list[str], monkeypatch) -> None:
    instants = iter([0.0, 1.9, 2.0, 4.1])  # the application watches its engine, with the default of 200 ms
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
        monkeypatch.setattr(slow_queries, "time", SimpleNamespace(perf_counter=lambda: next(instants)))
        connection.exec_driver_sql("SELECT 1 AS quick")
        connection.exec_driver_sql("SELECT 1 AS slow")
    assert [(line["statement"], line["ms"]) for line in map(json.loads, lines)] == [("SELECT 1 AS slow", 2100.0)]


def test_the_servers_own_lines_quote_nobody() -> None:
    name, number = MARKERS[:2]
    try:
        int(name)
    except ValueError:
        told = logging.LogRecord(
            "gunicorn.error", 40, __file__, 1, "Error handling request %s", (number,), sys.exc_info()
        )
    line = json.loads(ServerLines().format(told))
    assert line["message"] == "Error handling request %s"
    assert "ValueError" in line["error"]
    assert number not in str(line)
    assert name not in str(line)
    timeout = logging.LogRecord("gunicorn.error", 50, __file__, 1, "WORKER TIMEOUT (pid:%s)", (4711,), None)
    assert json.loads(ServerLines().format(timeout))["message"] == "WORKER TIMEOUT (pid:4711)"
