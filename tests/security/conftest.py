"""`everything`: every address of the application with a thing behind it, and a persona who may use it."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.config import Settings
from app.kernel.vault import Vault
from tests.helpers import sign_in
from tests.security.site import MACHINES, Place, places
from tests.world import World


@pytest.fixture
def everything(world: World, session: Session, vault: Vault, settings: Settings) -> list[Place]:
    """Every address that browsers open, filled in and committed; the doors of machines have tests of their own."""
    session.info["settings"] = settings
    found = [place for place in places(world, session, vault) if not place.rule.startswith(MACHINES)]
    session.commit()
    return found


@pytest.fixture
def browser_of(make_client: Callable[[], FlaskClient], world: World) -> Callable[[str], FlaskClient]:
    """Return a maker of browsers by persona: `browser_of("school_s")`; "anonymous" is nobody."""

    def make(persona: str) -> FlaskClient:
        client = make_client()
        return client if persona == "anonymous" else sign_in(client, world.people[persona])

    return make
