"""Moving, merging and closing: everything that hangs on the tree goes along, and the numbers stay true."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import String, select

from app import tables
from app.kernel.access.rules import Role
from app.kernel.access.viewer import Viewer
from app.kernel.audit.models import AuditEntry
from app.kernel.errors import Conflict, Invalid, NotFound, Problem
from app.kernel.outbox.models import OutboxMessage
from app.kernel.work import Actor
from app.league.accounts.models import Account
from app.league.appointments import operations as appointments
from app.league.appointments import queries as posts
from app.league.appointments.models import Appointment
from app.league.joining.cases import common_ancestor
from app.league.joining.models import JoinRequest, RequestState
from app.league.organisations import closing, consequences, counters, operations, paths, reshaping
from app.league.organisations.models import Kind, Organisation, OrganisationStatus
from app.league.people.models import CaseKind, Correction, IdentityCase, Membership, Person, PersonChange
from tests import factories as make
from tests.organisations.truth import faults, person, verified


def viewing(work, account: Account) -> Viewer:
    live = posts.live_posts(work.session, account.id, work.today)
    viewer = Viewer(account.id, account.public_id, account.name, posts=live, acting=live[0] if live else None)
    work.actor = Actor.of(viewer)
    return viewer


@pytest.fixture
def filled(work, world, vault):
    """The small league with files and applications."""
    for branch, files in (("branch_b1", 3), ("branch_b2", 2), ("branch_b3", 1), ("branch_t1", 2), ("branch_e1", 1)):
        for _ in range(files):
            person(work.session, vault, world.orgs[branch])
        make.join_request(work.session, vault, world.orgs[branch])
        operations.refresh_in_use(work, world.orgs[branch].path)
    work.session.commit()
    assert faults(work.session) == []
    return world


def figures(work, organisation):
    return counters.figures_of(work.session, [organisation.path])[organisation.path]


def test_a_moved_college_takes_files_requests_and_numbers_along(work, filled):
    province = viewing(work, filled.people["province"])
    college, school = filled.college_c, filled.school_t
    rows = reshaping.move(work, province, college, school, version=1)
    assert rows >= 3 + 5 + 2
    assert college.parent_id == school.id
    assert college.path.startswith(school.path)
    assert figures(work, school)["people"] == 7
    assert figures(work, filled.school_s)["people"] == 1
    assert figures(work, filled.city_a).get("people") == 1
    assert filled.branch_b1.full_name == "乙市职业学校 · 会计学院 · 会计20184班"
    assert faults(work.session) == []


def test_a_school_that_moves_between_levels_keeps_its_numbers(work, filled):
    """Rows are sums from depth two down, and what stands directly above it: a move may cross that line."""
    province = viewing(work, filled.people["province"])
    reshaping.move(work, province, filled.enterprise_e, filled.city_a, version=1)
    assert faults(work.session) == []
    assert figures(work, filled.city_a)["people"] == 7
    campus = operations.create(work, filled.province, Kind.UNIVERSITY, "演示大学团委")
    under = operations.create(work, filled.city_b, Kind.UNIVERSITY, "演示学院团委")
    branch = operations.create(work, under, Kind.BRANCH, "一班")
    person(work.session, work.vault, branch)
    operations.refresh_in_use(work, branch.path)
    reshaping.move(work, province, under, filled.province, version=under.version)
    assert faults(work.session) == []
    reshaping.move(work, province, under, campus, version=under.version)
    assert faults(work.session) == []


@pytest.mark.parametrize(
    ("what", "where", "who", "problem"),
    [
        ("branch_t1", "college_c", "school_s", NotFound),  # a neighbour's branch, drawn under oneself
        ("branch_b1", "school_t", "school_s", NotFound),  # one's own, pushed under a neighbour
        ("school_s", "city_b", "school_s", NotFound),  # oneself, out of the city's hands
        ("city_a", "city_b", "province", Invalid),
        ("school_s", "college_c", "province", Invalid),
        ("branch_b1", "college_c", "school_s", Invalid),
        ("branch_b1", "province", "province", Invalid),
        ("branch_b1", "school_t", "secretary_b1", NotFound),
    ],
)
def test_what_may_not_be_moved(work, world, what, where, who, problem):
    with pytest.raises(problem):
        reshaping.move(work, viewing(work, world.people[who]), world.orgs[what], world.orgs[where], version=1)


def test_a_move_of_what_changed_meanwhile_is_refused(work, world):
    province = viewing(work, world.people["province"])
    operations.rename(work, world.college_c, "会计与金融学院", version=1)
    with pytest.raises(Conflict):
        reshaping.move(work, province, world.college_c, world.school_t, version=1)


def test_an_overdue_request_and_an_identity_case_find_their_new_place(work, filled, vault):
    session = work.session
    request = session.scalars(select(JoinRequest).where(JoinRequest.organisation_id == filled.branch_b1.id)).one()
    request.attention_path = filled.city_a.path
    file = session.scalars(select(Person).where(Person.organisation_id == filled.branch_t1.id)).first()
    meeting = common_ancestor(request.org_path, file.org_path)
    case = IdentityCase(
        kind=CaseKind.CLAIM, person_id=file.id, request_id=request.id, org_path=meeting, opened_at=make.NOW
    )
    session.add(case)
    session.flush()
    assert case.org_path == filled.province.path
    reshaping.move(work, viewing(work, filled.people["province"]), filled.college_c, filled.school_t, version=1)
    session.expire_all()
    assert case.org_path == filled.school_t.path
    assert request.attention_path == filled.school_t.path


def test_every_copy_of_a_path_is_known_to_the_move():
    known = {*paths.COPIES, *paths.KEPT_AS_WRITTEN, Organisation.path}
    named = {f"{column.class_.__tablename__}.{column.key}" for column in known}
    like_a_path = {
        f"{table.name}.{column.name}"
        for table in tables.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, String) and (column.name == "path" or column.name.endswith("_path"))
    }
    assert like_a_path == named


def test_a_merger_takes_everything_over_and_tells_the_people(work, filled):
    session = work.session
    school = viewing(work, filled.people["school_s"])
    source, target = filled.branch_b1, filled.branch_b2
    reshaping.merge(work, school, source, target, version=1, target_version=1)
    assert (source.status, source.merged_into_id, source.in_use) == (OrganisationStatus.MERGED, target.id, False)
    assert figures(work, target) == {"people": 5, "member": 5, "pending": 2, "filled": 2}
    assert session.scalars(select(Person).where(Person.organisation_id == source.id)).all() == []
    moved = session.scalars(select(Membership).where(Membership.organisation_id == source.id)).all()
    assert {row.until_on for row in moved} == {make.TODAY}
    assert len(session.scalars(select(PersonChange)).all()) == 3
    about = session.scalars(select(AuditEntry).where(AuditEntry.action == "organisations:file:move")).all()
    assert len({entry.subject_person_id for entry in about}) == 3
    secretary = filled.people["secretary_b1"]
    live = posts.live_posts(session, secretary.id, make.TODAY)
    assert [(post.role, post.organisation_id) for post in live] == [(Role.BRANCH_SECRETARY, target.id)]
    assert "会计20184班" in target.aliases
    assert faults(session) == []


@pytest.mark.parametrize(
    ("source", "target", "who", "problem"),
    [
        ("branch_t1", "branch_b1", "school_s", NotFound),  # to own a neighbour's files
        ("branch_b1", "branch_t1", "school_s", NotFound),
        ("school_s", "school_t", "school_s", NotFound),
        ("branch_b1", "college_c", "school_s", Invalid),
        ("branch_b1", "branch_b1", "school_s", Invalid),
    ],
)
def test_what_may_not_be_merged(work, world, source, target, who, problem):
    viewer = viewing(work, world.people[who])
    with pytest.raises(problem):
        reshaping.merge(work, viewer, world.orgs[source], world.orgs[target], version=1, target_version=1)


def test_files_keep_an_organisation_from_being_closed(work, filled):
    with pytest.raises(Invalid, match="3 份档案"):
        closing.close(
            work, viewing(work, filled.people["school_s"]), filled.branch_b1, version=1, reason="毕业"
        )  # fmt: skip


def test_closing_gives_requests_back_ends_posts_and_closes_what_is_below(work, world, vault):
    session = work.session
    pending = make.join_request(session, vault, world.branch_b1)
    viewer = viewing(work, world.people["school_s"])
    closing.close(work, viewer, world.college_c, version=1, reason="专业调整")
    session.expire_all()
    assert {world.orgs[name].status for name in ("college_c", "branch_b1", "branch_b2")} == {OrganisationStatus.CLOSED}
    assert pending.state is RequestState.REJECTED
    assert "专业调整" in pending.reason
    ended = session.scalars(select(Appointment).where(Appointment.ended_at.is_not(None))).all()
    assert {row.account_id for row in ended} == {
        world.people[n].id for n in ("college_c", "delegate_c", "secretary_b1")
    }
    assert all(posts.live_posts(session, row.account_id, make.TODAY) == () for row in ended)
    assert faults(session) == []
    assert session.scalars(select(OutboxMessage).where(OutboxMessage.dedupe_key.contains(":vacant:"))).all() == []


def test_closing_can_pass_requests_and_children_on(work, world, vault):
    session = work.session
    here = make.join_request(session, vault, world.college_c)
    below = make.join_request(session, vault, world.branch_b1)
    viewer = viewing(work, world.people["school_s"])
    closing.close(
        work, viewer, world.college_c, version=1, reason="撤并", requests_to=world.branch_b3, children_to=world.school_s
    )
    session.expire_all()
    assert (here.state, here.organisation_id) == (RequestState.SUBMITTED, world.branch_b3.id)
    assert (below.state, below.organisation_id) == (RequestState.SUBMITTED, world.branch_b1.id)
    assert world.branch_b1.parent_id == world.school_s.id
    assert world.college_c.status is OrganisationStatus.CLOSED
    assert faults(session) == []


def test_the_preview_counts_what_the_change_will_touch(work, filled):
    seen = consequences.of(work, filled.school_s)
    assert (seen.organisations, seen.files, seen.pending, seen.appointments) == (4, 6, 3, 4)
    assert seen.seconds is None


KINDS = [Kind.SCHOOL, Kind.COLLEGE, Kind.GENERAL_BRANCH, Kind.BRANCH, Kind.ENTERPRISE, Kind.UNIVERSITY, Kind.SECTOR]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["create", "move", "move", "merge", "close", "file"]),
        st.integers(0, 99),
        st.integers(0, 99),
        st.sampled_from(KINDS),
    ),
    min_size=4,
    max_size=14,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_paths_and_counters_stay_true_whatever_is_done(work, filled, steps):
    """Random makings, moves, mergers and closings; what the rules refuse must leave no trace either."""
    session = work.session
    viewer = viewing(work, filled.people["province"])
    for act, one, other, kind in steps:
        rows = session.scalars(
            select(Organisation).where(Organisation.status == OrganisationStatus.OPEN).order_by(Organisation.id)
        ).all()
        first, second = rows[one % len(rows)], rows[other % len(rows)]
        try:
            with session.begin_nested():
                _do(work, viewer, act, first, second, kind)
        except Problem:
            session.expire_all()
    assert faults(session) == []
    session.rollback()


def _do(work, viewer, act, first, second, kind):
    if act == "create":
        operations.create(work, first, kind, f"新组织{make.serial()}")
    elif act == "move":
        reshaping.move(work, viewer, first, second, version=first.version)
    elif act == "merge":
        reshaping.merge(
            work, viewer, first, second, version=first.version, target_version=second.version
        )  # fmt: skip
    elif act == "close":
        closing.close(work, viewer, first, version=first.version, reason="试验", requests_to=second)
    elif first.kind is Kind.BRANCH:
        person(work.session, work.vault, first)
        operations.refresh_in_use(work, first.path)


def test_a_long_walk_leaves_nothing_for_verify_to_find(work, filled, vault):
    """Everything that hangs on the tree at once: posts given from above, corrections, rosters, applications."""
    session = work.session
    city = viewing(work, filled.people["city_a"])
    for name, where, role in (
        ("youth", "branch_b2", Role.BRANCH_SECRETARY),
        ("other_youth", "college_c", Role.DELEGATE),
    ):
        appointments.appoint(
            work, city, filled.people[name], filled.orgs[where], role, starts_on=make.TODAY,
            ends_on=make.TODAY.replace(year=2027),
        )  # fmt: skip
    file = session.scalars(select(Person).where(Person.organisation_id == filled.branch_b1.id)).first()
    session.add(
        Correction(
            person_id=file.id, org_path=file.org_path, field="native_place", new="山西朔州", reason="写错了",
            asked_by_id=filled.people["youth"].id, asked_at=make.NOW,
        )
    )  # fmt: skip
    before = set(verified(work))
    viewer = viewing(work, filled.people["province"])
    reshaping.move(work, viewer, filled.college_c, filled.school_t, version=1)
    assert set(verified(work)) == before
    reshaping.merge(work, viewer, filled.branch_b1, filled.branch_b2, version=1, target_version=1)
    assert set(verified(work)) == before
    reshaping.merge(
        work, viewer, filled.branch_b2, filled.branch_t1, version=filled.branch_b2.version, target_version=1
    )
    assert set(verified(work)) == before
    closing.close(work, viewer, filled.college_c, version=filled.college_c.version, reason="撤并")
    assert set(verified(work)) == before
