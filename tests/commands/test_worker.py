"""`flask worker` as a process: it works, and ends when told, even when told twice at once."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from app.kernel.db.unit import writing
from app.kernel.jobs.worker import HEARTBEAT
from app.kernel.outbox.operations import put
from tests.faults.server import ROOT


def until(condition, seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.slow
def test_the_worker_delivers_keeps_its_rhythm_and_ends_when_told_twice(world, session, work, vault, settings):
    vault.save(settings.key_file)
    with writing(session):
        account = world.people["youth"]
        put(work, "message", "hello", {"account_id": account.id, "title": "您好", "body": "", "link": ""})
    environment = {**os.environ, "INSTANCE_DIR": str(settings.instance_dir), "DATABASE_URL": settings.database_url}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]
    worker = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE)
    try:

        def seen() -> bool:
            session.rollback()
            delivered = session.scalar(text("SELECT count(*) FROM messages WHERE title = '您好'"))
            alive = session.scalar(text("SELECT count(*) FROM periodic_runs WHERE name = :n"), {"n": HEARTBEAT})
            sealed = session.scalar(text("SELECT count(*) FROM periodic_runs WHERE name = 'audit.seal'"))
            return (delivered, alive, sealed) == (1, 1, 1)

        assert until(seen)
        session.rollback()
        threads = {int(task.name) for task in Path(f"/proc/{worker.pid}/task").iterdir()} - {worker.pid}
        # The system may choose any thread to tell.
        assert ctypes.CDLL(None).tgkill(worker.pid, threads.pop(), signal.SIGTERM) == 0
        for _ in range(4):
            worker.send_signal(signal.SIGTERM)
        output, _ = worker.communicate(timeout=20)
        assert worker.returncode == 0
        assert output.decode().splitlines()[-1] == "后台进程已结束。"
    finally:
        worker.kill()
        worker.wait()
