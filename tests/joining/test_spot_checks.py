"""抽查: after a hundred passed by sheets some are looked at one by one before the next sheet; haste is put on record."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.kernel.access.viewer import Viewer
from app.kernel.audit.models import AuditEntry
from app.kernel.db.unit import writing
from app.league.appointments.queries import live_posts
from app.league.joining import decisions, spot_checks
from app.league.joining.models import JoinRequest, RequestState, Verdict
from tests import factories as make

SHEET = 20


@pytest.fixture
def college(world, session) -> Viewer:
    """The secretary of the college, as a viewer."""
    account = world.people["college_c"]
    posts = live_posts(session, account.id, make.TODAY)
    return Viewer(account.id, account.public_id, account.name, posts=posts, acting=posts[0])


@pytest.fixture
def waiting(world, session, vault):
    """Return a maker of so many applications that wait at B1."""

    def requests(number: int) -> list[JoinRequest]:
        rows = [make.join_request(session, vault, world.branch_b1) for _ in range(number)]
        session.commit()
        return rows

    return requests


@pytest.fixture
def sheet(work, college):
    """Return a function that passes rows by a sheet that was shown for some seconds; says which of them passed."""

    def send(rows, seconds=30.0) -> list[bool]:
        items = [(row.public_id, row.version) for row in rows]
        shown = work.now - timedelta(seconds=seconds)
        with writing(work.session):
            found = decisions.decide_many(work, college, items, Verdict.APPROVE, shown_at=shown)
        return [outcome.ok for outcome in found]

    return send


@pytest.fixture
def a_hundred_passed(waiting, sheet) -> list[JoinRequest]:
    """Five sheets have passed; returns the eight applications that still wait."""
    rest = waiting(108)
    for _ in range(5):
        assert all(sheet(rest[:SHEET]))
        rest = rest[SHEET:]
    return rest


def test_after_a_hundred_the_next_sheet_waits_until_three_are_looked_at(work, college, sheet, a_hundred_passed):
    picked = spot_checks.waiting(work, college)
    assert len(picked) == 3
    assert set(picked) <= set(a_hundred_passed)
    assert sheet(a_hundred_passed) == [False] * 8, "ticking them on a sheet is not looking at them"
    for row, verdict in zip(picked, (Verdict.APPROVE, Verdict.RETURN, Verdict.REJECT), strict=True):
        assert not any(sheet([other for other in a_hundred_passed if other not in picked]))
        with writing(work.session):
            reason, fields = ("请改", ["name"]) if verdict is not Verdict.APPROVE else ("", [])
            [done] = decisions.decide_many(
                work, college, [(row.public_id, row.version)], verdict, reason=reason,
                fields=fields if verdict is Verdict.RETURN else [],
            )  # fmt: skip
        assert done.ok, done.text
    assert all(sheet([row for row in a_hundred_passed if row.state is RequestState.SUBMITTED]))


def test_a_sheet_with_a_single_tick_is_a_sheet(sheet, a_hundred_passed):
    assert sheet(a_hundred_passed[:1]) == [False]


def test_what_is_looked_at_is_drawn_by_lot(monkeypatch, work, college, waiting, sheet):
    monkeypatch.setattr(spot_checks, "draw", lambda among, number: list(among)[-number:])
    rows = waiting(105)
    for start in range(0, 100, SHEET):
        sheet(rows[start : start + SHEET])
    assert spot_checks.waiting(work, college) == rows[-3:]


def test_when_nothing_waited_the_lot_falls_on_the_next_sheet(work, college, waiting, sheet):
    rows = waiting(100)
    for start in range(0, 100, SHEET):
        assert all(sheet(rows[start : start + SHEET]))
    assert spot_checks.waiting(work, college) == []
    late = waiting(2)
    assert sheet(late) == [False, False]
    assert spot_checks.waiting(work, college) == late


def test_somebody_elses_decision_lets_the_sheet_go_on(world, session, work, college, sheet, a_hundred_passed):
    for row in spot_checks.waiting(work, college):
        row.state = RequestState.WITHDRAWN
    session.commit()
    assert all(sheet([row for row in a_hundred_passed if row.state is RequestState.SUBMITTED]))


def test_ones_own_application_is_never_drawn(session, work, college, waiting, sheet):
    rows = waiting(101)
    rows[-1].account_id = college.account_id
    session.commit()
    for start in range(0, 100, SHEET):
        sheet(rows[start : start + SHEET])
    assert spot_checks.waiting(work, college) == []


@pytest.fixture
def told(session):
    """Return a function that reads what was put on record: (where, how many)."""

    def entries() -> list[tuple[str, int]]:
        found = session.scalars(select(AuditEntry).where(AuditEntry.action == spot_checks.HASTY))
        return [(entry.org_path, entry.changes["count"][1]) for entry in found]

    return entries


@pytest.fixture
def one_by_one(work, college):
    """Return a function that approves rows each on its own card, so many seconds after one another."""
    moment = work.now

    def approve(rows, seconds) -> None:
        nonlocal moment
        for row in rows:
            moment += timedelta(seconds=seconds)
            unit = replace(work, now=moment)
            with writing(unit.session):
                [done] = decisions.decide_many(unit, college, [(row.public_id, row.version)], Verdict.APPROVE)
            assert done.ok, done.text

    return approve


@pytest.mark.parametrize(("seconds", "hasty"), [(2.9, True), (3.0, False)])
def test_ten_on_a_sheet_in_under_three_seconds_are_put_on_record(seconds, hasty, waiting, sheet, told, world):
    sheet(waiting(10), seconds)
    assert told() == ([(world.college_c.path, 10)] if hasty else [])


@pytest.mark.parametrize(("seconds", "hasty"), [(0.9, True), (1.0, False)])
def test_ten_one_by_one_in_under_a_second_each_are_put_on_record(seconds, hasty, waiting, one_by_one, told, world):
    one_by_one(waiting(10), seconds)
    assert told() == ([(world.college_c.path, 10)] if hasty else [])


def test_each_quick_approval_counts_once(waiting, one_by_one, told):
    rows = waiting(20)
    one_by_one(rows[:19], 0.5)
    assert len(told()) == 1
    one_by_one(rows[19:], 0.5)
    assert len(told()) == 2


def test_whoever_looks_up_in_between_is_not_hasty(waiting, one_by_one, told):
    rows = waiting(18)
    one_by_one(rows[:9], 0.1)
    one_by_one(rows[9:10], 20)
    one_by_one(rows[10:], 0.1)
    assert told() == []
