"""Decisions: one row or many, each with an outcome of its own; who was first; undone in time or not at all."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.kernel.access.rules import Role
from app.kernel.access.viewer import Viewer
from app.kernel.audit.models import AuditEntry
from app.kernel.db.unit import writing
from app.kernel.errors import Conflict, Invalid, NotFound, Refused
from app.kernel.outbox.operations import deliver_due
from app.kernel.verification import ask_all
from app.kernel.work import Actor
from app.league.accounts.models import Message
from app.league.appointments.models import Appointment
from app.league.appointments.queries import live_posts
from app.league.joining import decisions, reopening
from app.league.joining.models import Decision, JoinRequest, Lane, RequestState, Verdict
from app.league.organisations import counters
from app.league.people.models import Person
from app.parts import know_all
from tests import factories as make

APPROVE, REJECT, RETURN = Verdict.APPROVE, Verdict.REJECT, Verdict.RETURN


@pytest.fixture
def viewer_of(world, session):
    """Return a maker of viewers: an account of the world with its live posts."""

    def viewer(name: str) -> Viewer:
        account = world.people[name]
        posts = live_posts(session, account.id, make.TODAY)
        return Viewer(account.id, account.public_id, account.name, posts=posts, acting=posts[0] if posts else None)

    return viewer


@pytest.fixture
def waiting(world, session, vault):
    """Return a maker of applications to branch B1 that wait."""

    def request(where="branch_b1", **values) -> JoinRequest:
        row = make.join_request(session, vault, world.orgs[where], **values)
        session.commit()
        return row

    return request


@pytest.fixture
def decide(work):
    """Return a function that decides rows in a transaction of their own."""

    def run(viewer, rows, verdict=APPROVE, reason="", fields=()):
        items = [(row.public_id, row.version) if isinstance(row, JoinRequest) else row for row in rows]
        with writing(work.session):
            return decisions.decide_many(work, viewer, items, verdict, reason=reason, fields=fields)

    return run


@pytest.fixture
def undo(work):
    """Return a function that undoes a decision in a transaction of its own."""

    def run(viewer, decision):
        with writing(work.session):
            return decisions.undo(work, viewer, decision)

    return run


@pytest.fixture
def later(work, clock):
    """Return a function that lets time pass."""

    def run(**units):
        clock.advance(**units)
        work.now = clock.now()

    return run


def number_of(session, what, *conditions) -> int:
    return session.scalar(select(func.count()).select_from(what).where(*conditions))


def figures(session, organisation) -> dict[str, int]:
    found = counters.figures_of(session, [organisation.path])[organisation.path]
    return {name: value for name, value in found.items() if value}


def inbox(work, account_id) -> list[str]:
    deliver_due(work)
    query = select(Message.title).where(Message.account_id == account_id).order_by(Message.id)
    return list(work.session.scalars(query))


@pytest.mark.parametrize("who", ["secretary_b1", "delegate_c", "college_c", "school_s", "city_a", "province"])
def test_an_approval_makes_the_file_moves_the_figures_and_tells_the_audit(
    who, world, session, waiting, viewer_of, decide
):
    row = waiting()
    [outcome] = decide(viewer_of(who), [row])
    session.refresh(row)
    assert (outcome.ok, outcome.text, row.state) == (True, "已通过", RequestState.APPROVED)
    assert session.get(Person, row.person_id).name == row.name
    for place in (world.branch_b1, world.college_c, world.school_s, world.city_a, world.province):
        assert figures(session, place) == {"people": 1, "member": 1, "filled": 1, "approved": 1}
    assert number_of(session, AuditEntry, AuditEntry.action == "joining:request:approve") == 1
    decision = session.scalars(select(Decision)).one()
    assert (decision.account_id, decision.round) == (world.people[who].id, 1)


@pytest.mark.parametrize(
    ("verdict", "state", "left"),
    [(REJECT, RequestState.REJECTED, {}), (RETURN, RequestState.RETURNED, {"filled": 1})],
)
def test_a_rejection_and_a_return_say_why(
    verdict, state, left, world, session, waiting, viewer_of, decide, work, later
):
    row = waiting()
    decide(viewer_of("secretary_b1"), [row], verdict, "请核对入团日期", ["joined_league_on"])
    session.refresh(row)
    assert (row.state, row.reason, row.returned_fields) == (state, "请核对入团日期", ["joined_league_on"])
    assert figures(session, world.branch_b1) == left
    later(seconds=31)
    assert len(inbox(work, row.account_id)) == 1


@pytest.mark.parametrize(
    ("verdict", "reason", "fields", "wrong"),
    [
        (REJECT, " ", [], "reason"),
        (RETURN, "", ["name"], "reason"),
        (RETURN, "请改", [], "fields"),
        (RETURN, "请改", ["password"], "fields"),
        (REJECT, "长" * 301, [], "reason"),
    ],
)
def test_what_a_decision_owes_the_young_person(verdict, reason, fields, wrong, waiting, viewer_of, decide):
    with pytest.raises(Invalid) as problem:
        decide(viewer_of("secretary_b1"), [waiting()], verdict, reason, fields)
    assert list(problem.value.errors) == [wrong]


def test_the_second_is_told_who_was_first(waiting, viewer_of, decide, later):
    row = waiting()
    seen = (row.public_id, row.version)
    decide(viewer_of("school_s"), [seen], RETURN, "请改", ["name"])
    later(minutes=5)
    [outcome] = decide(viewer_of("secretary_b1"), [seen])
    assert (outcome.ok, outcome.text, outcome.by) == (False, "管理school_s 10:00 已退回", "管理school_s")


def test_a_changed_application_is_not_decided_unseen(session, waiting, viewer_of, decide):
    row = waiting()
    [outcome] = decide(viewer_of("school_s"), [(row.public_id, row.version - 1)])
    assert (outcome.ok, outcome.text) == (False, "申请人刚刚改过内容，请重新看一遍")
    assert number_of(session, Decision) == number_of(session, Person) == 0


@pytest.mark.parametrize("who", ["secretary_t1", "school_t", "city_b", "county_a1", "system", "publisher", "youth"])
def test_beside_the_branch_there_is_nothing_to_decide(who, session, waiting, viewer_of, decide):
    row = waiting()
    foreign, unknown = decide(viewer_of(who), [row, ("A" * 22, 1)])
    assert (foreign.ok, foreign.text, foreign.name) == (unknown.ok, unknown.text, unknown.name)
    assert number_of(session, Decision) == 0


def test_nobody_decides_his_own_application(world, waiting, viewer_of, decide):
    row = waiting(who=world.people["secretary_b1"])
    [outcome] = decide(viewer_of("secretary_b1"), [row])
    assert (outcome.ok, outcome.text) == (False, "不能审批自己的申请，请由其他人处理")


def test_many_at_once_each_with_its_own_outcome(world, session, waiting, viewer_of, decide):
    stop = {"code": "F02", "level": "stop", "text": "出生日期不一致", "evidence": "", "fields": ["birth_date"]}
    good = [waiting(), waiting("branch_b2")]
    stopped = waiting(lane=Lane.FLAGGED, flags=[stop])
    unlisted = waiting(lane=Lane.OFF_ROSTER)
    foreign = waiting("branch_t1")
    done = waiting()
    decide(viewer_of("city_a"), [done])
    rows = [stopped, good[1], foreign, unlisted, good[0], (done.public_id, 1)]
    outcomes = decide(viewer_of("school_s"), rows)
    assert [outcome.ok for outcome in outcomes] == [False, True, False, False, True, False]
    assert [outcome.text for outcome in outcomes if not outcome.ok] == [
        "有需要先弄清楚的疑点，请单独处理",
        "没有找到这份申请",
        "不在花名册里，请单独处理",
        "管理city_a 10:00 已通过",
    ]
    assert figures(session, world.college_c) == {"people": 3, "member": 3, "approved": 3, "filled": 5, "pending": 2}
    assert decide(viewer_of("school_s"), [stopped])[0].ok, "one by one, a flag is only a hint"


def test_a_number_with_a_file_elsewhere_is_not_approved(session, waiting, viewer_of, decide):
    number = make.id_number()
    decide(viewer_of("province"), [waiting("branch_t1", number=number)])
    [outcome] = decide(viewer_of("school_s"), [waiting(number=number)])
    assert (outcome.ok, outcome.text) == (False, "这个证件号在别处已有档案，要先由上级处理归属")
    assert number_of(session, Person) == 1


def test_two_of_one_batch_with_one_number_make_one_file(session, waiting, viewer_of, decide):
    number = make.id_number()
    outcomes = decide(viewer_of("school_s"), [waiting(number=number), waiting("branch_b2", number=number)])
    assert sorted(outcome.ok for outcome in outcomes) == [False, True]
    assert number_of(session, Person) == 1


def test_a_member_is_not_approved_into_a_committee(waiting, viewer_of, decide):
    [outcome] = decide(viewer_of("school_s"), [waiting("school_s")])
    assert outcome.text == "团员要编在一个团支部里，请先为他安排团支部"


def test_rights_that_ended_a_moment_ago_decide_nothing(world, session, waiting, viewer_of, decide, work):
    row, viewer = waiting(), viewer_of("secretary_b1")
    end_appointment(session, viewer, work.now)
    [outcome] = decide(viewer, [row])
    assert (outcome.ok, outcome.text) == (False, "没有找到这份申请")


def end_appointment(session, viewer, at):
    held = session.get(Appointment, viewer.posts[0].appointment_id)
    held.ended_at, held.end_reason = at, "任期结束"
    session.commit()


@pytest.mark.parametrize(
    ("verdict", "fields"), [(APPROVE, []), (REJECT, []), (RETURN, ["name"])], ids=["approve", "reject", "return"]
)
def test_an_undone_decision_leaves_no_trace_but_the_audit(
    verdict, fields, world, session, waiting, viewer_of, decide, undo, work, later
):
    row = waiting()
    before = figures(session, world.province)
    [outcome] = decide(viewer_of("secretary_b1"), [row], verdict, "说明", fields)
    later(seconds=29)
    assert undo(viewer_of("secretary_b1"), outcome.decision).ok
    later(days=1)
    session.refresh(row)
    assert (row.state, row.person_id, row.decided_by_id) == (RequestState.SUBMITTED, None, None)
    assert figures(session, world.province) == before
    assert number_of(session, Person) == 0
    assert inbox(work, row.account_id) == [], "its message was never sent"
    assert number_of(session, AuditEntry, AuditEntry.action == "joining:decision:undo") == 1
    assert decide(viewer_of("secretary_b1"), [row])[0].ok, "and it can be decided anew"


def test_undo_has_its_time(waiting, viewer_of, decide, undo, later):
    [outcome] = decide(viewer_of("secretary_b1"), [waiting()])
    later(seconds=31)
    with pytest.raises(Refused):
        undo(viewer_of("secretary_b1"), outcome.decision)


def test_a_message_that_has_left_cannot_be_undone(waiting, viewer_of, decide, undo, later, work):
    [outcome] = decide(viewer_of("secretary_b1"), [waiting()])
    later(seconds=30)
    deliver_due(work)
    with pytest.raises(Refused, match="通知已经发出"):
        undo(viewer_of("secretary_b1"), outcome.decision)


def test_only_ones_own_decision_is_undone(waiting, viewer_of, decide, undo):
    [outcome] = decide(viewer_of("secretary_b1"), [waiting()])
    for other in ("college_c", "province", "secretary_t1"):
        with pytest.raises(NotFound):
            undo(viewer_of(other), outcome.decision)


def test_undo_twice_is_a_conflict(waiting, viewer_of, decide, undo):
    [outcome] = decide(viewer_of("secretary_b1"), [waiting()])
    undo(viewer_of("secretary_b1"), outcome.decision)
    with pytest.raises(Conflict):
        undo(viewer_of("secretary_b1"), outcome.decision)


def test_undo_is_refused_after_a_demotion(session, waiting, viewer_of, decide, undo, work):
    viewer = viewer_of("secretary_b1")
    [outcome] = decide(viewer, [waiting()])
    end_appointment(session, viewer, work.now)
    with pytest.raises(NotFound):
        undo(viewer, outcome.decision)
    assert number_of(session, Person) == 1


def test_undo_is_refused_after_a_move_to_another_branch(world, session, waiting, viewer_of, decide, undo, work):
    viewer = viewer_of("secretary_b1")
    [outcome] = decide(viewer, [waiting()])
    end_appointment(session, viewer, work.now)
    make.appoint(session, world.people["secretary_b1"], world.branch_t1, Role.BRANCH_SECRETARY)
    session.commit()
    with pytest.raises(NotFound):
        undo(viewer, outcome.decision)


def test_undo_is_refused_when_somebody_built_on_it(session, waiting, viewer_of, decide, undo):
    row = waiting()
    [outcome] = decide(viewer_of("secretary_b1"), [row], RETURN, "请改", ["name"])
    session.refresh(row)
    row.state, row.round = RequestState.SUBMITTED, 2
    session.commit()
    with pytest.raises(Conflict):
        undo(viewer_of("secretary_b1"), outcome.decision)


def test_a_rejection_is_not_undone_over_a_new_application(world, session, vault, waiting, viewer_of, decide, undo):
    row = waiting()
    [outcome] = decide(viewer_of("secretary_b1"), [row], REJECT, "重复")
    waiting("branch_b2", who=session.get(type(world.people["youth"]), row.account_id))
    with pytest.raises(Conflict, match="另交了一份"):
        undo(viewer_of("secretary_b1"), outcome.decision)
    session.rollback()
    assert session.get(JoinRequest, row.id).state is RequestState.REJECTED


def test_a_rejected_application_is_reopened_with_a_reason(world, session, waiting, viewer_of, decide, work, later):
    row = waiting()
    decide(viewer_of("secretary_b1"), [row], REJECT, "不认识")
    later(days=2)
    session.refresh(row)
    with pytest.raises(Invalid), writing(session):
        reopening.reopen(work, viewer_of("college_c"), row.public_id, row.version, reason=" ")
    with writing(session):
        reopening.reopen(work, viewer_of("college_c"), row.public_id, row.version, reason="核实过了，是本班同学")
    session.refresh(row)
    assert (row.state, row.round) == (RequestState.SUBMITTED, 2)
    assert figures(session, world.branch_b1) == {"pending": 1, "filled": 1}
    assert inbox(work, row.account_id) == ["入档申请没有通过", "您的申请重新进入审核"]
    assert decide(viewer_of("secretary_b1"), [row])[0].ok


def test_what_was_approved_is_not_reopened(waiting, viewer_of, decide, work, session):
    row = waiting()
    decide(viewer_of("secretary_b1"), [row])
    session.refresh(row)
    with pytest.raises(Conflict), writing(session):
        reopening.reopen(work, viewer_of("secretary_b1"), row.public_id, row.version, reason="看错了")


def test_undo_waits_for_nobody_longer_than_its_setting(waiting, viewer_of, decide, session, work):
    decide(viewer_of("secretary_b1"), [waiting()])
    decision = session.scalars(select(Decision)).one()
    assert decision.undo_until - decision.decided_at == timedelta(seconds=work.settings.undo_seconds)


@pytest.mark.parametrize(("verdict", "reason"), [(APPROVE, ""), (REJECT, "请核对"), (RETURN, "请核对")])
def test_a_decision_stands_up_to_verification(verdict, reason, session, work, waiting, viewer_of, decide):
    know_all()
    who = viewer_of("school_s")
    work.actor = Actor.of(who)
    [outcome] = decide(who, [waiting()], verdict, reason, ["name"] if verdict is RETURN else ())
    assert outcome.ok
    session.rollback()
    assert not {answer.name for answer in ask_all(work) if answer.findings and answer.name.startswith("joining")}
