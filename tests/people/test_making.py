"""A file is made from an approved application, or claimed when it was imported before; and either is taken back."""

from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kernel.audit.models import AuditEntry
from app.kernel.errors import Conflict, Refused
from app.kernel.work import Work
from app.league.accounts.models import Account
from app.league.organisations import counters
from app.league.organisations.models import Organisation
from app.league.people import history, operations
from app.league.people.models import Correction, FileState, Membership, Person, PersonChange, Standing
from app.league.people.protect import open_id_number, open_phone
from tests import factories as make
from tests.people.files import file_at
from tests.world import World


def figures(session: Session, place: Organisation) -> dict[str, int]:
    kept = counters.figures_of(session, [place.path])[place.path]
    return {name: kept.get(name, 0) for name in ("people", "member")}


def test_an_approved_member_gets_a_file_a_membership_and_an_owner(work: Work, world: World) -> None:
    youth = world.people["youth"]
    request = make.join_request(work.session, work.vault, world.branch_b1, youth)
    file = operations.create_file(work, request, world.branch_b1)
    assert (file.state, file.verified, file.org_path) == (FileState.ACTIVE, True, world.branch_b1.path)
    assert open_id_number(work.vault, file) == open_id_number(work.vault, request)
    assert youth.person_id == file.id
    membership = work.session.scalars(select(Membership)).one()
    assert (membership.person_id, membership.organisation_id, membership.until_on) == (
        file.id, world.branch_b1.id, None,
    )  # fmt: skip
    for place in (world.branch_b1, world.school_s, world.city_a, world.province):
        assert figures(work.session, place) == {"people": 1, "member": 1}
    assert figures(work.session, world.city_b)["people"] == 0
    assert work.session.get(Organisation, world.branch_b1.id).in_use
    assert [change.cause for change in history.changes_of(work.session, file.id)] == ["created"]
    entry = work.session.scalars(select(AuditEntry).where(AuditEntry.action == "people:file:create")).one()
    assert entry.subject_person_id == file.id


def test_ordinary_youth_get_a_file_without_membership(work: Work, world: World) -> None:
    request = make.join_request(work.session, work.vault, world.branch_b1, standing=Standing.ELIGIBLE_YOUTH)
    operations.create_file(work, request, world.branch_b1)
    assert work.session.scalars(select(Membership)).all() == []


def test_an_account_has_one_file_at_most(work: Work, world: World) -> None:
    youth = world.people["youth"]
    youth.person_id = file_at(work, world.branch_b2).id
    request = make.join_request(work.session, work.vault, world.branch_b1, youth)
    with pytest.raises(Refused):
        operations.create_file(work, request, world.branch_b1)


def test_taking_a_made_file_back_leaves_nothing_of_it_but_the_audit(work: Work, world: World) -> None:
    youth = world.people["youth"]
    request = make.join_request(work.session, work.vault, world.branch_b1, youth)
    file = operations.create_file(work, request, world.branch_b1)
    old_id = file.id
    operations.unmake_file(work, file, request)
    assert youth.person_id is None
    for table in (Person, Membership, PersonChange):
        assert work.session.scalar(select(func.count()).select_from(table)) == 0
    assert figures(work.session, world.province) == {"people": 0, "member": 0}
    again = operations.create_file(work, request, world.branch_b1)
    assert again.id != old_id, "the audit of the first would be shown to the second"


def test_a_file_that_was_changed_since_is_not_taken_back(work: Work, world: World) -> None:
    request = make.join_request(work.session, work.vault, world.branch_b1)
    file = operations.create_file(work, request, world.branch_b1)
    history.note(work, file, {"occupation": ("", "会计")}, "edit")
    with pytest.raises(Conflict):
        operations.unmake_file(work, file, request)


def claiming(work: Work, world: World):
    number = make.id_number()
    file = file_at(
        work, world.branch_b1, "王小明", verified=False, number=number, occupation="学生",
        joined_league_on=date(2019, 5, 4),
    )  # fmt: skip
    phone = make.phone()
    request = make.join_request(
        work.session, work.vault, world.branch_b1, world.people["youth"], number=number, name="王晓明",
        occupation="会计", joined_league_on=date(2020, 5, 4), sex=file.sex,
    )  # fmt: skip
    request.phone_sealed, request.phone_index = work.vault.seal("phone", phone), work.vault.index("phone", phone)
    return file, request, phone


def test_claiming_takes_what_the_owner_may_change_and_asks_about_the_rest(work: Work, world: World) -> None:
    file, request, phone = claiming(work, world)
    before = figures(work.session, world.branch_b1)
    operations.claim_file(work, file, request)
    assert (file.state, file.verified) == (FileState.ACTIVE, True)
    assert (file.occupation, open_phone(work.vault, file)) == ("会计", phone)
    assert (file.name, file.joined_league_on) == ("王小明", date(2019, 5, 4))
    asked = {row.field: (row.old, row.new) for row in work.session.scalars(select(Correction))}
    assert asked == {"name": ("王小明", "王晓明"), "joined_league_on": ("2019-05-04", "2020-05-04")}
    assert work.session.get_one(Account, request.account_id).person_id == file.id
    assert figures(work.session, world.branch_b1) == before
    changed = {row.field for row in history.changes_of(work.session, file.id)}
    assert {"state", "occupation", "phone"} <= changed
    with pytest.raises(Conflict):
        operations.claim_file(work, file, request)


def test_taking_a_claim_back_leaves_the_file_as_it_waited(work: Work, world: World) -> None:
    file, request, _ = claiming(work, world)
    before = history.present(work, file)
    operations.claim_file(work, file, request)
    operations.unmake_file(work, file, request)
    work.session.expire_all()
    assert history.present(work, file) == before
    assert (file.state, file.verified) == (FileState.WAITING, False)
    assert world.people["youth"].person_id is None
    assert {row.state for row in work.session.scalars(select(Correction))} == {"withdrawn"}
    assert operations.files_with_id_number(work, open_id_number(work.vault, request)) == [file]
