"""`instance`, as in tests/faults: an instance that `flask init` has prepared, for the real server."""

from tests.faults.conftest import instance as instance
