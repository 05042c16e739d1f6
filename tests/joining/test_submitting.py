"""Handing in, taking back, correcting: one open application each, counted, recorded, told."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.extensions import db
from app.kernel.audit.models import AuditEntry
from app.kernel.db.unit import writing
from app.kernel.errors import Conflict, Invalid, Refused, TooMany
from app.kernel.outbox.models import OutboxMessage
from app.kernel.work import Actor, Work
from app.league.accounts.models import Account, Consent, ConsentState
from app.league.joining import operations
from app.league.joining.intake import Intake
from app.league.joining.models import JoinRequest, RequestState, RosterEntry
from app.league.organisations import counters
from app.league.organisations.models import Organisation, OrganisationStatus
from app.league.people.models import CaseKind, CaseState, Door, FileState, IdentityCase, Person, Standing
from app.league.people.protect import open_id_number, seal_file_fields
from tests import factories as make
from tests.joining.applications import facts, submit, typed, youth
from tests.world import World


def returned(work: Work, request: JoinRequest, *fields: str) -> JoinRequest:
    """The application as a reviewer sends it back."""
    reviewer = work.session.scalars(select(Account).where(Account.name == "管理secretary_b1")).one()
    request.state, request.returned_fields, request.reason = RequestState.RETURNED, list(fields), "请核对"
    request.decided_at, request.decided_by_id = work.now, reviewer.id
    counters.move(work.session, request.org_path, {"pending": -1})
    work.session.flush()
    return request


def file_of(work: Work, organisation: Organisation, number: str, **values: object) -> Person:
    """A file with that ID number at ``organisation``."""
    columns = facts(id_number=number).columns()
    del columns["statement"]
    row = Person(
        **columns,
        **seal_file_fields(work.vault, number, ""),
        organisation_id=organisation.id,
        org_path=organisation.path,
        door=Door.IMPORT,
        created_at=work.now,
        **values,
    )
    work.session.add(row)
    work.session.flush()
    return row


def figures(work: Work, organisation: Organisation) -> dict[str, int]:
    """The organisation's counters."""
    return counters.figures_of(work.session, [organisation.path])[organisation.path]


def test_an_application_is_kept_counted_recorded_and_told(work: Work, world: World) -> None:
    number = make.id_number()
    request = submit(work, world.people["youth"], world.branch_b1, id_number=number)

    assert (request.state, request.round, request.standing) == (RequestState.SUBMITTED, 1, Standing.MEMBER)
    assert number not in request.id_number_sealed
    assert open_id_number(work.vault, request) == number
    assert figures(work, world.branch_b1) == {"pending": 1, "filled": 1}
    assert figures(work, world.province) == {"pending": 1, "filled": 1}
    entry = work.session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.object_id, entry.org_path) == (
        "joining:request:submit",
        request.public_id,
        world.branch_b1.path,
    )
    assert work.session.scalars(select(OutboxMessage.available_at)).one() == work.now


def test_the_reference_is_short_and_has_no_look_alikes(work: Work, world: World) -> None:
    reference = submit(work, world.people["youth"], world.branch_b1).reference
    assert len(reference) == 9
    assert not set(reference) & set("01ILOU")


def test_a_second_application_meets_the_first(work: Work, world: World) -> None:
    submit(work, world.people["youth"], world.branch_b1)
    with pytest.raises(Conflict, match="已有一份申请"):
        submit(work, world.people["youth"], world.branch_b2)


def test_twenty_at_once_make_one_application(app: Flask, world: World, session: Session) -> None:
    account_id, branch_id, form = world.people["youth"].id, world.branch_b1.id, typed()
    session.rollback()

    def hand_in(_turn: int) -> bool:
        with app.app_context():
            here = db.session()
            work = Work(here, make.NOW, Actor("web"), app.extensions["house"].vault, app.extensions["house"].settings)
            try:
                with writing(here):
                    operations.submit(
                        work,
                        here.get_one(Account, account_id),
                        here.get_one(Organisation, branch_id),
                        Intake.read(form, make.TODAY),
                        door=Door.PC,
                    )
            except Conflict:
                return False
            finally:
                db.session.remove()
            return True

    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(hand_in, range(20)))

    assert outcomes.count(True) == 1
    assert session.scalar(select(func.count()).select_from(JoinRequest)) == 1
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == 1
    assert counters.figures_of(session, [world.branch_b1.path])[world.branch_b1.path] == {"pending": 1, "filled": 1}


def test_who_has_a_file_applies_no_more(work: Work, world: World) -> None:
    account = world.people["youth"]
    account.person_id = file_of(work, world.branch_b1, make.id_number()).id
    with pytest.raises(Refused, match="已有电子档案"):
        submit(work, account, world.branch_b1)


@pytest.mark.parametrize("key", ["province", "city_a"])
def test_a_committee_far_above_takes_no_application(work: Work, world: World, key: str) -> None:
    with pytest.raises(Refused):
        submit(work, world.people["youth"], world.orgs[key], statement="会计 3 班")


