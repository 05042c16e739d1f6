"""The review desk over HTTP: with and without JavaScript, one row and a sheet, who was first, undo."""

import re

import pytest
from sqlalchemy import event, func, select

from app.extensions import db
from app.kernel.audit.models import AuditEntry
from app.league.joining.models import Decision, JoinRequest, Lane, RequestState, SpotCheck
from app.surfaces.tuanwutong import sheet
from tests import factories as make
from tests.helpers import sign_in
from tests.joining.visitor import Visitor

HTMX = {"HX-Request": "true"}


@pytest.fixture
def waiting(world, session, vault):
    """Return a maker of applications that wait at B1."""

    def request(where="branch_b1", **values) -> JoinRequest:
        return make.join_request(session, vault, world.orgs[where], **values)

    return request


@pytest.fixture
def desk(client, world):
    """The college's secretary at the desk."""
    return Visitor(sign_in(client, world.people["college_c"]))


def shown(text) -> dict[str, int]:
    return {name: int(number) for name, number in re.findall(r'data-figure="(\w+)">(\d+)<', text)}


def test_the_card_says_what_a_reviewer_needs_and_no_more(desk, waiting):
    number = make.id_number()
    flag = {"code": "F03", "level": "look", "text": "日期彼此相同", "evidence": "2020-05-04", "fields": ["birth_date"]}
    row = waiting(name="王小明", number=number, lane=Lane.FLAGGED, flags=[flag])
    text = desk.open(row).text
    for expected in ("王小明", "会计20184班", "号码校验通过", "日期彼此相同", "2020-05-04", number[:6] + "********"):
        assert expected in text
    assert number not in text
    assert "审核通过" in text
    assert shown(text) == {"pending": 1, "approved": 0, "filled": 1}


def test_a_number_that_does_not_hold_is_said(desk, waiting):
    good = make.id_number()
    row = waiting(number=good[:17] + ("0" if good[17] != "0" else "1"))
    assert "号码校验不通过" in desk.open(row).text


def test_an_empty_queue_says_so(desk):
    assert "全部审完" in desk.get("/twt/queue").text


def test_the_full_page_and_the_fragment_hold_the_same_desk(desk, waiting):
    row = waiting()
    whole = desk.get(f"/twt/queue/{row.public_id}").text
    part = desk.get(f"/twt/queue/{row.public_id}", headers=HTMX).text
    assert "<html" in whole
    assert "<html" not in part
    for words in ('id="desk"', row.name, "审核通过"):
        assert words in whole
        assert words in part


def test_without_script_an_approval_leads_to_the_next_with_an_undo(desk, session, waiting):
    first, second = waiting(), waiting()
    desk.open(first)
    answer = desk.decide(first, verdict="approve")
    assert answer.status_code == 303
    assert second.public_id in answer.location
    text = desk.get(answer.location).text
    assert f"已通过 {first.name[0]}*" in text
    [undo] = re.findall(r'action="([^"]+/undo[^"]*)"', text)
    answer = desk.post(undo)
    assert (answer.status_code, first.public_id in answer.location) == (303, True)
    session.refresh(first)
    assert first.state is RequestState.SUBMITTED


def test_with_script_the_next_card_the_counts_and_the_undo_come_at_once(desk, session, waiting):
    first, second = waiting(), waiting()
    desk.open(first)
    answer = desk.decide(first, HTMX, verdict="approve")
    assert answer.status_code == 200
    assert f'id="card" tabindex="-1" aria-current="true" aria-label="{second.name}' in answer.text
    assert shown(answer.text) == {"pending": 1, "approved": 1, "filled": 2}
    assert 'hx-swap-oob="true"' in answer.text
    [undo] = set(re.findall(r'hx-post="([^"]+/undo[^"]*)"', answer.text))
    answer = desk.post(undo, HTMX)
    assert answer.status_code == 200
    assert f'aria-label="{first.name}的申请"' in answer.text


def test_the_last_decision_empties_the_desk(desk, waiting):
    row = waiting()
    desk.open(row)
    answer = desk.decide(row, HTMX, verdict="approve")
    assert "全部审完" in answer.text


def test_a_digit_returns_with_its_template_and_fields(desk, session, waiting):
    row = waiting()
    desk.open(row, "return")
    assert desk.decide(row, verdict="return", digit="3").status_code == 303
    session.refresh(row)
    assert (row.state, row.returned_fields) == (RequestState.RETURNED, ["joined_league_on"])
    assert "入团日期" in row.reason


def test_own_words_and_ticks_win_over_a_template(desk, session, waiting):
    row = waiting()
    desk.open(row, "return")
    desk.decide(row, verdict="return", reason="请写全称", fields=["joined_league_at", "occupation"])
    session.refresh(row)
    assert (row.reason, row.returned_fields) == ("请写全称", ["joined_league_at", "occupation"])


