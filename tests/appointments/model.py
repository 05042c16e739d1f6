"""Who may hold which right, said a second time in the plainest way: the real rules must never allow more."""

from dataclasses import dataclass, field
from datetime import date, timedelta

ADMIN, SECRETARY, DELEGATE, PUBLISHER, SYSTEM = (
    "committee_admin", "branch_secretary", "delegate", "publisher", "system_admin",
)  # fmt: skip
BRANCHES = {"branch_b1", "branch_b2", "branch_b3", "branch_t1", "branch_e1"}


@dataclass
class Held:
    """A post: from a day to a day, both included."""

    who: str
    where: str
    role: str
    first: date
    last: date | None


@dataclass
class Model:
    """The tree by parent, and every post that was not ended."""

    parent: dict[str, str | None]
    today: date
    posts: list[Held] = field(default_factory=list)

    def above(self, place: str) -> list[str]:
        """The place itself and everything above it."""
        found: list[str] = []
        at: str | None = place
        while at is not None:
            found.append(at)
            at = self.parent[at]
        return found

    def live(self, who: str, role: str, places: list[str]) -> bool:
        return any(
            p.who == who and p.role == role and p.where in places and p.first <= self.today
            and (p.last is None or p.last >= self.today)
            for p in self.posts
        )  # fmt: skip

    def may_give(self, giver: str, role: str, where: str) -> bool:
        branch = where in BRANCHES
        if role == ADMIN:
            if where == "province":
                return self.live(giver, SYSTEM, ["province"])
            return not branch and self.live(giver, ADMIN, self.above(where)[1:])
        if role == SECRETARY:
            return branch and self.live(giver, ADMIN, self.above(where)[1:])
        if role == DELEGATE:
            return self.live(giver, ADMIN, self.above(where))
        if role == PUBLISHER and not branch:
            by_system = where == "province" and self.live(giver, SYSTEM, ["province"])
            return by_system or self.live(giver, ADMIN, self.above(where))
        return False

    def may_appoint(self, giver: str, taker: str, role: str, where: str, days: int) -> bool:
        doubled = any(
            p.who == taker and p.where == where and p.role == role and (p.last is None or p.last >= self.today)
            for p in self.posts
        )
        return giver != taker and 0 <= days <= 1825 and not doubled and self.may_give(giver, role, where)

    def may_end(self, who: str, post: Held) -> bool:
        if post.who == who:
            return post.role != SYSTEM
        return self.may_give(who, post.role, post.where)

    def may_move(self, who: str, what: str, under: str) -> bool:
        rights = self.live(who, ADMIN, self.above(what)[1:]) and self.live(who, ADMIN, self.above(under))
        return rights and self.parent[what] != under

    def rights(self, who: str, where: str) -> set[str]:
        """The rights ``who`` has over what stands at ``where`` today."""
        up = self.above(where)
        found = set()
        if any(self.live(who, role, up) for role in (ADMIN, DELEGATE, SECRETARY)):
            found.add("joining:request:decide")
        if any(self.live(who, role, up) for role in (ADMIN, SECRETARY)):
            found |= {"people:file:read", "people:file:reveal"}
        if self.live(who, ADMIN, up):
            found |= {"appointments:delegate:grant", "organisations:organisation:create"}
        if self.live(who, ADMIN, up[1:]):
            found |= {"appointments:admin:grant", "organisations:organisation:move"}
        if self.live(who, PUBLISHER, up):
            found.add("notices:notice:publish")
        return found

    def pass_days(self, days: int) -> None:
        self.today += timedelta(days=days)
