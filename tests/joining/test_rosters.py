"""Rosters: pasted, previewed, ticked off; who is missing; lanes follow."""

import pytest
from sqlalchemy import select

from app.kernel.access.powers import Power
from app.kernel.access.scope import Scope
from app.kernel.db.unit import writing
from app.kernel.errors import Invalid, NotFound
from app.kernel.outbox.operations import deliver_due
from app.league.accounts.models import Account, Message
from app.league.joining import rosters
from app.league.joining.models import Lane, RequestState
from app.league.organisations import counters
from tests import factories as make
from tests.helpers import sign_in, with_token

ALL = Scope.whole(Power.JOINING_ROSTER)


@pytest.fixture
def add(work, world):
    """Return a function that puts names on the roster of B1."""

    def run(text: str) -> int:
        with writing(work.session):
            return rosters.add(work, world.branch_b1, text)

    return run


def judged(session, world, text) -> list[tuple[str, str, str]]:
    return [(line.name, line.student_number, line.problem) for line in rosters.read(session, world.branch_b1, text)]


def test_lines_are_read_the_way_people_paste_them(session, world):
    pasted = " 王小明 \n\n李雷\t20180101\n韩梅梅，20180102\n阿卜杜·热合曼\n赵 一\r\n"
    assert judged(session, world, pasted) == [
        ("王小明", "", ""),
        ("李雷", "20180101", ""),
        ("韩梅梅", "20180102", ""),
        ("阿卜杜·热合曼", "", ""),
        ("赵一", "", ""),
    ]


def test_odd_lines_are_marked_and_nothing_is_kept(session, world, add):
    lines = judged(session, world, "王\n王小明\n12345\n王小明\n")
    assert [bool(problem) for *_, problem in lines] == [True, True, True, True]
    with pytest.raises(Invalid, match="第 1 行"):
        add("王\n李雷")
    assert rosters.entries(session, world.branch_b1) == []


def test_equal_names_need_student_numbers(session, world, add):
    assert add("王小明 1001\n王小明 1002") == 2
    [(_, _, problem)] = judged(session, world, "王小明")
    assert "学号" in problem
    assert add("王小明 1001\n李雷") == 1, "who is there already is not added again"


@pytest.mark.parametrize("text", ["", " \n ", "\n".join(["王小明"] * 501)])
def test_nothing_and_too_much_are_refused(text, session, world):
    with pytest.raises(Invalid):
        rosters.read(session, world.branch_b1, text)


def test_a_committee_keeps_no_roster(work, world):
    with pytest.raises(Invalid), writing(work.session):
        rosters.add(work, world.school_s, "王小明")


def test_the_total_moves_at_every_level(session, world, add, work):
    add("王小明\n李雷")
    for place in (world.branch_b1, world.school_s, world.province):
        assert counters.figures_of(session, [place.path])[place.path]["roster"] == 2
    first = rosters.entries(session, world.branch_b1)[0]
    with writing(session):
        assert rosters.remove(work, world.branch_b1, first.public_id) == "王小明"
    assert counters.figures_of(session, [world.province.path])[world.province.path]["roster"] == 1
    with pytest.raises(NotFound), writing(session):
        rosters.remove(work, world.branch_b1, first.public_id)


def test_lanes_follow_the_roster(session, vault, world, add, work):
    listed = make.join_request(session, vault, world.branch_b1, name="王小明")
    stranger = make.join_request(session, vault, world.branch_b1, name="王晓明")
    session.commit()
    add("王小明\n李雷")
    for row in (listed, stranger):
        session.refresh(row)
    assert (listed.lane, listed.roster_entry_id is not None) == (Lane.CLEAN, True)
    assert stranger.lane is Lane.OFF_ROSTER
    assert "王小明" in stranger.flags[0]["evidence"]
    add("王晓明")
    session.refresh(stranger)
    assert (stranger.lane, stranger.flags) == (Lane.CLEAN, [])
    entry = next(entry for entry in rosters.entries(session, world.branch_b1) if entry.name == "王晓明")
    with writing(session):
        rosters.remove(work, world.branch_b1, entry.public_id)
    session.refresh(stranger)
    assert stranger.lane is Lane.OFF_ROSTER


