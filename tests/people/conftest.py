"""Who acts in these tests."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from app.kernel.access.viewer import Viewer
from app.kernel.work import Actor, Work
from app.league.appointments.queries import live_posts
from tests import factories as make
from tests.world import World


@pytest.fixture
def viewer_of(world: World, session: Session) -> Callable[[str], Viewer]:
    """Return a maker of viewers: an account of the world with its live posts and its file."""

    def viewer(name: str) -> Viewer:
        account = world.people[name]
        posts = live_posts(session, account.id, make.TODAY)
        return Viewer(
            account.id, account.public_id, account.name, account.person_id, posts, posts[0] if posts else None
        )

    return viewer


@pytest.fixture
def acting(work: Work, viewer_of: Callable[[str], Viewer]) -> Callable[[str], Work]:
    """Return a maker of units of work in which somebody of the world acts."""

    def act(name: str) -> Work:
        viewer = viewer_of(name)
        return replace(work, actor=Actor.of(viewer), viewer=viewer)

    return act
