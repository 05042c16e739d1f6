"""What waits too long climbs by itself, level by level, and those above are told a number."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.kernel.audit.models import AuditEntry
from app.kernel.db.unit import writing
from app.kernel.outbox.operations import deliver_due
from app.league.accounts.models import Message
from app.league.joining import escalation, own
from app.league.joining.escalation import climbs, escalate_overdue
from app.league.joining.models import JoinRequest, RequestState
from tests import factories as make


@pytest.fixture
def after_days(work, clock):
    """Return a function that runs the task some days later."""

    def run(days: float) -> int:
        clock.advance(days=days)
        work.now = clock.now()
        return escalate_overdue(work)

    return run


def messages(work, account) -> list[str]:
    deliver_due(work)
    return list(work.session.scalars(select(Message.body).where(Message.account_id == account.id)))


def test_nothing_climbs_before_its_time(world, session, vault, after_days):
    make.join_request(session, vault, world.branch_b1)
    session.commit()
    assert after_days(6.9) == 0


def test_it_climbs_a_level_a_week_up_to_the_province(world, session, vault, after_days):
    row = make.join_request(session, vault, world.branch_b1)
    session.commit()
    seen = []
    for _ in range(6):
        after_days(7)
        session.refresh(row)
        seen.append(row.attention_path)
    chain = [world.college_c, world.school_s, world.city_a, world.province, world.province, world.province]
    assert seen == [place.path for place in chain]
    climbs = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "joining:request:escalate")
    assert session.scalar(climbs) == 4


def test_a_level_without_an_administrator_is_passed_over(world, session, vault, after_days):
    empty = make.organisation(session, world.college_c.kind, world.school_s, "空学院")
    branch = make.organisation(session, parent=empty)
    row = make.join_request(session, vault, branch)
    session.commit()
    after_days(7)
    session.refresh(row)
    assert row.attention_path == world.school_s.path


def test_those_above_get_one_message_a_day_with_a_number(world, session, vault, after_days, work):
    for place in (world.branch_b1, world.branch_b1, world.branch_b2):
        make.join_request(session, vault, place)
    late = make.join_request(session, vault, world.branch_b2, submitted_at=make.NOW + timedelta(hours=1))
    session.commit()
    assert after_days(7) == 3
    assert after_days(0.05) == 1
    [body] = messages(work, world.people["college_c"])
    assert "3 份" in body
    assert late.name not in body
    assert messages(work, world.people["secretary_b1"]) == []


def test_what_is_decided_stays(world, session, vault, after_days):
    decided = {"decided_by_id": world.people["secretary_b1"].id, "decided_at": make.NOW}
    make.join_request(session, vault, world.branch_b1, state=RequestState.REJECTED, **decided)
    session.commit()
    assert after_days(30) == 0


def test_the_history_names_each_level_it_was_passed_to(world, session, vault, work, after_days):
    row = make.join_request(session, vault, world.branch_b1)
    session.commit()
    after_days(7)
    after_days(7)
    session.refresh(row)
    assert [climb.to for climb in climbs(session, row)] == ["会计学院", "甲市师范学校"]
    titles = [moment.title for moment in own.timeline(work, row)]
    assert titles == [
        "提交申请",
        "等得久了，已转给会计学院",
        "等得久了，已转给甲市师范学校",
        "会计20184班审核",
        "建立电子档案",
    ]
    row.submitted_at = work.now + timedelta(seconds=1)
    session.commit()
    assert climbs(session, row) == [], "a corrected application begins anew"


def test_many_climb_in_short_turns_so_that_others_can_write_meanwhile(world, session, vault, after_days, monkeypatch):
    rows = [make.join_request(session, vault, world.branch_b1) for _ in range(7)]
    session.commit()
    turns: list[None] = []

    def counted(given):
        turns.append(None)
        return writing(given)

    monkeypatch.setattr(escalation, "writing", counted)
    monkeypatch.setattr(escalation, "LOOKED_UP", 4)
    monkeypatch.setattr(escalation, "TOGETHER", 3)
    assert after_days(7) == 7
    assert len(turns) == 3 + 1, "three and one, three more, then the number to the head"
    for row in rows:
        session.refresh(row)
        assert row.attention_path == world.college_c.path


def test_who_was_decided_on_meanwhile_does_not_climb(world, session, vault, after_days, monkeypatch):
    row = make.join_request(session, vault, world.branch_b1)
    session.commit()
    real = escalation._Ladder.above

    def decided_meanwhile(ladder, path):
        with writing(session):
            session.execute(update(JoinRequest).values(state=RequestState.WITHDRAWN))
        return real(ladder, path)

    monkeypatch.setattr(escalation._Ladder, "above", decided_meanwhile)
    assert after_days(7) == 0
    session.refresh(row)
    assert row.escalated_at is None
