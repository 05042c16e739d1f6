"""The line of writers: in the order of coming, one at a time, and never held up by the dead."""

import subprocess
import sys
import threading
import time

import pytest

from app.kernel.db.line import WriterLine
from tests.faults.server import ROOT

pytestmark = pytest.mark.embedded
STAND = """
import sys, time
from pathlib import Path
from app.kernel.db.line import WriterLine
print("here", flush=True)
with WriterLine(Path(sys.argv[1])).turn():
    print("writing", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def line(tmp_path):
    return WriterLine(tmp_path / "line")


@pytest.fixture
def stand_in_line(tmp_path):
    """Another process that takes its place and keeps its turn until it is killed."""
    started = []

    def stand() -> subprocess.Popen:
        command = [sys.executable, "-c", STAND, str(tmp_path / "line")]
        started.append(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True))
        assert started[-1].stdout.readline() == "here\n"
        return started[-1]

    yield stand
    for process in started:
        process.kill()
        process.communicate()


def drawn(tmp_path) -> int:
    return int.from_bytes((tmp_path / "line").read_bytes(), "little")


def wait_until_drawn(tmp_path, number: int) -> None:
    deadline = time.monotonic() + 20
    while not (tmp_path / "line").exists() or drawn(tmp_path) < number:
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_writers_go_in_the_order_in_which_they_came(line, tmp_path):
    went, threads = [], []

    def go(number: int) -> None:
        with line.turn():
            went.append(number)

    with line.turn():
        for number in range(2, 12):
            threads.append(threading.Thread(target=go, args=(number,)))
            threads[-1].start()
            wait_until_drawn(tmp_path, number)
        assert went == []
    for thread in threads:
        thread.join(10)
    assert went == list(range(2, 12))


def test_who_dies_while_writing_or_waiting_holds_nobody_up(line, stand_in_line, tmp_path):
    writer = stand_in_line()
    assert writer.stdout.readline() == "writing\n"
    waiter = stand_in_line()
    wait_until_drawn(tmp_path, 2)
    done = threading.Event()

    def write() -> None:
        with line.turn():
            done.set()

    third = threading.Thread(target=write)
    third.start()
    wait_until_drawn(tmp_path, 3)
    waiter.kill()
    waiter.wait()
    assert not done.wait(0.2), "one is still writing"
    writer.kill()
    assert done.wait(10)
    third.join()
