"""Somebody who imports."""

import pytest

from app.kernel.work import Actor, Work
from tests.world import World


@pytest.fixture
def acting(work: Work, world: World) -> Work:
    """The school's secretary at work."""
    who = world.people["school_s"]
    work.actor = Actor("web", who.id, who.name)
    return work
