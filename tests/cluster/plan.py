"""What the cluster is made of: ports, files, and the command of each process. Nothing here starts anything."""

import secrets
import sys
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "scripts" / "cluster-files"
COORDINATORS, SERVERS, APPLICATIONS = (1, 2, 3), (1, 2), (1, 2)
SHARED = ("haproxy.cfg", "pgbouncer.ini", "nginx.conf")
PACKAGES = {
    "etcd": "etcd-server", "patroni": "patroni python3-etcd python3-psycopg2", "haproxy": "haproxy",
    "pgbouncer": "pgbouncer", "nginx": "nginx-light",
}  # fmt: skip
"""The Debian packages of the programs; PostgreSQL's own is postgresql."""


@dataclass(frozen=True)
class Plan:
    """``folder``: where everything lives. ``base``: the door's port; the others follow it."""

    folder: Path
    base: int = 18000
    programs: Path = Path("/usr/lib/postgresql/15/bin")
    password: str = field(default_factory=lambda: secrets.token_hex(16))

    @property
    def ports(self) -> dict[str, int]:
        """Every port by its name."""
        ports = {"door": self.base, "pooler": self.base + 10, "primary": self.base + 13, "replica": self.base + 14}
        ports |= {f"application_{n}": self.base + n for n in APPLICATIONS}
        ports |= {f"postgres_{n}": self.base + 20 + n for n in SERVERS}
        ports |= {f"rest_{n}": self.base + 30 + n for n in SERVERS}
        ports |= {f"etcd_{n}": self.base + 40 + n for n in COORDINATORS}
        return ports | {f"peer_{n}": self.base + 50 + n for n in COORDINATORS}

    @property
    def url(self) -> str:
        """The address of the door."""
        return f"http://127.0.0.1:{self.base}"

    def database(self, name: str = "tuanwutong", port: str = "pooler", user: str = "tuanwutong") -> str:
        """SQLAlchemy's address of a database, through the pooler unless said."""
        return f"postgresql+psycopg://{user}:{quote(self.password)}@127.0.0.1:{self.ports[port]}/{name}"

    def files(self) -> dict[str, str]:
        """Every configuration file by its name, filled in."""
        coordinators = ",".join(f"127.0.0.1:{self.ports[f'etcd_{n}']}" for n in COORDINATORS)
        values = {
            **self.ports,
            "files": TEMPLATES,
            "folder": self.folder,
            "programs": self.programs,
            "password": self.password,
        }
        made = {name: _filled(name, values) for name in SHARED}
        made["pgbouncer.users"] = f'"tuanwutong" "{self.password}"\n'
        for number in SERVERS:
            own = {"name": f"postgres-{number}", "port": self.ports[f"postgres_{number}"]}
            own["rest"] = self.ports[f"rest_{number}"]
            filled = _filled("patroni.yml", {**values, **own, "coordinators": coordinators})
            made[f"patroni-{number}.yml"] = filled
        return made

    def commands(self) -> dict[str, list[str]]:
        """The command of each process, in the order of starting."""
        peers = ",".join(f"etcd-{n}=http://127.0.0.1:{self.ports[f'peer_{n}']}" for n in COORDINATORS)
        made = {f"etcd-{n}": self._etcd(n, peers) for n in COORDINATORS}
        made |= {f"patroni-{n}": ["patroni", str(self.folder / f"patroni-{n}.yml")] for n in SERVERS}
        made["haproxy"] = ["haproxy", "-db", "-f", str(self.folder / "haproxy.cfg")]
        made["pgbouncer"] = ["pgbouncer", str(self.folder / "pgbouncer.ini")]
        serve = [sys.executable, "-m", "gunicorn", "-c", "scripts/gunicorn.conf.py", "wsgi:app"]
        made |= {f"application-{n}": serve for n in APPLICATIONS}
        made["worker"] = [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]
        made["nginx"] = ["nginx", "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]
        return made

    def settings(self, name: str = "") -> dict[str, str]:
        """The environment of the application's processes."""
        made = {
            "INSTANCE_DIR": str(self.folder / "instance"),
            "DATABASE_URL": self.database(),
            "DATABASE_POOLED": "1",
            "REPLICA_URL": self.database("tuanwutong_replica"),
            "PUBLIC_ORIGIN": self.url,
            "TRUSTED_PROXIES": "1",
            "LOG_LEVEL": "WARNING",
            "SESSION_IDLE_MINUTES": "600",
        }
        if name.startswith("application-"):
            number = name.rpartition("-")[2]
            made |= {"HOST": "127.0.0.1", "PORT": str(self.ports[f"application_{number}"]), "WEB_WORKERS": "1"}
        return made

    def _etcd(self, number: int, peers: str) -> list[str]:
        client = f"http://127.0.0.1:{self.ports[f'etcd_{number}']}"
        peer = f"http://127.0.0.1:{self.ports[f'peer_{number}']}"
        options = {
            "name": f"etcd-{number}", "data-dir": str(self.folder / f"etcd-{number}"), "listen-client-urls": client,
            "advertise-client-urls": client, "listen-peer-urls": peer, "initial-advertise-peer-urls": peer,
            "initial-cluster": peers, "initial-cluster-state": "new", "heartbeat-interval": "200",
            "election-timeout": "2000", "log-level": "warn",
        }  # fmt: skip
        return ["etcd", *(f"--{option}={value}" for option, value in options.items())]


def _filled(name: str, values: dict[str, object]) -> str:
    return Template((TEMPLATES / name).read_text(encoding="utf-8")).substitute(values)
