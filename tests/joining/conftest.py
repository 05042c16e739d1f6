"""What tests of the application's pages ask for."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.helpers import sign_in
from tests.world import World


@pytest.fixture
def without_csrf(app: Flask) -> Iterator[None]:
    """CSRF has tests of its own."""
    app.config["WTF_CSRF_ENABLED"] = False
    yield
    app.config["WTF_CSRF_ENABLED"] = True


@pytest.fixture
def youth(client: FlaskClient, world: World, without_csrf: None) -> FlaskClient:
    """The browser of a youth who is signed in."""
    return sign_in(client, world.people["youth"])