def test_who_is_missing(session, vault, world, add):
    add("王小明\n李雷\n韩梅梅\n欧阳娜娜")
    make.join_request(session, vault, world.branch_b1, name="王小明")
    decided = {"decided_by_id": world.people["secretary_b1"].id, "decided_at": make.NOW}
    make.join_request(session, vault, world.branch_b1, name="李雷", state=RequestState.REJECTED, **decided)
    session.commit()
    add("赵一")
    absent = rosters.missing(ALL, session, world.branch_b1)
    assert [person.name for person in absent] == ["李雷", "韩梅梅", "欧阳娜娜", "赵一"]
    text = rosters.invitation(world.branch_b1, absent)
    assert "李*、韩*梅、欧**娜、赵*" in text
    assert "韩梅梅" not in text


def test_paste_look_keep_in_the_browser(client, session, world):
    sign_in(client, world.people["secretary_b1"])
    answer = client.get("/twt/roster")
    home = answer.location
    text = client.get(home).text
    token = text.split('name="csrf_token" value="')[1].split('"')[0]
    fields = {"csrf_token": token, "once": "n1", "names": "王小明\n王小明\n李雷"}
    answer = client.post(f"{home}/preview", data=fields)
    assert answer.status_code == 422
    assert "请在姓名后面补上学号" in answer.text
    assert "王小明\n王小明\n李雷" in answer.text.replace("\r", ""), "what was typed stays"
    fields["names"] = "王小明 1001\n王小明 1002\n李雷"
    answer = client.post(f"{home}/preview", data=fields)
    assert answer.status_code == 200
    assert "3 人要添加" in answer.text
    answer = client.post(f"{home}/names", data=fields)
    assert (answer.status_code, answer.location) == (303, home)
    text = client.get(home).text
    assert 'data-figure="roster">3<' in text
    assert "还有 3 人没有填" in text


@pytest.fixture
def sent(session, vault, world):
    """Return a maker of an application to B1 in a state."""

    def make_one(state=RequestState.RETURNED, **values):
        decided = {"decided_by_id": world.people["secretary_b1"].id, "decided_at": make.NOW}
        row = make.join_request(session, vault, world.branch_b1, state=state, **decided, **values)
        session.commit()
        return row

    return make_one


def inbox_of(work, account_id) -> list[str]:
    deliver_due(work)
    return list(work.session.scalars(select(Message.title).where(Message.account_id == account_id)))


def test_one_reminder_goes_to_each_who_has_an_account_and_has_not_finished(client, world, work, sent):
    returned, taken_back = sent(), sent(RequestState.WITHDRAWN)
    done, rejected = sent(RequestState.SUBMITTED), sent(RequestState.REJECTED)
    again = sent(RequestState.LAPSED)
    sent(RequestState.SUBMITTED, who=work.session.get_one(Account, again.account_id))
    sign_in(client, world.people["secretary_b1"])
    url = f"/twt/roster/{world.branch_b1.public_id}"
    assert "有 2 人只差一步" in client.get(url).text
    assert client.post(f"{url}/remind", data=with_token(client, url)).status_code == 303
    assert inbox_of(work, returned.account_id) == ["您的申请还差一步"]
    assert inbox_of(work, taken_back.account_id) == ["请填写电子档案"]
    assert [inbox_of(work, row.account_id) for row in (done, rejected, again)] == [[], [], []]
    text = client.get(url).text
    assert "今天已经提醒过了" in text
    assert client.post(f"{url}/remind", data=with_token(client, url)).status_code == 429
    assert inbox_of(work, returned.account_id) == ["您的申请还差一步"]


def test_with_nobody_to_remind_there_is_no_button_and_no_effect(client, world, sent):
    sent(RequestState.SUBMITTED)
    sign_in(client, world.people["secretary_b1"])
    url = f"/twt/roster/{world.branch_b1.public_id}"
    assert "催一次" not in client.get(url).text
    assert client.post(f"{url}/remind", data=with_token(client, url)).status_code == 409


def test_from_a_branch_s_roster_one_link_leads_up_to_the_school_s(client, world):
    sign_in(client, world.people["school_s"])
    page = client.get(f"/twt/roster/{world.branch_b1.public_id}").text
    assert f'href="/twt/roster/{world.school_s.public_id}"' in page
