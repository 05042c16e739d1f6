"""P18, P19, P20: memory of a worker, disk for each file, the time of a start."""

import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import cycle
from statistics import median

from tests.bench.goals.pages import HOMES, LISTS, readings
from tests.bench.results import Phase, Row, measured
from tests.bench.stage import Stage
from tests.bench.wire import crowd
from tests.faults.server import ROOT

WORKER, GROWTH, PER_FILE = 55, 5, 400
START_TARGET = 1.5
"""P20: 0.6 s where a sketch of the same libraries takes 0.4 s."""
FIRST_PAGE = 150
LIBRARIES = "import flask, flask_login, flask_migrate, flask_wtf, flask_compress, sqlalchemy.orm, cryptography, wtforms"
TIMED = "import time; t = time.perf_counter(); {}; print((time.perf_counter() - t) * 1000)"
FIRST = (
    "import time; from wsgi import app; t = time.perf_counter(); browser = app.test_client(); "
    "answer = browser.get('/'); assert answer.status_code == 200; print((time.perf_counter() - t) * 1000)"
)


@measured("P18", phase=Phase.END)
def memory(stage: Stage) -> Iterator[Row]:
    """The larger worker after all that was measured, and what some thousand more requests add."""
    before = stage.product.memory()
    pages = [readings(stage, who, template) for _, who, template in (*LISTS, *HOMES)]
    crowd(stage.product.port, (next(page) for page in cycle(pages)), 2 * stage.pace.crowd, 200)
    after = stage.product.memory()
    yield stage.row("P18", "memory of a worker", after, WORKER, 1, "MB")
    yield stage.row("P18", "memory of a worker, grown since", max(after - before, 0), GROWTH, 1, "MB")


@measured("P19", phase=Phase.CHANGES)
def disk(stage: Stage) -> Iterator[Row]:
    """Everything on disk for each file: its row, what it said before, applications, log, indexes, counters."""
    kept = stage.store.province(stage.people, stage.database)
    yield stage.row("P19", "disk for each file", stage.store.size(kept) / stage.people, PER_FILE, 1, "bytes")


@measured("P20", phase=Phase.CHANGES)
def start(stage: Stage) -> Iterator[Row]:
    """Importing the application against importing its libraries; then the first page."""
    ours, bare, first = [], [], []
    for _ in range(stage.pace.rounds):
        ours.append(_run(stage, TIMED.format("import wsgi")))
        bare.append(_run(stage, TIMED.format(LIBRARIES)))
        first.append(_run(stage, FIRST))
    yield stage.row("P20", "start of the application", median(ours), median(bare), START_TARGET)
    yield stage.row("P20", "first page of a fresh worker", median(first), FIRST_PAGE, 1)


def _run(stage: Stage, program: str) -> float:
    own = {"INSTANCE_DIR": str(stage.settings.instance_dir), "DATABASE_URL": stage.settings.database_url}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env={**os.environ, **own}, check=True, capture_output=True
    )
    return float(done.stdout.split()[-1])
