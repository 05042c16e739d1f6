"""``flask worker``."""

import os
import signal

import click
from flask.cli import with_appcontext

from app.commands.unit import opener
from app.kernel.jobs.worker import Worker
from app.parts import know_all


@click.command()
@with_appcontext
def worker() -> None:
    """Deliver messages, do jobs and keep the periodic tasks, until SIGTERM or Ctrl-C."""
    know_all()
    here = Worker(opener("worker"))
    told, tell = os.pipe()
    for number in (signal.SIGTERM, signal.SIGINT):
        # A handler may interrupt itself: it takes no lock, it only writes a byte.
        signal.signal(number, lambda *_: os.write(tell, b"."))
    click.echo(f"后台进程已启动（{os.getpid()}）。")
    here.run(lambda: os.read(told, 1))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)  # told again on the way out
    click.echo("后台进程已结束。")
