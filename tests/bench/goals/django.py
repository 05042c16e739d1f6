"""P1, P2, P4, P6 against a tuned Django admin over the same file, with `--with-django`."""

import os
import subprocess
import venv
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

from tests.bench.goals.pages import DEEP, readings
from tests.bench.results import Row, measured
from tests.bench.served import Served
from tests.bench.stage import PROVINCE, Floor, Stage
from tests.bench.wire import Asker, Line, again

PACKAGES = ("django==5.2.19", "gunicorn==27.0.1")
SITE = Path(__file__).resolve().parents[1] / "peers"
PAGE_TARGET, DEEP_TARGET, SEARCH_TARGET, FILE_TARGET = 1 / 22, 1 / 60, 1 / 75, 1 / 18


@measured("P1", "P2", "P4", "P6")
def beside_django(stage: Stage) -> Iterator[Row]:
    """The same page of both, in turn; nothing where it was not asked for, or on another database."""
    if not stage.with_django or stage.database != "sqlite":
        return
    python = _environment(stage.store.folder / "django")
    environment = {"BENCH_DATABASE": stage.twin.database.removeprefix("sqlite:///"), "PYTHONPATH": str(SITE)}
    told = subprocess.run(
        [python, SITE / "django_site.py", "prepare"],
        env={**os.environ, **environment}, check=True, capture_output=True, text=True,
    )  # fmt: skip
    signed_in = Asker({"sessionid": told.stdout.split()[-1]})
    log = stage.settings.instance_dir / "django.log"
    with Served("django_site:application", environment, log, "/admin/login/", python=str(python)) as server:
        line = Line(server.port)
        yield from _rows(stage, signed_in, line, server)
        line.close()


def _rows(stage: Stage, who: Asker, line: Line, server: Served) -> Iterator[Row]:
    deep = f"?p={int(stage.people * DEEP) // 50}"
    person = stage.sample[0]
    names = [one.name[-2:] for one in stage.sample]
    askers = stage.asking(f"{PROVINCE}-0")
    searches = cycle([next(askers).post("/twt/people/search", {"q": name}) for name in names])
    after = f"/twt/people?after={stage.person_at(DEEP)}"
    pairs = (
        ("P1", "list of files ÷ Django's admin", readings(stage, PROVINCE, "/twt/people"), "", PAGE_TARGET),
        ("P2", "list at 90 % ÷ Django's admin", readings(stage, PROVINCE, after), deep, DEEP_TARGET),
        ("P4", "search by name ÷ Django's admin (prefix)", searches, f"?q={names[0]}", SEARCH_TARGET),
        ("P6", "file ÷ Django's admin", readings(stage, PROVINCE, f"/twt/people/{person.public_id}"),
         f"{person.id}/change/", FILE_TARGET),
    )  # fmt: skip
    for goal, name, ours, place, target in pairs:
        floor = Floor(line, again(who.get(f"/admin/auth/person/{_quoted(place)}")), server)
        found = stage.in_turn(ours, floor)
        yield stage.row(goal, name, found.cpu, found.floor_cpu, target)


def _quoted(place: str) -> str:
    return "".join(
        letter if letter.isascii() else "".join(f"%{byte:02X}" for byte in letter.encode()) for letter in place
    )


def _environment(folder: Path) -> Path:
    """The Python of an environment of its own, made once."""
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
        (folder / "complete").touch()
    return python
