"""How gunicorn serves 团务通: `python -m gunicorn -c scripts/gunicorn.conf.py wsgi:app`.

Under systemd's socket (scripts/service/) HOST and PORT are not asked: the socket is there before the server, and stays
while it is restarted.

Environment: HOST (default 127.0.0.1), PORT (8000), WEB_WORKERS (2), WEB_THREADS (4).
"""

import gc
import os
import resource
import shutil
import tempfile
from pathlib import Path

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
worker_class = "app.surfaces.web.server.Worker"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
# Loaded once, before the workers: start-up that is refused ends the server with its sentence, instead of a worker
# that is started again and again. No connection is opened at loading, so there is none to share by mistake.
preload_app = True
# A connection kept open costs no thread here, and saves a phone on a slow network the next handshake.
keepalive = 15
timeout = 30
# Requests at hand are finished before a worker ends, at a reload as at a restart.
graceful_timeout = 30
# A thousand who only hold a connection cost a descriptor each, and keep nobody out: beyond this number who has been
# silent longest is hung up on.
worker_connections = 2000
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (most if most < 8192 and most != resource.RLIM_INFINITY else 8192, most))
loglevel = "warning"
logger_class = "app.surfaces.web.server_log.ServerLog"
control_socket_disable = True

# The processes add up what they count (/metrics) in files of this folder. A reload reads this again and keeps it; what
# a server that was killed left behind goes when the next one starts.
if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    for left in Path(tempfile.gettempdir()).glob("tuanwutong-counts-*"):
        if not Path("/proc", left.name.split("-")[2]).exists():
            shutil.rmtree(left, ignore_errors=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix=f"tuanwutong-counts-{os.getpid()}-")


def pre_fork(server, worker):
    """What was loaded before the workers is theirs for good: no collection looks through it again, or copies its pages."""
    gc.freeze()


def on_exit(server):
    """Leave nothing behind."""
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)


def child_exit(server, worker):
    """What a worker counted stays counted; what it was doing does not."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)
