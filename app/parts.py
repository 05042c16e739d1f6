"""Everything the League declares: message handlers, jobs, periodic tasks, audit sentences, invariants.

The kernel knows none of it by name; whoever needs it whole (the worker, the commands, the audit's reading page)
calls ``know_all`` once.
"""

from functools import cache
from importlib import import_module
from pkgutil import walk_packages

from app import league
from app.kernel import (
    checking,  # noqa: F401  declares jobs
    pruning,  # noqa: F401  declares a periodic task
)
from app.kernel.audit import seals  # noqa: F401  declares a periodic task
from app.kernel.backup import regular  # noqa: F401  declares a job
from app.kernel.files import operations as files  # noqa: F401  declares a periodic task


@cache
def know_all() -> None:
    """Import every module of the League, each of which declares its own."""
    for module in walk_packages(league.__path__, f"{league.__name__}."):
        import_module(module.name)
