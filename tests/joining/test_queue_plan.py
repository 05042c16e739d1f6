"""The queue is read from the small index of what waits, in its order: nothing is sorted, nothing else is read."""

import pytest
from sqlalchemy import text

from app.kernel.access.powers import Power
from app.kernel.access.rules import Reach
from app.kernel.access.scope import Part, Scope
from app.league.joining import queries
from app.league.joining.models import Lane


@pytest.mark.parametrize(
    ("lane", "index"), [(None, "ix_join_requests_queue"), (Lane.CLEAN, "ix_join_requests_lane")], ids=["all", "lane"]
)
def test_a_school_reads_its_queue_through_the_partial_index(lane, index, session, world):
    if session.get_bind().dialect.name != "sqlite":
        pytest.skip("PostgreSQL chooses by the number of rows")
    scope = Scope(Power.JOINING_READ, (Part(world.school_s.path, Reach.SUBTREE),))
    query = queries._within(queries._ROWS, scope, lane, None).limit(20)
    compiled = query.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
    plan = [row[-1] for row in session.execute(text(f"EXPLAIN QUERY PLAN {compiled}"))]
    assert any(index in line for line in plan), plan
    assert not any("TEMP B-TREE" in line for line in plan), plan
