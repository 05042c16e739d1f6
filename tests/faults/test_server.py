"""The harness itself: what is started answers, what is killed is gone, and it comes back at the same address."""

from dataclasses import replace

import pytest

from tests.faults.server import Instance, Server, server


@pytest.mark.slow
def test_a_killed_server_is_gone_at_once_and_comes_back(instance: Instance) -> None:
    with server(instance) as running:
        assert running.visitor().get("/").status == 200
        running.kill()
        assert not running.running
        with pytest.raises(OSError, match=r"refused|reset"):
            running.visitor().get("/")
        running.start()
        assert running.running
        assert running.visitor().get("/").status == 200


@pytest.mark.embedded
def test_a_visitor_reads_refusals_and_keeps_cookies_and_token(instance: Instance) -> None:
    with server(instance) as running:
        visitor = running.visitor()
        assert visitor.get("/no-such-page").status == 404
        assert visitor.post("/", {}).status in (400, 405)


@pytest.mark.embedded
def test_a_server_that_cannot_start_says_why(instance: Instance) -> None:
    unsafe = replace(instance, settings={"PRODUCTION": "1"})
    with pytest.raises(RuntimeError, match="TRUSTED_HOSTS"):
        Server(unsafe).start()