def test_a_closed_branch_takes_no_application(work: Work, world: World) -> None:
    world.branch_b1.status = OrganisationStatus.CLOSED
    with pytest.raises(Refused):
        submit(work, world.people["youth"], world.branch_b1)


def test_a_member_without_a_branch_says_a_word_to_the_school(work: Work, world: World) -> None:
    with pytest.raises(Invalid) as problem:
        submit(work, world.people["youth"], world.school_s)
    assert set(problem.value.errors) == {"statement"}
    request = submit(work, world.people["youth"], world.school_s, statement="会计学院 20184 班")
    assert [f["code"] for f in request.flags] == ["F05"]


def test_who_has_no_branch_is_given_one(work: Work, world: World) -> None:
    request = submit(work, world.people["youth"], world.school_s, statement="会计学院 20184 班")
    with pytest.raises(Refused):
        operations.place(work, request, world.branch_t1)
    operations.place(work, request, world.branch_b1)
    assert (request.org_path, request.attention_path) == (world.branch_b1.path, world.branch_b1.path)
    assert (request.flags, request.version) == ([], 2)
    assert figures(work, world.branch_b1) == {"pending": 1, "filled": 1}
    assert figures(work, world.school_s) == {"pending": 1, "filled": 1}


def test_the_sixth_number_of_a_day_is_refused(work: Work, world: World) -> None:
    account = world.people["youth"]
    for _turn in range(5):
        operations.withdraw(work, submit(work, account, world.branch_b1))
    with pytest.raises(TooMany):
        submit(work, account, world.branch_b1)


def test_the_same_number_again_is_no_new_number(work: Work, world: World) -> None:
    account, number = world.people["youth"], make.id_number()
    for _turn in range(7):
        request = submit(work, account, world.branch_b1, id_number=number)
        operations.withdraw(work, request)
    assert request.state is RequestState.WITHDRAWN, "the seventh got as far as the first"


def test_a_child_needs_the_guardian_whatever_was_said_at_registration(work: Work, world: World) -> None:
    account, child = world.people["youth"], make.id_number(date(2012, 4, 23))
    form = youth(id_number=child, political_status="13")
    with pytest.raises(Invalid) as problem:
        operations.submit(work, account, world.branch_b1, Intake.read(form, make.TODAY), door=Door.PC)
    assert set(problem.value.errors) == {"id_number"}
    work.session.add(
        Consent(account_id=account.id, purpose="guardian", text_version="1", text_hash="", asked_at=work.now,
                state=ConsentState.GIVEN)
    )  # fmt: skip
    work.session.flush()
    assert operations.submit(work, account, world.branch_b1, Intake.read(form, make.TODAY), door=Door.PC).id


def test_the_roster_line_of_the_name_is_taken_once(work: Work, world: World) -> None:
    for _twin in range(2):
        work.session.add(
            RosterEntry(organisation_id=world.branch_b1.id, name="李小明", name_key="李小明", created_at=work.now)
        )
    work.session.flush()
    one = submit(work, world.people["youth"], world.branch_b1)
    two = submit(work, world.people["other_youth"], world.branch_b1)
    assert one.roster_entry_id
    assert two.roster_entry_id
    assert one.roster_entry_id != two.roster_entry_id


def test_what_is_taken_back_counts_no_more(work: Work, world: World) -> None:
    request = submit(work, world.people["youth"], world.branch_b1)
    operations.withdraw(work, request)
    assert request.state is RequestState.WITHDRAWN
    assert figures(work, world.branch_b1) == {"pending": 0, "filled": 0}
    with pytest.raises(Conflict):
        operations.withdraw(work, request)


def test_after_taking_back_one_applies_again(work: Work, world: World) -> None:
    operations.withdraw(work, submit(work, world.people["youth"], world.branch_b1))
    assert submit(work, world.people["youth"], world.branch_b2).state is RequestState.SUBMITTED