@pytest.mark.parametrize("headers", [None, HTMX], ids=["without script", "with script"])
def test_a_return_without_a_tick_keeps_what_was_typed(headers, desk, session, waiting):
    row = waiting()
    desk.open(row, "return")
    answer = desk.decide(row, headers, verdict="return", reason="这里写了很多字")
    assert answer.status_code == 422
    assert "请勾选要改的内容" in answer.text
    assert "这里写了很多字" in answer.text
    session.refresh(row)
    assert row.state is RequestState.SUBMITTED


@pytest.mark.parametrize("headers", [None, HTMX], ids=["without script", "with script"])
def test_the_slower_one_is_told_who_was_first(headers, desk, make_client, world, session, waiting):
    row = waiting()
    desk.open(row)
    faster = Visitor(sign_in(make_client(), world.people["secretary_b1"]))
    faster.open(row)
    faster.decide(row, verdict="approve")
    answer = desk.decide(row, headers, verdict="approve")
    assert answer.status_code == 409
    assert "管理secretary_b1 10:00 已通过" in answer.text
    assert session.scalar(select(func.count()).select_from(Decision)) == 1


def test_a_form_sent_twice_has_one_effect(desk, session, waiting):
    row = waiting()
    desk.open(row)
    first = desk.decide(row, verdict="approve", once="same")
    second = desk.decide(row, verdict="approve", once="same", version="1")
    assert (first.status_code, second.status_code, second.location) == (303, 303, first.location)
    assert session.scalar(select(func.count()).select_from(Decision)) == 1


def test_a_sheet_gives_each_row_its_outcome_and_keeps_the_failed_ones(desk, make_client, world, session, waiting):
    rows = [waiting(), waiting(), waiting()]
    desk.get("/twt/queue?lane=clean")
    rows[1].version += 1
    session.flush()
    picks = [row.public_id for row in rows]
    answer = desk.post("/twt/queue/sheet", sheet=desk.value("sheet"), once="s", pick=picks)
    assert answer.status_code == 200
    assert "通过 2 人，1 人没有处理" in answer.text
    assert "申请人刚刚改过内容" in answer.text
    ticked = re.findall(r'name="pick" value="([^"]+)"[^>]* checked', answer.text)
    assert ticked == [rows[1].public_id], "what failed stays ticked"


def test_a_whole_sheet_without_script_goes_back_to_the_queue(desk, session, waiting):
    rows = [waiting(), waiting("branch_b2")]
    desk.get("/twt/queue?lane=clean")
    answer = desk.post(
        "/twt/queue/sheet", sheet=desk.value("sheet"), once="s", lane="clean", pick=[row.public_id for row in rows]
    )
    assert (answer.status_code, answer.location) == (303, "/twt/queue?lane=clean")
    assert session.scalar(select(func.count()).select_from(Decision)) == 2


def test_a_row_that_was_not_on_the_screen_cannot_be_decided(desk, session, waiting):
    waiting()
    desk.get("/twt/queue?lane=clean")
    sealed = desk.value("sheet")
    unseen = waiting()
    answer = desk.post("/twt/queue/sheet", sheet=sealed, once="s", pick=[unseen.public_id])
    assert answer.status_code == 422
    assert "只能处理这一屏上的申请" in answer.text
    assert session.scalar(select(func.count()).select_from(Decision)) == 0


def test_somebody_elses_sheet_is_worth_nothing(desk, make_client, world, session, waiting):
    row = waiting()
    desk.get("/twt/queue?lane=clean")
    other = Visitor(sign_in(make_client(), world.people["school_s"]))
    other.get("/twt/queue?lane=clean")
    answer = other.post("/twt/queue/sheet", sheet=desk.value("sheet"), once="s", pick=[row.public_id])
    assert answer.status_code == 422


def test_no_screen_shows_more_than_a_sheet_and_none_is_missed(desk, waiting):
    rows = [waiting() for _ in range(sheet.SIZE * 2 + 5)]
    seen, url = [], "/twt/queue?lane=clean"
    while url:
        text = desk.get(url).text
        page = re.findall(r'id="row-([^"]+)"', text)
        assert len(page) <= sheet.SIZE
        seen += page
        following = re.search(r'rel="next" href="([^"]+)"', text)
        url = following[1].replace("&amp;", "&") if following else ""
    assert seen == [row.public_id for row in sorted(rows, key=lambda row: (row.org_path, row.id))]


