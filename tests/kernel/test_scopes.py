"""Scopes against a naive evaluator that knows parents alone, no paths."""

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, MetaData, String, Table, create_engine, insert, select

from app.kernel.access.powers import Power
from app.kernel.access.rules import RULES, Reach, Role
from app.kernel.access.viewer import Post, Viewer
from app.kernel.db.types import path_step
from app.kernel.errors import NotFound


@dataclass(frozen=True)
class Node:
    number: int
    parent: int | None


@st.composite
def trees(draw) -> list[Node]:
    count = draw(st.integers(1, 14))
    return [Node(n, draw(st.integers(0, n - 1)) if n else None) for n in range(count)]


def above(tree: list[Node], number: int) -> list[int]:
    """From the node itself up to the root."""
    chain = [number]
    while (parent := tree[chain[-1]].parent) is not None:
        chain.append(parent)
    return chain


def path(tree: list[Node], number: int) -> str:
    return "".join(path_step(n + 1) for n in reversed(above(tree, number)))


def naive(tree: list[Node], posts: list[tuple[Role, int]], power: Power, number: int) -> bool:
    """Whether any post reaches the node, told from the rules and parents."""
    for role, place in posts:
        for rule in RULES:
            if (rule.role, rule.power) != (role, power):
                continue
            if rule.reach is Reach.OWN and number == place:
                return True
            if rule.reach is Reach.SUBTREE and place in above(tree, number):
                return True
            if rule.reach is Reach.BELOW and place in above(tree, number)[1:]:
                return True
    return False


def viewer_of(tree: list[Node], posts: list[tuple[Role, int]]) -> Viewer:
    return Viewer(
        account_id=1,
        public_id="v",
        name="某某",
        posts=tuple(Post(i, str(i), role, n, str(n), "", "", path(tree, n)) for i, (role, n) in enumerate(posts)),
    )


cases = trees().flatmap(
    lambda tree: st.tuples(
        st.just(tree),
        st.lists(st.tuples(st.sampled_from(list(Role)), st.integers(0, len(tree) - 1)), max_size=4),
        st.sampled_from(list(Power)),
    )
)


@settings(max_examples=500)
@given(cases)
def test_a_scope_covers_exactly_what_the_rules_say(case):
    tree, posts, power = case
    viewer = viewer_of(tree, posts)
    scope = viewer.scope(power)
    for node in tree:
        reached = naive(tree, posts, power, node.number)
        assert scope.covers(path(tree, node.number)) is reached
        assert (viewer.post_for(power, path(tree, node.number)) is not None) is reached
    assert bool(scope) is viewer.has(power)


@settings(max_examples=60)
@given(cases)
def test_a_list_shows_exactly_what_single_objects_allow(case):
    tree, posts, power = case
    table = Table("places", MetaData(), Column("path", String))
    scope = viewer_of(tree, posts).scope(power)
    with create_engine("sqlite://").connect() as connection:
        table.create(connection)
        connection.execute(insert(table), [{"path": path(tree, node.number)} for node in tree])
        listed = set(connection.scalars(select(table.c.path).where(scope.within(table.c.path))))
    assert listed == {p for node in tree if scope.covers(p := path(tree, node.number))}


@settings(max_examples=200)
@given(cases, st.integers(0, 13))
def test_narrowing_never_widens(case, at):
    tree, posts, power = case
    inside = path(tree, at % len(tree))
    scope = viewer_of(tree, posts).scope(power)
    wanted = {n.number for n in tree if path(tree, n.number).startswith(inside) and scope.covers(path(tree, n.number))}
    try:
        narrow = scope.narrowed(inside)
    except NotFound:
        assert not wanted or not any(part.path.startswith(inside) for part in scope.parts)
        return
    assert {n.number for n in tree if narrow.covers(path(tree, n.number))} == wanted
