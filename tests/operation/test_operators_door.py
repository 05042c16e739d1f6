"""The operator's door: what it says is true, counts without naming anybody, and opens to the operator alone."""

import json
import re
import threading
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.extensions import db
from app.kernel import readiness
from app.kernel.db.engine import writer_line
from app.kernel.db.unit import writing
from app.kernel.jobs.models import PeriodicRun
from app.kernel.outbox.operations import put
from tests.helpers import sign_in, with_token

NAME, PHONE = "欧阳标记甲", "13900019876"


@pytest.fixture(autouse=True)
def asked_anew(monkeypatch):
    """No answer of the test before is believed."""
    monkeypatch.setattr("app.surfaces.web.operating.FRESH", -1)


def ready(client) -> tuple[int, dict[str, str]]:
    answer = client.get("/readyz")
    return answer.status_code, json.loads(answer.data)["checks"]


def test_a_machine_in_order_is_ready(client):
    assert ready(client) == (200, dict.fromkeys(("database", "migrations", "writer", "disk"), "ok"))


def test_a_database_of_another_version_is_not_ready(client, session):
    revision = session.scalar(text("SELECT version_num FROM alembic_version"))
    with writing(session):
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    try:
        status, checks = ready(client)
    finally:
        with writing(session):
            session.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": revision})
    assert (status, checks["migrations"]) == (503, f"revision 0001, code wants {revision}")


def test_a_disk_without_room_is_not_ready(client, app, monkeypatch):
    monkeypatch.setattr("app.kernel.readiness.shutil.disk_usage", lambda _path: type("Usage", (), {"free": 1}))
    assert ready(client) == (503, dict.fromkeys(("database", "migrations", "writer"), "ok") | {"disk": "0 MB free"})


@pytest.mark.embedded
def test_a_line_that_does_not_move_is_not_ready_and_then_is_again(client, app, monkeypatch):
    monkeypatch.setattr(readiness, "PATIENCE", 0.05)
    with app.app_context(), writer_line(db.engine):
        assert ready(client)[1]["writer"] == "no turn to write"
        assert ready(client)[0] == 503
    for thread in threading.enumerate():
        if thread.name == "readiness":
            thread.join()
    assert ready(client)[0] == 200


@pytest.mark.embedded
def test_a_database_that_is_away_is_said_and_the_process_still_lives(make_app, tmp_path):
    lost = make_app(database_url=f"sqlite:///{tmp_path}/nowhere/x.sqlite3")
    (tmp_path / "instance").mkdir()
    client = lost.test_client()
    assert ready(client) == (503, {"database": "OperationalError", "disk": "ok"})
    assert client.get("/healthz").status_code == 200
    assert client.get("/metrics").status_code == 503


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_who_comes_from_elsewhere_or_through_a_proxy_finds_nothing(make_app, client, path):
    assert client.get(path, headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404
    assert client.get(path, environ_base={"REMOTE_ADDR": "203.0.113.7"}).status_code == 404
    assert client.get(path, headers={"X-Forwarded-For": "1.2.3.4", "Authorization": "Bearer "}).status_code == 404


def test_a_token_opens_from_elsewhere_under_any_host_name(make_app):
    far = {"REMOTE_ADDR": "203.0.113.7"}
    client = make_app(metrics_token="long-enough", trusted_hosts="tuan.example.cn").test_client()
    brought = {"Authorization": "Bearer long-enough", "Host": "10.0.0.5"}
    assert client.get("/healthz", headers=brought, environ_base=far).status_code == 200
    brought["Authorization"] = "Bearer wrong"
    assert client.get("/healthz", headers=brought, environ_base=far).status_code == 400


def sample(exposed: str, name: str, labels: str = "") -> float:
    found = re.search(rf"^{re.escape(name + labels)} (\S+)$", exposed, re.MULTILINE)
    assert found, name
    return float(found[1])


def test_numbers_tell_what_happened_and_what_waits(client, session, work, clock):
    help_page = '{method="GET",rule="/help",status="200"}'
    client.get("/help")
    before = sample(client.get("/metrics").text, "tuanwutong_requests_total", help_page)
    client.get("/help")
    with writing(session):
        put(work, "message", "k", {})
        session.add(PeriodicRun(name="backup", last_run_at=clock.now() - timedelta(hours=3)))
    exposed = client.get("/metrics").text
    assert sample(exposed, "tuanwutong_requests_total", help_page) == before + 1
    assert sample(exposed, "tuanwutong_request_seconds_count", '{method="GET",rule="/help"}') >= before + 1
    assert sample(exposed, "tuanwutong_outbox_waiting") == 1
    assert sample(exposed, "tuanwutong_backup_age_seconds") == 3 * 3600
    assert sample(exposed, "tuanwutong_applications_pending") == 0
    assert sample(exposed, "tuanwutong_jobs", '{state="failed"}') == 0
    assert sample(exposed, "tuanwutong_write_wait_seconds_count") > 0
    assert "tuanwutong_worker_age_seconds" not in exposed


def test_no_label_names_anybody(client, world):
    client.get(f"/search?q={NAME}")
    client.get(f"/{NAME}/{PHONE}")
    client.open(f"/{NAME}", method="MARKER")
    client.post("/login", data=with_token(client, "/login", phone=PHONE, password=NAME))
    sign_in(client, world.people["school_s"])
    client.get("/twt/queue", query_string={"q": NAME})
    exposed = client.get("/metrics").text
    assert [word for word in (NAME, PHONE, "MARKER", "school") if word in exposed] == []
    assert 'method="other",rule="none"' in exposed
    assert set(re.findall(r'[{,](\w+)="', exposed)) <= {
        "method", "rule", "status", "state", "le", "generation", "implementation", "major", "minor", "patchlevel", "version",
    }  # fmt: skip
