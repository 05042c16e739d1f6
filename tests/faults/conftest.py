"""An instance that `flask init` has prepared, for the real server."""

from pathlib import Path

import pytest

from tests.database import Database
from tests.faults.server import Instance


@pytest.fixture
def instance(tmp_path: Path, bare_database: Database) -> Instance:
    """Return an instance with keys and a database of its own, of the kind this run is about."""
    url = bare_database.url.render_as_string(hide_password=False)
    prepared = Instance(tmp_path / "instance", url)
    prepared.flask("init")
    return prepared
