"""`scripts/run`, as a newcomer meets it."""

import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

import pytest

from tests.faults.server import ROOT, free_port

RUN = ROOT / "scripts/run"
Started = subprocess.Popen[str]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., Started]]:
    """Return a starter of `scripts/run` over an instance folder with a space in its name, from some other folder."""
    started: list[Started] = []

    def start(**settings: str) -> Started:
        own = {"INSTANCE_DIR": "my instance", "DATABASE_URL": "", "PORT": str(free_port())}
        process = subprocess.Popen(
            [RUN],
            cwd=tmp_path,
            env={**os.environ, **own, **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def output_until(process: Started, words: str) -> str:
    """Read what is printed up to the line with these words; everything, when the process ends before."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if words in line:
            break
    return "".join(lines)


def answers(port: int) -> bool:
    try:
        with build_opener(ProxyHandler({})).open(f"http://127.0.0.1:{port}/", timeout=10) as answer:
            return bool(answer.status == 200)
    except (URLError, ConnectionError):
        return False


@pytest.mark.slow
@pytest.mark.embedded
def test_it_serves_the_demonstration_and_ctrl_c_stops_all_of_it(run: Callable[..., Started], tmp_path: Path) -> None:
    port = free_port()
    first = run(PORT=str(port), DEMO_PASSWORD="three-plain-words")
    printed = output_until(first, "Ctrl-C")
    assert f"http://127.0.0.1:{port}/" in printed
    assert "three-plain-words" in printed
    assert "13900000009" in printed
    assert answers(port)
    assert (tmp_path / "my instance/keys.json").stat().st_mode & 0o077 == 0

    os.killpg(first.pid, signal.SIGINT)
    assert first.wait(20) == 130
    assert not answers(port)
    with pytest.raises(ProcessLookupError):
        os.killpg(first.pid, 0)

    second = run(PORT=str(port))
    printed = output_until(second, "Ctrl-C")
    assert f"http://127.0.0.1:{port}/" in printed
    assert "没有改动" in printed, "the second start does the first one's work again"
    second.terminate()
    assert second.wait(20) == 143


def test_it_names_the_port_that_is_taken(run: Callable[..., Started]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = run(PORT=str(port))
        problem, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"端口 {port} 已被占用" in problem


def test_it_is_not_for_production(run: Callable[..., Started], tmp_path: Path) -> None:
    process = run(PRODUCTION="1")
    problem, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "不能用于生产" in problem
    assert not (tmp_path / "my instance").exists()
