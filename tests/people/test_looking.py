"""Who looks at a file is on record, and its owner sees it."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from app.kernel.access.viewer import Viewer
from app.kernel.audit.models import AuditEntry
from app.kernel.audit.record import record
from app.kernel.db.unit import writing
from app.kernel.errors import Invalid, NotFound, TooMany
from app.kernel.limits import LIMITS
from app.kernel.work import Actor
from app.league.people import copies, looks
from app.parts import know_all
from tests import factories as make
from tests.people.files import file_at


def entries(work, action):
    return work.session.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)).all()


def test_a_look_is_noted_once_an_hour_for_each_viewer(work, world, acting):
    file = file_at(work, world.branch_b1)
    mine, other = acting("school_s"), acting("secretary_b1")
    for unit in (mine, mine, other):
        looks.look(unit, file)
    assert len(entries(work, looks.LOOK)) == 2
    mine.now += timedelta(hours=1)
    looks.look(mine, file)
    assert len(entries(work, looks.LOOK)) == 3


def test_looking_at_ones_own_file_is_nobodys_business(work, world, acting):
    world.people["secretary_b1"].person_id = (file := file_at(work, world.branch_b1)).id
    looks.look(acting("secretary_b1"), file)
    assert entries(work, looks.LOOK) == []


def test_a_number_is_given_out_for_a_reason_that_is_on_record(work, world, acting):
    number = make.id_number()
    file = file_at(work, world.branch_b1, number=number)
    assert looks.reveal(acting("school_s"), file, "id_number", "check") == number
    [entry] = entries(work, "people:file:reveal")
    assert (entry.subject_person_id, entry.reason, entry.org_path) == (file.id, "核对身份", file.org_path)
    assert number not in str(entry.changes)


@pytest.mark.parametrize(
    ("reason", "words", "wrong"), [("", "", "reason"), ("because", "", "reason"), ("other", "看看", "words")]
)
def test_without_a_reason_no_number(reason, words, wrong, work, world, acting):
    file = file_at(work, world.branch_b1)
    with pytest.raises(Invalid) as caught:
        looks.reveal(acting("school_s"), file, "id_number", reason, words)
    assert set(caught.value.errors) == {wrong}
    assert entries(work, "people:file:reveal") == []


def test_only_protected_fields_are_revealed(work, world, acting):
    file = file_at(work, world.branch_b1)
    for name in ("name", "org_path", "version", "nothing"):
        with pytest.raises(NotFound):
            looks.reveal(acting("school_s"), file, name, "check")


def test_the_record_tells_a_minor_apart(work, world, acting):
    child = file_at(work, world.branch_b1, birth_date=date(2009, 1, 2))
    grown = file_at(work, world.branch_b1, birth_date=date(2008, 4, 22))
    for file in (child, grown):
        looks.reveal(acting("school_s"), file, "phone", "other", "安排返校")
        looks.reveal(acting("school_s"), file, "phone", "other", "安排返校体检")
    assert [("未成年人" in entry.reason) for entry in entries(work, "people:file:reveal")] == [True, True, False, False]


def test_the_limit_holds_by_the_hour_and_by_the_day(work, world, acting):
    file, unit = file_at(work, world.branch_b1), acting("school_s")
    (hourly, _), (daily, _) = LIMITS["reveal"].windows
    for _ in range(daily // hourly):
        for _ in range(hourly):
            looks.reveal(unit, file, "phone", "check")
        with pytest.raises(TooMany):
            looks.reveal(unit, file, "phone", "check")
        unit.now += timedelta(hours=1)
    for _ in range(daily % hourly):
        looks.reveal(unit, file, "phone", "check")
    with pytest.raises(TooMany):
        looks.reveal(unit, file, "phone", "check")
    looks.reveal(acting("secretary_b1"), file, "phone", "check")


def test_the_owner_sees_every_look_with_surname_post_place_and_reason(work, world, acting):
    file = file_at(work, world.branch_b1)
    world.people["youth"].person_id = file.id
    world.people["school_s"].name = "赵建国"
    looks.look(acting("school_s"), file)
    looks.reveal(acting("secretary_b1"), file, "id_number", "other", "核对考试报名表")
    mine = acting("youth")
    looks.reveal_own(mine, file, "phone")
    seen = looks.seen(mine, file)
    assert [(line.what, line.detail) for line in seen[:2]] == [("查看了完整号码", "证件号码"), ("查看了档案", "")]
    assert (seen[0].place, seen[0].role, seen[0].reason) == (world.branch_b1.name, "团支书", "其他：核对考试报名表")
    assert (seen[1].who, seen[1].place) == ("赵老师", world.school_s.name)
    assert "建国" not in str(seen)
    revealed = work.session.scalar(select(func.count()).where(AuditEntry.action == "people:file:reveal"))
    assert revealed == 2, "one's own look is on record too, though not in this list"


def test_a_copy_holds_everything_in_full_and_is_on_record(work, world, acting):
    number, phone = make.id_number(), make.phone()
    file = file_at(work, world.branch_b1, number=number, phone=phone)
    world.people["youth"].person_id = file.id
    held = copies.copy(acting("youth"), file)
    assert (held["档案"]["证件号码"], held["档案"]["手机号"]) == (number, phone)
    assert held["档案"]["所在团组织"] == world.branch_b1.full_name
    assert len(entries(work, "people:file:copy")) == 1


def test_the_pages_of_looks_lose_none_that_happened_at_one_instant(work, world, acting):
    file = file_at(work, world.branch_b1)
    world.people["youth"].person_id = file.id
    for _ in range(7):
        looks.reveal(acting("school_s"), file, "phone", "check")
    mine, found, after = acting("youth"), [], None
    while rows := looks.seen(mine, file, after=after, size=3):
        found += rows
        after = rows[-1].key
    assert len(found) == looks.count_of_looks(mine, file) == 8
    with pytest.raises(NotFound):
        looks.seen(mine, file, after="12")


def test_looks_at_ones_application_count_too_and_notes_among_reviewers_do_not(world, session, vault, work):
    know_all()
    youth = world.people["youth"]
    row = make.join_request(session, vault, world.branch_b1, youth)
    other = make.join_request(session, vault, world.branch_b1)
    session.commit()
    reviewer = world.people["secretary_b1"]
    work.actor = Actor("web", reviewer.id, reviewer.name, "branch_secretary")
    with writing(session):
        for request, what, reason in (
            (row, "reveal", "核对身份证复印件"), (row, "place", "内部的话"), (other, "reveal", "别人的"),
        ):  # fmt: skip
            record(
                work, f"joining:request:{what}", "join_request", request.public_id,
                org_path=request.org_path, reason=reason,
            )  # fmt: skip
    work.viewer = Viewer(youth.id, youth.public_id, youth.name)
    told = [(line.what, line.reason) for line in looks.seen(work, None)]
    assert told == [("给入档申请安排了团支部", ""), ("查看了申请里的完整证件号码", "核对身份证复印件")]
