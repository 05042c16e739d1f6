"""``scripts/cluster``: start, stop, status, break NAME, mend, fire."""

import argparse
import os
import signal
import sys
import tempfile
from pathlib import Path

from tests.cluster.control import Cluster, Trouble

BREAKABLE = {"primary", "standby"}


def show(cluster: Cluster) -> None:
    """Print what runs."""
    for name in cluster.plan.commands():
        print(f"{name:16} {cluster.pid(name) or '-'}")
    for member in cluster.members():
        print(f"{member['name']:16} {member['role']}, {member['state']}, behind by {member.get('lag', 0)} bytes")
    print(f"{cluster.plan.url}/ answers {cluster.page('/') or 'nothing'}")


def crash(cluster: Cluster, what: str) -> None:
    """End a process with SIGKILL, as when its machine dies: by its name, or whoever is primary or standby."""
    server = {"primary": cluster.primary, "standby": cluster.standby}.get(what, lambda: what)()
    name = str(server).replace("postgres-", "patroni-")
    if name not in cluster.plan.commands() or not cluster.pid(name):
        raise Trouble(f"{what} does not run")
    cluster.end(name, signal.SIGKILL)
    print(f"{name} is dead")


def mend(cluster: Cluster) -> None:
    """Start again what does not run."""
    for name in cluster.plan.commands():
        cluster.launch(name)


def main() -> None:
    """Do what the arguments say."""
    parser = argparse.ArgumentParser(prog="scripts/cluster", description="The whole on this machine's loopback.")
    parser.add_argument("action", choices=["start", "up", "stop", "down", "status", "break", "mend", "fire"])
    parser.add_argument("what", nargs="?", default="primary", help="of break: primary, standby, or a name of status")
    parser.add_argument("--kills", type=int, default=5, help="of fire: how often the primary dies")
    chosen = parser.parse_args()
    usual = Path(tempfile.gettempdir()) / f"tuanwutong-cluster-{os.getuid()}"
    folder = Path(os.environ.get("CLUSTER_DIR", usual)).resolve()
    cluster = Cluster.in_folder(folder, int(os.environ.get("CLUSTER_PORT", "18000")))
    try:
        if chosen.action in ("start", "up"):
            cluster.start()
            show(cluster)
        elif chosen.action in ("stop", "down"):
            cluster.stop()
        elif chosen.action == "break":
            crash(cluster, chosen.what)
        elif chosen.action == "mend":
            mend(cluster)
        elif chosen.action == "fire":
            from tests.cluster.fire import fire

            sys.exit(fire(cluster, chosen.kills))
        else:
            show(cluster)
    except Trouble as trouble:
        sys.exit(str(trouble))


if __name__ == "__main__":
    main()
