"""Twenty people decide one application at once: one decision, one file, one entry, and nineteen who are told.

The proof that this test can see doubles stands beside it: with the guard taken away it finds them.
"""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from app.kernel.access.viewer import Viewer
from app.kernel.audit.models import AuditEntry
from app.kernel.db.unit import writing
from app.kernel.work import Actor, Work
from app.league.appointments.queries import live_posts
from app.league.joining import decisions
from app.league.joining.models import Decision, JoinRequest, RequestState, Verdict
from app.league.organisations import counters
from app.league.people.models import Person
from tests import factories as make

DECIDERS = 20
LAST_RESORTS = ("uq_decisions_round", "uq_people_id_number")


@pytest.fixture
def deciders(world, session, vault) -> list[Viewer]:
    """Twenty secretaries of one college."""
    found = []
    for number in range(DECIDERS):
        account = make.account(session, vault, f"书记{make.CHARACTERS[number]}")
        make.appoint(session, account, world.college_c)
        posts = live_posts(session, account.id, make.TODAY)
        found.append(Viewer(account.id, account.public_id, account.name, posts=posts, acting=posts[0]))
    session.commit()
    return found


@pytest.fixture
def request_(world, session, vault) -> JoinRequest:
    """The one application."""
    row = make.join_request(session, vault, world.branch_b1)
    session.commit()
    return row


@pytest.fixture
def all_at_once(engine, vault, settings, clock, deciders, request_):
    """Return a function that lets everybody approve at the same moment, and returns the outcomes."""

    def run() -> list[decisions.Outcome]:
        start = threading.Barrier(DECIDERS)
        item = (request_.public_id, request_.version)

        def approve(viewer: Viewer) -> decisions.Outcome:
            with Session(engine, expire_on_commit=False) as session:
                work = Work(session, clock.now(), Actor.of(viewer), vault, settings, viewer)
                start.wait(30)
                with writing(session):
                    [outcome] = decisions.decide_many(work, viewer, [item], Verdict.APPROVE)
                return outcome

        with ThreadPoolExecutor(DECIDERS) as threads:
            return list(threads.map(approve, deciders))

    return run


@pytest.fixture
def everything_was_read_before(monkeypatch, request_):
    """Whatever a decider reads, he read before anybody decided: only the statement that takes the row can tell."""
    fresh = decisions._read
    names = ("state", "version", "round", "person_id", "decided_by_id", "decided_at")
    seen = {name: getattr(request_, name) for name in names}

    def stale(work, public_ids):
        rows = fresh(work, public_ids)
        for row in rows.values():
            for name, value in seen.items():
                set_committed_value(row, name, value)
        return rows

    monkeypatch.setattr(decisions, "_read", stale)
    monkeypatch.setattr(decisions.files, "files_with_id_number", lambda work, number: [])
    monkeypatch.setattr(decisions.files, "give_owner", lambda work, person, account_id: None)


@pytest.fixture
def without_the_guard(monkeypatch):
    """The row is taken by whoever asks."""
    unguarded = update(JoinRequest).where(JoinRequest.id == decisions.bindparam("row_id"))
    unguarded = unguarded.values(version=JoinRequest.version + 1).execution_options(synchronize_session=False)
    monkeypatch.setattr(decisions, "TAKE", unguarded)


@pytest.fixture
def without_unique_indexes(engine, session):
    """The database itself would refuse a second decision and a second file: here it does not."""
    postgres = engine.dialect.name == "postgresql"
    with engine.begin() as connection:
        made = [_definition(connection, name) for name in LAST_RESORTS] if postgres else []
        for name in LAST_RESORTS:
            connection.execute(text(f"DROP INDEX {name}"))
    yield
    session.rollback()
    if postgres:  # the embedded database is a file that the next test gets anew
        with engine.begin() as connection:
            connection.execute(text("TRUNCATE decisions, people CASCADE"))
            for statement in made:
                connection.execute(text(statement))


def _definition(connection, name) -> str:
    return connection.scalar(text("SELECT indexdef FROM pg_indexes WHERE indexname = :name"), {"name": name})


def traces(session) -> dict[str, int]:
    """How often the application was decided, by every sign there is."""
    session.rollback()
    approvals = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "joining:request:approve")
    return {
        "decisions": session.scalar(select(func.count()).select_from(Decision)),
        "files": session.scalar(select(func.count()).select_from(Person)),
        "entries": session.scalar(approvals),
    }


ONCE = {"decisions": 1, "files": 1, "entries": 1}


def check_one_winner(outcomes, session, world, request_):
    assert traces(session) == ONCE
    winners = [outcome for outcome in outcomes if outcome.ok]
    losers = [outcome for outcome in outcomes if not outcome.ok]
    assert (len(winners), len(losers)) == (1, DECIDERS - 1)
    session.refresh(request_)
    first = request_.decided_by_name
    assert first
    assert {(outcome.by, outcome.text) for outcome in losers} == {(first, f"{first} 10:00 已通过")}
    figures = counters.figures_of(session, [world.province.path])[world.province.path]
    assert {name: value for name, value in figures.items() if value} == {
        "people": 1, "member": 1, "filled": 1, "approved": 1,
    }  # fmt: skip
    assert request_.state is RequestState.APPROVED


def test_twenty_at_once_make_one_decision(all_at_once, session, world, request_):
    check_one_winner(all_at_once(), session, world, request_)


def test_the_guard_alone_is_enough(
    everything_was_read_before, without_unique_indexes, all_at_once, session, world, request_
):
    check_one_winner(all_at_once(), session, world, request_)


def test_without_the_guard_this_test_finds_doubles(
    everything_was_read_before, without_unique_indexes, without_the_guard, all_at_once, session
):
    all_at_once()
    found = traces(session)
    assert min(found.values()) > 1, found


def test_behind_the_guard_the_database_refuses_a_second_decision_too(
    everything_was_read_before, without_the_guard, all_at_once, session
):
    all_at_once()
    assert traces(session) == ONCE
