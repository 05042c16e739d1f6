"""One document number in two places is settled by those above both."""

import pytest
from sqlalchemy import select

from app.kernel.access.powers import Power
from app.kernel.audit.models import AuditEntry
from app.kernel.errors import Conflict, Invalid, NotFound, Refused
from app.league.joining import cases as joining_cases
from app.league.joining.decisions import undo
from app.league.joining.models import Decision, RequestState
from app.league.organisations import counters
from app.league.people import cases, history
from app.league.people.models import CaseKind, CaseState, FileState, IdentityCase, Membership, Person
from tests import factories as make
from tests.people.files import file_at

REASON = "电话核对了学籍，是同一个人"


@pytest.fixture
def opened(work, world):
    """Return a maker of cases: (case, file at T1, application at B1)."""

    def make_case(*, owner: str | None = None, where: str = "branch_b1", verified: bool = True):
        number = make.id_number()
        file = file_at(work, world.branch_t1, number=number, verified=verified)
        if owner:
            world.people[owner].person_id = file.id
            work.session.flush()
        request = make.join_request(
            work.session, work.vault, world.orgs[where], world.people["youth"], number=number, sex=file.sex,
            name=file.name,
        )  # fmt: skip
        joining_cases.settle(work, request, number)
        return work.session.scalars(select(IdentityCase)).one(), file, request

    return make_case


def decide(act, acting, case, who="province", reason=REASON, version=None):
    unit = acting(who)
    act(unit, unit.viewer, case, reason=reason, version=version or case.version)


def people_at(work, place):
    return counters.figures_of(work.session, [place.path])[place.path].get("people", 0)


def test_only_those_above_both_places_see_the_case(work, opened, viewer_of):
    case, *_ = opened()
    for who in ("city_a", "city_b", "school_s", "school_t", "secretary_b1", "secretary_t1", "enterprise_e"):
        scope = viewer_of(who).scope(Power.PEOPLE_CASES)
        assert cases.listed(scope, work.session) == []
        with pytest.raises(NotFound):
            cases.by_public_id(scope, work.session, case.public_id)
    [row] = cases.listed(viewer_of("province").scope(Power.PEOPLE_CASES), work.session)
    assert row.case is case


def test_both_sides_stand_side_by_side_with_numbers_masked(work, opened):
    case, _, request = opened()
    request.occupation = "教师"
    sides = {side.label: side for side in cases.side_by_side(work, case)}
    assert sides["职业或专业"].differs
    assert not sides["姓名"].differs
    assert "********" in sides["证件号码"].file


@pytest.mark.parametrize(("owner", "verified"), [(None, False), (None, True), ("other_youth", True)])
def test_moving_takes_the_file_over_with_everything_that_hangs_on_it(owner, verified, work, world, opened, acting):
    case, file, request = opened(owner=owner, verified=verified)
    decide(cases.move, acting, case)
    work.session.expire_all()
    assert (file.org_path, file.state, file.verified) == (world.branch_b1.path, FileState.ACTIVE, True)
    assert world.people["youth"].person_id == file.id
    if owner:
        assert world.people[owner].person_id is None
    assert (request.state, request.person_id) == (RequestState.APPROVED, file.id)
    assert (case.state, case.decided_by_id) == (CaseState.MOVED, world.people["province"].id)
    assert (people_at(work, world.city_a), people_at(work, world.city_b), people_at(work, world.province)) == (1, 0, 1)
    ended, live = work.session.scalars(select(Membership).order_by(Membership.id)).all()
    assert (ended.organisation_id, ended.until_on) == (world.branch_t1.id, make.TODAY)
    assert (live.organisation_id, live.until_on) == (world.branch_b1.id, None)
    assert {"organisation_id", "state"} <= {row.field for row in history.changes_of(work.session, file.id)}
    actions = set(work.session.scalars(select(AuditEntry.action).where(AuditEntry.subject_person_id == file.id)))
    assert {"people:case:move", "people:file:claim", "joining:request:approve"} <= actions


def test_the_approval_of_a_moved_case_can_be_undone_like_any_other(work, world, opened, acting):
    case, file, _ = opened()
    decide(cases.move, acting, case)
    unit = acting("province")
    undo(unit, unit.viewer, work.session.scalars(select(Decision)).one().public_id)
    work.session.expire_all()
    assert (file.state, file.org_path) == (FileState.WAITING, world.branch_b1.path)
    assert world.people["youth"].person_id is None
    assert people_at(work, world.branch_b1) == 1


def test_keeping_leaves_the_file_and_ends_the_application(work, world, opened, acting):
    case, file, request = opened()
    before = history.present(work, file)
    decide(cases.keep, acting, case)
    work.session.expire_all()
    assert history.present(work, file) == before
    assert (request.state, request.reason) == (RequestState.REJECTED, cases.KEPT_WORDS)
    assert case.state is CaseState.KEPT
    assert REASON not in request.reason
    assert world.school_t.name not in request.reason


def test_a_different_person_is_asked_for_the_number_again(work, opened, acting):
    case, _, request = opened()
    decide(cases.distinct, acting, case)
    work.session.expire_all()
    assert (request.state, request.returned_fields) == (RequestState.RETURNED, ["id_number"])
    assert case.state is CaseState.DISTINCT


def test_a_decision_needs_its_ground_and_happens_once(work, opened, acting):
    case, *_ = opened()
    with pytest.raises(Invalid):
        decide(cases.keep, acting, case, reason=" ")
    seen = case.version
    decide(cases.keep, acting, case)
    with pytest.raises(Conflict) as caught:
        decide(cases.move, acting, case, version=seen)
    assert caught.value.by == "管理province"


def test_a_returned_application_is_waited_for(work, opened, acting):
    case, _, request = opened()
    request.state, request.decided_by_id = RequestState.RETURNED, request.account_id
    work.session.flush()
    with pytest.raises(Refused):
        decide(cases.move, acting, case)


def test_a_member_is_not_moved_into_a_committee(opened, acting):
    case, *_ = opened(where="school_s")
    with pytest.raises(Refused):
        decide(cases.move, acting, case)


def test_a_file_with_an_owner_is_a_transfer_and_one_without_a_claim(work, world, opened):
    case, *_ = opened(owner="other_youth")
    assert case.kind is CaseKind.TRANSFER
    assert work.session.get_one(Person, case.person_id).org_path == world.branch_t1.path
