"""`scripts/bench-wechat`: the time to an answer of the callback, over a socket."""

import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import urllib3

from tests.wechat.standin import AES_KEY, APP_ID, SECRET, TEMPLATE, TOKEN, Standin

CALLS = int(os.environ.get("CALLS", "2000"))
CONNECTIONS = 8
LIMIT_MS = 1000
ROOT = Path(__file__).resolve().parents[2]
KINDS = (
    {"MsgType": "event", "Event": "CLICK", "EventKey": "MEMBER"},
    {"MsgType": "event", "Event": "CLICK", "EventKey": "PROGRESS"},
    {"MsgType": "event", "Event": "subscribe", "EventKey": ""},
    {"MsgType": "text", "Content": "491152"},
)


def main() -> int:
    """Serve, ask, print; 1 when it is too slow."""
    with tempfile.TemporaryDirectory() as instance:
        port = _free_port()
        environment = {
            **os.environ, "INSTANCE_DIR": instance, "LOG_LEVEL": "WARNING", "PUBLIC_ORIGIN": f"http://127.0.0.1:{port}",
            "WECHAT_APP_ID": APP_ID, "WECHAT_APP_SECRET": SECRET, "WECHAT_TOKEN": TOKEN, "WECHAT_AES_KEY": AES_KEY,
            "WECHAT_TEMPLATE": TEMPLATE,
        }  # fmt: skip
        subprocess.run([sys.executable, "-m", "flask", "--app", "wsgi", "init"], cwd=ROOT, env=environment, check=True)
        command = [sys.executable, "-m", "gunicorn", "-c", "scripts/gunicorn.conf.py", "-b", f"127.0.0.1:{port}"]
        server = subprocess.Popen([*command, "--no-control-socket", "wsgi:app"], cwd=ROOT, env=environment)
        try:
            return _measure(port)
        finally:
            server.terminate()
            server.wait(30)


def _measure(port: int) -> int:
    standin, dice = Standin(), random.Random(1)
    pool = urllib3.HTTPConnectionPool("127.0.0.1", port, maxsize=CONNECTIONS, retries=False, timeout=30)
    _until_ready(pool)
    now = int(time.time())
    messages = [
        standin.xml(f"o-{dice.randrange(500)}", now - dice.randrange(200), **dice.choice(KINDS))
        for _ in range(CALLS // 2)
    ]
    told = messages + dice.choices(messages, k=CALLS - len(messages))
    dice.shuffle(told)
    deliveries = [standin.delivery(xml, now) for xml in told]

    def call(delivery: tuple[dict[str, str], bytes]) -> tuple[float, int]:
        query, body = delivery
        begun = time.perf_counter()
        status = pool.request("POST", f"/wx/callback?{urlencode(query)}", body=body).status
        return (time.perf_counter() - begun) * 1000, status

    begun = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as hands:
        answers = list(hands.map(call, deliveries))
    taken = time.perf_counter() - begun
    standin.close()
    times, wrong = sorted(ms for ms, _ in answers), sum(status != 200 for _, status in answers)
    share: Any = {name: times[min(len(times) - 1, int(len(times) * part))] for name, part in _PARTS}
    sys.stdout.write(f"{CALLS} calls, {CALLS / taken:.0f} a second, {wrong} not answered\n")
    parts = "  ".join(f"{name} {ms:.1f} ms" for name, ms in share.items())
    sys.stdout.write(f"{parts}  longest {times[-1]:.1f} ms\n")
    return int(wrong > 0 or share["p99"] >= LIMIT_MS)


_PARTS = (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))


def _until_ready(pool: urllib3.HTTPConnectionPool) -> None:
    for _ in range(200):
        try:
            pool.request("GET", "/healthz")
        except urllib3.exceptions.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the server did not start")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
