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
    os.set_blocking(tell, False)
    # The interpreter itself writes the byte, whichever thread the signal finds: a handler would have to wait for this
    # thread, which waits for the byte.
    signal.set_wakeup_fd(tell)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    click.echo(f"后台进程已启动（{os.getpid()}）。")
    here.run(lambda: os.read(told, 1))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)  # told again on the way out
    click.echo("后台进程已结束。")
