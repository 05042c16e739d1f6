"""The cluster's files are made right; the cluster itself is too heavy for the suite and is started by scripts/cluster."""

import re
from pathlib import Path

import pytest

from tests.cluster.plan import PACKAGES, ROOT, Plan

pytestmark = pytest.mark.embedded


@pytest.fixture
def plan(tmp_path):
    return Plan(tmp_path, base=19000)


def test_every_port_is_another_one(plan):
    ports = list(plan.ports.values())
    assert len(set(ports)) == len(ports) == 16


def test_nothing_listens_but_on_loopback_and_nothing_is_left_unfilled(plan):
    for name, text in plan.files().items():
        assert not re.search(r"\$[a-z_{]", re.sub(r"\$(http_\w+|remote_addr|scheme|request_\w+)", "", text)), name
        for address in re.findall(r"(?:listen|bind|listen_addr =|connect_address:)\s+(\d\S+)", text):
            assert address.startswith("127.0.0.1"), f"{name}: {address}"
    for command in plan.commands().values():
        for part in command:
            assert all(host == "127.0.0.1" for host in re.findall(r"http://([^:]+)", part))


def test_a_write_waits_for_the_standby_and_the_pooler_lends_for_a_transaction(plan):
    files = plan.files()
    assert "synchronous_mode: true" in files["patroni-1.yml"]
    assert 'synchronous_commit: "on"' in files["patroni-2.yml"]
    assert "pool_mode = transaction" in files["pgbouncer.ini"]
    assert files["patroni-1.yml"] != files["patroni-2.yml"]
    assert all(str(plan.ports[f"etcd_{n}"]) in files["patroni-1.yml"] for n in (1, 2, 3))


def test_the_application_goes_through_the_pooler_and_knows_its_port(plan):
    settings = plan.settings("application-2")
    assert f":{plan.ports['pooler']}/tuanwutong" in settings["DATABASE_URL"]
    assert (settings["DATABASE_POOLED"], settings["PORT"]) == ("1", str(plan.ports["application_2"]))
    assert str(plan.ports["application_1"]) in plan.files()["nginx.conf"]


def test_without_the_application_nginx_has_a_page_of_its_own(plan):
    page = re.search(r"root (\S+);", plan.files()["nginx.conf"])
    assert "error_page 502 504 =503 /busy.html" in plan.files()["nginx.conf"]
    assert "请稍等" in (Path(page[1]) / "busy.html").read_text(encoding="utf-8")


def test_every_program_that_is_started_is_installed_by_the_script(plan):
    started = {command[0] for command in plan.commands().values() if "/" not in command[0]}
    assert started == set(PACKAGES)
    script = (ROOT / "scripts" / "cluster").read_text(encoding="utf-8")
    assert all(f"need {program} {packages}" in script for program, packages in PACKAGES.items())