class TestCorrecting:
    """Only what was returned changes (T35)."""

    def test_the_returned_field_changes(self, work: Work, world: World) -> None:
        request = returned(work, submit(work, world.people["youth"], world.branch_b1), "native_place")
        operations.resubmit(work, request, {"native_place": "山西省大同市浑源县"})
        assert request.native_place == "山西省大同市浑源县"
        assert (request.state, request.round, request.returned_fields) == (RequestState.SUBMITTED, 2, None)
        assert figures(work, world.branch_b1) == {"pending": 1, "filled": 1}

    def test_nothing_else_changes(self, work: Work, world: World) -> None:
        request = returned(work, submit(work, world.people["youth"], world.branch_b1), "native_place")
        kept = ("name", "ethnicity", "id_number_index", "phone_index", "joined_league_on", "org_path", "standing")
        before = {name: getattr(request, name) for name in kept}
        extra = {"name": "王五", "ethnicity": "05", "id_number": make.id_number(), "phone": make.phone(),
                 "joined_league_on": "2022-01-01", "org_path": "x", "standing": "over_age_youth", "state": "approved",
                 "organisation_id": 1, "political_status": "13", "member": "no",
                 "forgotten": ["joined_league_on"]}  # fmt: skip
        operations.resubmit(work, request, {"native_place": "大同", **extra})
        assert {name: getattr(request, name) for name in kept} == before

    def test_a_new_number_brings_birth_date_and_sex_along(self, work: Work, world: World) -> None:
        request = returned(work, submit(work, world.people["youth"], world.branch_b1), "id_number")
        operations.resubmit(work, request, {"id_number": make.id_number(date(2005, 1, 2), male=False)})
        assert (request.birth_date, request.sex) == (date(2005, 1, 2), "2")

    def test_the_audit_says_what_changed_with_the_number_masked(self, work: Work, world: World) -> None:
        request = returned(work, submit(work, world.people["youth"], world.branch_b1), "id_number", "native_place")
        number = make.id_number(date(2006, 5, 17))
        operations.resubmit(work, request, {"id_number": number, "native_place": "大同"})
        entry = work.session.scalars(select(AuditEntry).where(AuditEntry.action == "joining:request:resubmit")).one()
        assert set(entry.changes or {}) >= {"id_number", "native_place"}
        assert number not in str(entry.changes)

    def test_errors_leave_it_returned(self, work: Work, world: World) -> None:
        request = returned(work, submit(work, world.people["youth"], world.branch_b1), "id_number")
        with pytest.raises(Invalid):
            operations.resubmit(work, request, {"id_number": "149999200605170000"})
        assert request.state is RequestState.RETURNED

    def test_only_what_was_returned_can_be_corrected(self, work: Work, world: World) -> None:
        request = submit(work, world.people["youth"], world.branch_b1)
        with pytest.raises(Conflict):
            operations.resubmit(work, request, {})

    @pytest.mark.parametrize(("days", "state"), [(30, RequestState.RETURNED), (31, RequestState.LAPSED)])
    def test_what_nobody_corrects_lapses(
        self, work: Work, world: World, clock: object, days: int, state: RequestState
    ) -> None:
        request = returned(work, submit(work, world.people["youth"], world.branch_b1), "name")
        work.session.commit()
        work.now = make.NOW.replace(month=5, day=22) if days == 30 else make.NOW.replace(month=5, day=23)
        operations.lapse_overdue(work)
        assert request.state is state
        assert figures(work, world.branch_b1)["filled"] == (1 if state is RequestState.RETURNED else 0)


class TestTheSameNumberOnAFile:
    """A case for the common ancestor; nothing for the applicant."""

    def test_an_owned_file_elsewhere_asks_for_a_transfer(self, work: Work, world: World) -> None:
        number = make.id_number()
        file = file_of(work, world.branch_t1, number)
        world.people["other_youth"].person_id = file.id
        request = submit(work, world.people["youth"], world.branch_b1, id_number=number)
        case = work.session.scalars(select(IdentityCase)).one()
        assert (case.kind, case.person_id, case.org_path) == (CaseKind.TRANSFER, file.id, world.province.path)
        assert world.school_t.name not in str(request.flags)

    def test_a_file_nobody_owns_asks_for_a_claim(self, work: Work, world: World) -> None:
        number = make.id_number()
        file_of(work, world.branch_b2, number, state=FileState.WAITING)
        submit(work, world.people["youth"], world.branch_b1, id_number=number)
        case = work.session.scalars(select(IdentityCase)).one()
        assert (case.kind, case.org_path) == (CaseKind.CLAIM, world.college_c.path)

    def test_a_file_waiting_in_the_branch_needs_no_case(self, work: Work, world: World) -> None:
        number = make.id_number()
        file_of(work, world.branch_b1, number, state=FileState.WAITING)
        submit(work, world.people["youth"], world.branch_b1, id_number=number)
        assert work.session.scalars(select(IdentityCase)).all() == []

    def test_taking_the_application_back_ends_the_case(self, work: Work, world: World) -> None:
        number = make.id_number()
        file_of(work, world.branch_t1, number)
        operations.withdraw(work, submit(work, world.people["youth"], world.branch_b1, id_number=number))
        assert work.session.scalars(select(IdentityCase)).one().state is CaseState.CANCELLED

    def test_correcting_the_number_ends_the_case(self, work: Work, world: World) -> None:
        number = make.id_number()
        file_of(work, world.branch_t1, number)
        request = submit(work, world.people["youth"], world.branch_b1, id_number=number)
        operations.resubmit(work, returned(work, request, "id_number"), {"id_number": make.id_number()})
        assert work.session.scalars(select(IdentityCase)).one().state is CaseState.CANCELLED
