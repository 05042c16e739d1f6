"""Beside the card: names like it on the roster, the record before it inside the viewer's scope, how it climbed."""

import pytest

from app.kernel.access.viewer import Viewer
from app.league.appointments.queries import live_posts
from app.league.joining.akin import akin
from app.league.joining.beside import beside
from app.league.joining.models import JoinRequest, RequestState, RosterEntry
from app.league.people.facts import name_key
from app.league.people.models import FileState
from tests import factories as make
from tests.people.files import file_at

OFF = {"code": "F05", "level": "look", "text": "不在本支部的花名册里", "evidence": "", "fields": ["name"]}


@pytest.fixture
def viewer_of(world, session):
    """Return a maker of viewers."""

    def viewer(name: str) -> Viewer:
        account = world.people[name]
        return Viewer(account.id, account.public_id, account.name, posts=live_posts(session, account.id, make.TODAY))

    return viewer


@pytest.fixture
def sent(world, session, vault):
    """Return a maker of applications."""

    def request(where="branch_b1", **values) -> JoinRequest:
        return make.join_request(session, vault, world.orgs[where], **values)

    return request


def on_roster(session, branch, name, number="") -> RosterEntry:
    row = RosterEntry(
        organisation_id=branch.id, name=name, name_key=name_key(name), student_number=number, created_at=make.NOW
    )
    session.add(row)
    session.flush()
    return row


def test_names_like_it_are_shown_with_the_letter_that_differs(world, session, work, sent, viewer_of):
    taken = on_roster(session, world.branch_b1, "张翔宇")
    on_roster(session, world.branch_b1, "张祥", "1002")
    on_roster(session, world.branch_b1, "李雷")
    on_roster(session, world.branch_b1, "张鑫斌")
    sent(name="张翔宇", roster_entry_id=taken.id)
    row = sent(name="张翔", flags=[OFF])
    near = beside(work, viewer_of("college_c"), row, akin(work, row)).near
    assert [("".join(letter for letter, _ in one.letters), one.student_number, one.filled) for one in near] == [
        ("张祥", "1002", False),
        ("张翔宇", "", True),
    ]
    assert near[0].letters == [("张", False), ("祥", True)]
    known = sent(name="张翔")
    assert beside(work, viewer_of("college_c"), known, akin(work, known)).near == [], "who is expected needs no hint"


def earlier(work, viewer, row):
    found = beside(work, viewer, row, akin(work, row)).earlier
    return found and (found.title, [(line.label, line.there, line.here) for line in found.lines])


def test_the_last_application_stands_beside_this_one_with_what_changed(world, work, session, sent, viewer_of):
    reviewer = world.people["college_c"].id
    decided = {"state": RequestState.REJECTED, "decided_by_id": reviewer, "decided_at": make.NOW}
    number = make.id_number()
    old = sent(name="王小明", number=number, native_place="山西大同", certificate_number="11111111", **decided)
    again = session.get_one(make.Account, old.account_id)
    row = sent(who=again, name="王小明", number=number, native_place="山西朔州", certificate_number="11111111")
    title, lines = earlier(work, viewer_of("college_c"), row)
    assert title == "上一份申请，2026-04-22 提交，未通过"
    assert ("籍贯", "山西大同", "山西朔州") in lines
    assert "团员证编号" not in [label for label, _, _ in lines]


def test_what_happened_outside_the_scope_is_not_there(world, work, session, sent, viewer_of):
    decided = {"state": RequestState.WITHDRAWN}
    old = sent("branch_t1", **decided)
    row = sent(who=session.get_one(make.Account, old.account_id))
    assert earlier(work, viewer_of("college_c"), row) is None
    assert earlier(work, viewer_of("province"), row) is not None


def test_a_closed_file_stands_for_the_application_that_led_to_it(world, work, session, vault, sent, viewer_of):
    file = file_at(work, world.branch_b1)
    file.state, file.closed_at = FileState.CLOSED, make.NOW
    decided = {"state": RequestState.APPROVED, "decided_by_id": world.people["college_c"].id, "decided_at": make.NOW}
    old = sent(person_id=file.id, **decided)
    row = sent(who=session.get_one(make.Account, old.account_id))
    title, _ = earlier(work, viewer_of("college_c"), row)
    assert title == "以前的电子档案，2026-04-22 关闭"
