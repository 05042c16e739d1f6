"""The viewer (操作者): an account with its live appointments, built once per request."""

from dataclasses import dataclass, field
from datetime import date

from app.kernel.access.powers import Power
from app.kernel.access.rules import Role, reach_of
from app.kernel.access.scope import Part, Scope


@dataclass(frozen=True)
class Post:
    """One live appointment as the rules need it."""

    appointment_id: int
    public_id: str
    role: Role
    organisation_id: int
    organisation_public_id: str
    organisation_name: str
    organisation_kind: str
    path: str
    ends_on: date | None = None


@dataclass(frozen=True)
class Viewer:
    """Who is asking. ``acting`` is the post chosen in the organisation switch, for display and defaults alone."""

    account_id: int
    public_id: str
    name: str
    person_id: int | None = None
    posts: tuple[Post, ...] = ()
    acting: Post | None = None
    second_factor: bool = False
    session_id: int | None = None
    _scopes: dict[Power, Scope] = field(default_factory=dict, compare=False, repr=False)

    def scope(self, power: Power) -> Scope:
        """The parts of the tree over which this viewer holds ``power``; empty (false) when nowhere."""
        if power not in self._scopes:
            reaches = ((post.path, reach_of(post.role, power)) for post in self.posts)
            parts = {Part(path, reach) for path, reach in reaches if reach is not None}
            self._scopes[power] = Scope(power, tuple(sorted(parts, key=lambda p: (p.path, p.reach))))
        return self._scopes[power]

    def has(self, power: Power) -> bool:
        """Whether the viewer holds ``power`` anywhere."""
        return bool(self.scope(power))

    def can(self, name: str) -> bool:
        """``has`` by the power's enum name, for templates that hide buttons."""
        return self.has(Power[name])

    def post_for(self, power: Power, path: str) -> Post | None:
        """The post under which ``power`` is used at ``path``: the nearest one that reaches."""
        fitting = [p for p in self.posts if (r := reach_of(p.role, power)) and Part(p.path, r).covers(path)]
        return max(fitting, key=lambda post: len(post.path), default=None)

    def posts_with(self, power: Power) -> list[Post]:
        """The posts that carry ``power``."""
        return [post for post in self.posts if reach_of(post.role, power)]

    @property
    def is_staff(self) -> bool:
        """Whether there is any live appointment: the back office is open."""
        return bool(self.posts)