def test_lanes_and_branches_filter(desk, world, waiting):
    clean, flagged, listed = waiting(), waiting(lane=Lane.FLAGGED), waiting("branch_b2", lane=Lane.OFF_ROSTER)
    text = desk.get("/twt/queue?lane=flagged").text
    assert re.findall(r'id="row-([^"]+)"', text) == [flagged.public_id]
    text = desk.get(f"/twt/queue?lane=off_roster&branch={world.branch_b2.public_id}").text
    assert re.findall(r'id="row-([^"]+)"', text) == [listed.public_id]
    assert shown(text)["pending"] == 1
    assert re.findall(r'id="row-([^"]+)"', desk.get("/twt/queue?lane=clean").text) == [clean.public_id]
    assert desk.get(f"/twt/queue?branch={world.branch_t1.public_id}").status_code == 404


def test_a_double_is_compared_inside_the_scope_and_only_named_outside(desk, waiting):
    number = make.id_number()
    row = waiting(number=number, lane=Lane.DUPLICATE)
    waiting("branch_b2", number=number, name="王同号", lane=Lane.DUPLICATE)
    waiting("branch_t1", number=number, name="李外校", lane=Lane.DUPLICATE)
    text = desk.open(row).text
    assert "王同号" in text
    assert "已在其他组织登记" in text
    assert "李外校" not in text
    assert "乙市职业学校" not in text


def test_the_full_number_needs_a_reason_and_leaves_an_entry(desk, session, waiting):
    number = make.id_number()
    row = waiting(number=number)
    desk.get(f"/twt/queue/{row.public_id}/number")
    assert desk.post(f"/twt/queue/{row.public_id}/number", reason="").status_code == 422
    answer = desk.post(f"/twt/queue/{row.public_id}/number", reason="核对身份证复印件")
    assert number in answer.text
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "joining:request:reveal")).one()
    assert (entry.reason, entry.object_id) == ("核对身份证复印件", row.public_id)


def test_history_lists_what_i_did_and_offers_undo_while_there_is_time(desk, clock, waiting):
    row = waiting()
    desk.open(row)
    desk.decide(row, verdict="approve")
    text = desk.get("/twt/queue/history").text
    assert row.name in text
    assert "/undo" in text
    clock.advance(seconds=31)
    assert "/undo" not in desk.get("/twt/queue/history").text


def test_a_rejected_application_is_reopened_from_its_card(desk, clock, session, waiting):
    row = waiting()
    desk.open(row, "reject")
    desk.decide(row, verdict="reject", digit="1")
    clock.advance(minutes=10)
    desk.open(row)
    url = f"/twt/queue/{row.public_id}/reopen"
    answer = desk.post(url, version=desk.value("version"), once="r", reason="")
    assert answer.status_code == 422
    answer = desk.post(url, version=desk.value("version"), once="r2", reason="核实了，是本班同学")
    assert answer.status_code == 303
    session.refresh(row)
    assert row.state is RequestState.SUBMITTED


def test_a_member_without_a_branch_is_placed(desk, world, session, waiting):
    row = waiting("college_c", statement="会计20184班")
    assert "安排团支部" in desk.open(row).text
    url = f"/twt/queue/{row.public_id}/place"
    desk.get(url)
    foreign = desk.post(url, once="p", branch_id=world.branch_t1.public_id)
    assert foreign.status_code == 404
    desk.get(url)
    assert desk.post(url, once="p2", branch_id=world.branch_b1.public_id).status_code == 303
    session.refresh(row)
    assert row.organisation_id == world.branch_b1.id


def test_the_desk_asks_the_database_a_constant_handful_of_times(app, desk, waiting):
    counts = []
    with app.app_context():
        engine = db.engine
    for number in (2, 15):
        for _ in range(number):
            waiting()
        asked = []

        def note(*arguments, asked=asked):
            asked.append(arguments[2])

        desk.get("/twt/queue?lane=clean")
        event.listen(engine, "before_cursor_execute", note)
        desk.get("/twt/queue?lane=clean")
        event.remove(engine, "before_cursor_execute", note)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 20, counts


def test_a_check_takes_the_sheet_away_until_the_cards_are_decided(desk, world, session, waiting):
    row, other = waiting(name="王小明"), waiting(name="李小红")
    who = world.people["college_c"].id
    session.add(SpotCheck(account_id=who, passed=0, picked=[other.public_id], asked_at=make.NOW))
    text = desk.get("/twt/queue?lane=clean").text
    assert "抽查" in text
    assert 'name="sheet"' not in text
    assert f'action="/twt/queue/{other.public_id}/decide"' in text, "its card is shown in full"
    desk.decide(other, verdict="approve")
    assert 'name="sheet"' in desk.get("/twt/queue?lane=clean").text
    picks = {"pick": [row.public_id], "sheet": desk.value("sheet"), "once": "s", "lane": "clean"}
    session.get_one(SpotCheck, who).picked = [row.public_id]
    assert desk.post("/twt/queue/sheet", **picks).status_code == 409
    assert session.get_one(JoinRequest, row.id, populate_existing=True).state is RequestState.SUBMITTED
