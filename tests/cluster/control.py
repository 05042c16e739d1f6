"""Starts, breaks, mends and stops the processes of a plan. What is running stands in one file of the folder."""

import json
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import psycopg

from tests.cluster.plan import COORDINATORS, PACKAGES, ROOT, SERVERS, Plan

OWNED_BY_POSTGRES = ("etcd-", "patroni-", "pgbouncer", "haproxy")
STOPPED_WITHIN = 15.0
_asking = build_opener(ProxyHandler({}))


class Trouble(RuntimeError):
    """The cluster does not do what it should; the sentence says what."""


class Cluster:
    """The processes of ``plan``."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._book = plan.folder / "processes.json"

    @classmethod
    def in_folder(cls, folder: Path, base: int) -> "Cluster":
        """The cluster that lives in ``folder``, or a new one."""
        kept = folder / "password"
        programs = max(Path("/usr/lib/postgresql").glob("*/bin"), default=Path("/usr/lib/postgresql/15/bin"))
        if kept.exists():
            return cls(Plan(folder, base, programs, kept.read_text(encoding="ascii")))
        return cls(Plan(folder, base, programs, secrets.token_hex(16)))

    def start(self) -> None:
        """Start everything that is not running, the data in it when there is none. Raises Trouble."""
        missing = [name for program, name in PACKAGES.items() if shutil.which(program, path=_PATH) is None]
        if missing or not self.plan.programs.exists():
            raise Trouble(f"apt-get install {' '.join(['postgresql', *missing])}")
        self._write_files()
        for name in self.plan.commands():
            if name.startswith(("application-", "worker", "nginx")):
                break
            self.launch(name)
        self.wait_for_primary(90)
        self._make_database()
        self.flask("demo")
        for name in self.plan.commands():
            self.launch(name)
        self.wait("the door", lambda: self.page("/") == 200, 60)
        self.wait("the standby", lambda: self.standby() is not None, 90)

    def stop(self) -> None:
        """Stop everything, the last started first, and forget all data and logs."""
        for name in reversed(list(self.plan.commands())):
            self.end(name, signal.SIGTERM)
        shutil.rmtree(self.plan.folder, ignore_errors=True)

    def launch(self, name: str) -> None:
        """Start one process, unless it runs."""
        if self.pid(name):
            return
        environment = {**os.environ, "PATH": _PATH, "LC_ALL": "C.UTF-8"}
        if name.startswith(("application-", "worker")):
            environment |= self.plan.settings(name)
        user = "postgres" if os.geteuid() == 0 and name.startswith(OWNED_BY_POSTGRES) else None
        with (self.plan.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                self.plan.commands()[name], cwd=ROOT if user is None else self.plan.folder, env=environment, user=user,
                group=pwd.getpwnam(user).pw_gid if user else None, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        self._note(name, process.pid)

    def end(self, name: str, number: signal.Signals) -> None:
        """End one process with everything it started; SIGKILL after a while if it does not go by itself."""
        pid = self.pid(name)
        if not pid:
            return
        with suppress(ProcessLookupError):
            if number == signal.SIGKILL:
                for child in _family(pid) + self._postmaster(name):
                    with suppress(ProcessLookupError):
                        os.kill(child, number)
            else:
                os.kill(pid, number)
        deadline = time.monotonic() + STOPPED_WITHIN
        while self.pid(name):
            if time.monotonic() > deadline:
                self.end(name, signal.SIGKILL)
                return
            time.sleep(0.05)

    def _postmaster(self, name: str) -> list[int]:
        """The PostgreSQL that a Patroni started, and its processes: it stands on feet of its own."""
        noted = self.plan.folder / name.replace("patroni", "postgres") / "postmaster.pid"
        if not name.startswith("patroni-") or not noted.exists():
            return []
        return _family(int(noted.read_text(encoding="ascii").split()[0]))

    def pid(self, name: str) -> int | None:
        """The process's id while it runs; never that of a stranger who got the number since."""
        pid, began = self._noted().get(name, (0, 0))
        if not pid:
            return None
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)  # a child of this very process must not stay behind as a zombie
        return pid if _began(pid) == began else None

    def members(self) -> list[dict[str, Any]]:
        """The PostgreSQL servers as Patroni sees them: name, role, state, lag."""
        for number in SERVERS:
            with suppress(OSError):
                address = f"http://127.0.0.1:{self.plan.ports[f'rest_{number}']}/cluster"
                with _asking.open(address, timeout=2) as answer:
                    members: list[dict[str, Any]] = json.load(answer)["members"]
                    return members
        return []

    def primary(self) -> str | None:
        """The name of the primary, when it says so itself."""
        return next((f"postgres-{n}" for n in SERVERS if self._says(n, "primary")), None)

    def standby(self) -> str | None:
        """The name of the standby that follows synchronously."""
        return next((f"postgres-{n}" for n in SERVERS if self._says(n, "sync")), None)

    def page(self, path: str) -> int:
        """The status of a page, asked at the door; 0 when there is no answer."""
        try:
            with _asking.open(self.plan.url + path, timeout=10) as answer:
                return int(answer.status)
        except HTTPError as error:
            return error.code
        except OSError:
            return 0

    def flask(self, *arguments: str) -> str:
        """Run a flask command over the cluster. Raises Trouble with what it printed."""
        environment = {**os.environ, **self.plan.settings()}
        command = [*self.plan.commands()["worker"][:-1], *arguments]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Trouble(f"flask {' '.join(arguments)}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.stdout

    def wait_for_primary(self, seconds: float) -> None:
        """Wait until a primary takes connections. Raises Trouble."""
        self.wait("a primary", lambda: self.primary() is not None and self._administer("SELECT 1"), seconds)

    def wait(self, what: str, there: Any, seconds: float) -> None:
        """Wait until ``there`` is true. Raises Trouble naming ``what``."""
        deadline = time.monotonic() + seconds
        while not there():
            if time.monotonic() > deadline:
                raise Trouble(f"no sign of {what} after {seconds:.0f} s; see the logs in {self.plan.folder}")
            time.sleep(0.1)

    def _says(self, number: int, role: str) -> bool:
        address = f"http://127.0.0.1:{self.plan.ports[f'rest_{number}']}/{role}"
        try:
            with _asking.open(Request(address, method="OPTIONS"), timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def _administer(self, statement: str) -> bool:
        address = self.plan.database("postgres", "primary", "postgres").replace("+psycopg", "")
        try:
            with psycopg.connect(address, autocommit=True, connect_timeout=2) as connection:
                connection.execute(statement)
        except (psycopg.errors.DuplicateObject, psycopg.errors.DuplicateDatabase):
            return True
        except psycopg.OperationalError:
            return False
        return True

    def _make_database(self) -> None:
        self._administer(f"CREATE ROLE tuanwutong LOGIN PASSWORD '{self.plan.password}'")
        self._administer("CREATE DATABASE tuanwutong OWNER tuanwutong")

    def _write_files(self) -> None:
        folder = self.plan.folder
        folder.mkdir(mode=0o711, exist_ok=True, parents=True)
        if folder.stat().st_uid != os.geteuid():
            raise Trouble(f"{folder} belongs to somebody else")
        (folder / "nginx").mkdir(exist_ok=True)
        (folder / "instance").mkdir(mode=0o700, exist_ok=True)
        _write(folder / "password", self.plan.password, None)
        owner = "postgres" if os.geteuid() == 0 else None
        for name, text in self.plan.files().items():
            _write(folder / name, text, None if name == "nginx.conf" else owner)
        for name in ["passes", *(f"etcd-{n}" for n in COORDINATORS), *(f"postgres-{n}" for n in SERVERS)]:
            (folder / name).mkdir(mode=0o700, exist_ok=True)
            if owner:
                shutil.chown(folder / name, owner)

    def _noted(self) -> dict[str, list[int]]:
        return dict(json.loads(self._book.read_text(encoding="utf-8"))) if self._book.exists() else {}

    def _note(self, name: str, pid: int) -> None:
        self._book.write_text(json.dumps({**self._noted(), name: [pid, _began(pid)]}), encoding="utf-8")


_PATH = os.environ.get("PATH", "") + ":/usr/sbin:/usr/bin:/sbin:/bin"


def _write(path: Path, text: str, owner: str | None) -> None:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
    if owner:
        shutil.chown(path, owner)


def _began(pid: int) -> int:
    """When the process began, in ticks since the machine did; 0 when there is none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0
    return 0 if fields[0] == "Z" else int(fields[19])


def _family(pid: int) -> list[int]:
    """The process and everything it started, itself first, so that it starts nothing new."""
    found = [pid]
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text(encoding="ascii").split():
                found += _family(int(child))
    return found
