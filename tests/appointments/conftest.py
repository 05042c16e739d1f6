"""Acting as somebody of the small league."""

from collections.abc import Callable

import pytest

from app.kernel.access.viewer import Viewer
from app.kernel.work import Actor, Work
from app.league.appointments import queries
from tests.world import World

Acting = Callable[[str], Viewer]


@pytest.fixture
def acting(work: Work, world: World) -> Acting:
    """Return a function that signs in a persona: the unit of work's actor, and its viewer of this moment."""

    def act(name: str) -> Viewer:
        account = world.people[name]
        posts = queries.live_posts(work.session, account.id, work.today)
        viewer = Viewer(account.id, account.public_id, account.name, posts=posts, acting=posts[0] if posts else None)
        work.actor = Actor.of(viewer)
        return viewer

    return act
