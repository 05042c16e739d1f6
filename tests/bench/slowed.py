"""The product with a weight on it: every later page of a list costs 40 ms more of the processor.

For the test that the bench notices.
"""

import time
from collections.abc import Callable, Iterable
from typing import Any

from wsgi import app as product

BURDEN = 0.04


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The WSGI application."""
    if "after=" in environ["QUERY_STRING"]:
        until = time.thread_time() + BURDEN
        while time.thread_time() < until:
            pass
    return product(environ, start_response)
