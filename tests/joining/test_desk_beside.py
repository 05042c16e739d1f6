"""Beside deciding: pass on, skip, search, keys of one's own, who else looks, a sheet taken back; a list that others change."""

import random
import re

import pytest
from sqlalchemy import func, select

from app.kernel.audit.models import AuditEntry
from app.kernel.db.unit import writing
from app.kernel.outbox.models import OutboxMessage
from app.league.joining import operations, presence
from app.league.joining.models import Decision, JoinRequest, Lane, Presence, RequestState
from tests import factories as make
from tests.helpers import sign_in
from tests.joining.visitor import Visitor

HTMX = {"HX-Request": "true"}
QUICK = {**HTMX, "HX-Target": "div#desk-head"}


@pytest.fixture
def waiting(world, session, vault):
    """Return a maker of applications that wait at B1."""

    def request(where="branch_b1", **values) -> JoinRequest:
        return make.join_request(session, vault, world.orgs[where], **values)

    return request


@pytest.fixture
def at_desk(make_client, world, session):
    """Return a function that seats somebody of the world at the desk."""

    def seat(who) -> Visitor:
        session.commit()  # signing in must not wait for what the test prepares
        return Visitor(sign_in(make_client(), world.people[who]))

    return seat


def listed(text) -> list[str]:
    return re.findall(r'id="row-([^"]+)"', text)


def passes(desk, row, note="号码和花名册对不上，请老师看看", headers=None):
    desk.open(row)
    known = {"version": desk.value("version"), "once": f"once-{make.serial()}", "lane": row.lane.value}
    return desk.post(f"/twt/queue/{row.public_id}/pass", headers, **known, note=note)


def test_a_delegate_passes_a_hard_one_to_the_head_of_his_own_committee(at_desk, session, world, waiting):
    row, following = waiting(), waiting()
    answer = passes(at_desk("delegate_c"), row)
    assert (answer.status_code, following.public_id in answer.location) == (303, True)
    session.refresh(row)
    assert (row.lane, row.state, row.attention_path) == (Lane.PASSED, RequestState.SUBMITTED, world.college_c.path)
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "joining:request:pass")).one()
    assert entry.reason == "号码和花名册对不上，请老师看看"
    [told] = session.scalars(select(OutboxMessage.dedupe_key).where(OutboxMessage.dedupe_key.startswith("passed:")))
    assert told.endswith(f":{world.people['college_c'].id}")
    head = at_desk("college_c")
    text = head.get("/twt/queue?lane=passed").text
    assert listed(text) == [row.public_id]
    assert "管理delegate_c" in text
    assert "号码和花名册对不上" in text


@pytest.mark.parametrize(
    ("who", "to"), [("secretary_b1", "college_c"), ("college_c", "school_s"), ("school_s", "city_a")]
)
def test_a_head_passes_to_the_next_above(who, to, at_desk, session, world, waiting):
    row = waiting()
    passes(at_desk(who), row)
    session.refresh(row)
    assert row.attention_path == world.orgs[to].path


def test_above_the_province_there_is_nobody(at_desk, session, waiting):
    row = waiting()
    answer = passes(at_desk("province"), row)
    assert answer.status_code == 409
    assert "上面没有可以转交的人" in answer.text
    session.refresh(row)
    assert row.lane is Lane.CLEAN


def test_nobody_passes_on_or_places_his_own(at_desk, session, world, waiting):
    head = world.people["college_c"]
    row = waiting("college_c", who=head)
    desk = at_desk("college_c")
    answer = passes(desk, row)
    assert (answer.status_code, "不能转交自己的申请" in answer.text) == (409, True)
    answer = desk.post(f"/twt/queue/{row.public_id}/place", branch_id=world.branch_b1.public_id, once="p")
    assert (answer.status_code, "不能安排自己的申请" in answer.text) == (409, True)
    session.refresh(row)
    assert (row.lane, row.org_path) == (Lane.CLEAN, world.college_c.path)


def test_what_was_passed_on_is_not_called_back_by_passing_it_on_again(at_desk, session, world, waiting):
    row = waiting()
    passes(at_desk("school_s"), row, note="请市里看看")
    answer = passes(at_desk("secretary_b1"), row, note="不用看了")
    assert (answer.status_code, "已经转到上级" in answer.text) == (409, True)
    session.refresh(row)
    assert (row.attention_path, row.passed_note) == (world.city_a.path, "请市里看看")


def test_what_climbed_by_itself_does_not_come_down_by_being_passed_on(at_desk, session, world, waiting):
    row = waiting(attention_path=world.city_a.path)
    passes(at_desk("secretary_b1"), row)
    session.refresh(row)
    assert (row.lane, row.attention_path) == (Lane.PASSED, world.city_a.path)


@pytest.mark.parametrize("headers", [None, QUICK], ids=["without script", "from the desk's script"])
def test_passing_on_needs_a_word(headers, at_desk, session, waiting):
    row = waiting()
    answer = passes(at_desk("delegate_c"), row, note=" ", headers=headers)
    assert answer.status_code == 422
    assert "请写一句为什么转交" in answer.text
    session.refresh(row)
    assert row.passed_at is None


def test_what_was_passed_on_is_not_approved_by_the_sheet(at_desk, session, waiting):
    row, other = waiting(), waiting()
    head = at_desk("college_c")
    head.get("/twt/queue?lane=clean")
    sealed = head.value("sheet")
    passes(at_desk("delegate_c"), row)
    answer = head.post("/twt/queue/sheet", HTMX, sheet=sealed, once="s", pick=[row.public_id, other.public_id])
    assert "通过 1 人" in answer.text
    assert "有人转来，附了说明，请单独处理" in answer.text


def test_the_mark_goes_when_the_applicant_corrects_it(at_desk, session, work, waiting):
    row = waiting(development_number="202014000001")
    head = at_desk("college_c")
    passes(at_desk("delegate_c"), row)
    head.open(row)
    head.decide(row, verdict="return", digit="7")
    session.refresh(row)
    work.now = make.NOW
    with writing(work.session):
        fresh = work.session.get_one(JoinRequest, row.id)
        operations.resubmit(work, fresh, {"joined_league_at": "应县第一中学"})
    session.refresh(row)
    assert (row.lane is Lane.PASSED, row.passed_note) == (False, "")
    text = head.open(row).text
    assert re.search(r"<del>演示中学</del></td><td class=\"differs\"><ins>应县第一中学</ins>", text)


def test_skipped_ones_come_last_and_nothing_is_written_on_them(at_desk, session, waiting):
    first, second = waiting(), waiting()
    desk = at_desk("college_c")
    desk.get("/twt/queue?lane=clean")
    answer = desk.post(f"/twt/queue/{first.public_id}/skip", lane="clean")
    assert (answer.status_code, second.public_id in answer.location) == (303, True)
    assert listed(desk.get("/twt/queue?lane=clean").text) == [second.public_id]
    desk.open(second)
    desk.decide(second, verdict="approve")
    assert listed(desk.get("/twt/queue?lane=clean").text) == [first.public_id]
    session.refresh(first)
    assert (first.version, first.state) == (1, RequestState.SUBMITTED)
    assert listed(at_desk("school_s").get("/twt/queue?lane=clean").text) == [first.public_id]


def test_search_finds_by_a_part_of_the_name_inside_the_scope_alone(at_desk, waiting):
    found, _, foreign = waiting(name="王小明"), waiting(name="李大力"), waiting("branch_t1", name="王小外")
    desk = at_desk("college_c")
    desk.get("/twt/queue")
    for headers in (None, HTMX):
        answer = desk.post("/twt/queue/search", headers, q=" 小 ")
        assert (answer.status_code, listed(answer.text)) == (200, [found.public_id])
        assert foreign.name not in answer.text
    assert "没有这个名字" in desk.post("/twt/queue/search", HTMX, q="赵").text


def test_keys_are_chosen_and_two_actions_never_share_one(at_desk, waiting):
    waiting()
    desk = at_desk("college_c")
    usual = {"approve": "a", "return": "r", "reject": "x", "next": "j", "previous": "k", "skip": "s", "pass": "p",
             "undo": "u", "open": "o", "reveal": "v", "compare": "d", "sheet": "A", "search": "/", "help": "?"}  # fmt: skip
    typed = {f"key-{action}": key for action, key in usual.items()}
    desk.get("/twt/queue/keys")
    answer = desk.post("/twt/queue/keys", **{**typed, "key-approve": "r", "key-skip": "中"})
    assert answer.status_code == 422
    assert "“r”已经用在“通过”上" in answer.text
    assert "跳过，最后再看：请填一个英文字母" in answer.text
    assert 'value="中"' in answer.text
    assert desk.post("/twt/queue/keys", **{**typed, "key-approve": "q"}).status_code == 303
    text = desk.get("/twt/queue").text
    assert 'data-key="q"' in text
    assert 'data-key="a"' not in text
    assert desk.post("/twt/queue/keys/switch").status_code == 303
    assert 'data-key="q"' not in desk.get("/twt/queue").text
    desk.post("/twt/queue/keys", **typed, usual="1")
    assert 'data-key="a"' in desk.get("/twt/queue").text


@pytest.mark.parametrize("cookie", ["on:approve=r", "on:approve", "x" * 300, "on:nothing=q|approve=?"])
def test_a_cookie_that_makes_no_sense_gives_the_usual_keys(cookie, at_desk, waiting):
    waiting()
    desk = at_desk("college_c")
    desk.client.set_cookie("desk_keys", cookie, path="/twt")
    assert 'data-key="a"' in desk.get("/twt/queue").text


def test_who_looks_is_told_to_colleagues_and_forgotten_by_itself(at_desk, session, clock, waiting):
    row = waiting()
    first, second = at_desk("secretary_b1"), at_desk("college_c")
    first.open(row)
    assert first.post(f"/twt/queue/{row.public_id}/here").text.strip() == ""
    assert "管理secretary_b1正在看这一条" in second.open(row).text
    assert "管理secretary_b1正在看" in second.post(f"/twt/queue/{row.public_id}/here").text
    assert "管理college_c正在看" in first.open(row).text
    clock.advance(seconds=presence.LASTS.seconds + 1)
    assert "正在看" not in second.open(row).text
    assert session.scalar(select(func.count()).select_from(Presence)) == 2


def test_a_beat_that_comes_again_at_once_writes_nothing(at_desk, session, clock, waiting):
    row = waiting()
    desk = at_desk("college_c")
    desk.open(row)
    desk.post(f"/twt/queue/{row.public_id}/here")
    seen = session.scalar(select(Presence.seen_at))
    clock.advance(seconds=10)
    desk.open(row)
    desk.post(f"/twt/queue/{row.public_id}/here")
    session.rollback()
    assert session.scalar(select(Presence.seen_at)) == seen


def test_a_whole_sheet_is_taken_back_at_once_or_not_at_all(at_desk, session, clock, waiting):
    rows = [waiting() for _ in range(3)]
    desk = at_desk("college_c")
    for late in (False, True):
        desk.get("/twt/queue?lane=clean")
        picks = [row.public_id for row in rows]
        answer = desk.post(
            "/twt/queue/sheet", HTMX, sheet=desk.value("sheet"), once=f"s{late}", lane="clean", pick=picks
        )
        [undo] = set(re.findall(r'hx-post="([^"]+/undo-sheet[^"]*)"', answer.text))
        clock.advance(seconds=31 if late else 1)
        answer = desk.post(undo, HTMX)
        assert answer.status_code == (409 if late else 200)
        session.expire_all()
        assert {row.state for row in rows} == {RequestState.APPROVED if late else RequestState.SUBMITTED}
    assert "撤销的时间已过" in answer.text


def test_the_empty_desk_says_how_long_it_took_and_who_is_missing(at_desk, clock, world, session, waiting):
    first, second = waiting(), waiting()
    desk = at_desk("college_c")
    for row in (first, second):
        desk.open(row)
        desk.decide(row, verdict="approve")
        clock.advance(minutes=12)
    text = desk.get("/twt/queue").text
    assert "您今天审了 2 份，10:00 开始，10:12 审完，用了 12 分钟。" in text
    assert "看看还有谁没有填" in text


@pytest.mark.parametrize("seed", range(3))
def test_paging_while_others_decide_misses_nobody_and_shows_nobody_twice(seed, at_desk, session, world, waiting):
    chance = random.Random(seed)
    rows = [waiting(chance.choice(["branch_b1", "branch_b2"])) for _ in range(70)]
    taken: set[str] = set()
    desk, seen, url = at_desk("college_c"), [], "/twt/queue?lane=clean"
    while url:
        text = desk.get(url).text
        seen += listed(text)
        for row in chance.sample(rows, 6):
            if row.state is RequestState.SUBMITTED:
                row.state, row.decided_by_id = RequestState.REJECTED, world.people["school_s"].id
                taken.add(row.public_id)
        session.commit()
        following = re.search(r'rel="next" href="([^"]+)"', text)
        url = following[1].replace("&amp;", "&") if following else ""
    assert len(seen) == len(set(seen))
    assert {row.public_id for row in rows} - taken <= set(seen)


def test_the_scripts_answer_is_what_stands_around_the_card(at_desk, session, waiting):
    row, _ = waiting(), waiting()
    desk = at_desk("college_c")
    desk.open(row)
    answer = desk.decide(row, QUICK, verdict="approve", lane="clean")
    assert answer.status_code == 200
    for part in ('id="desk-head"', 'id="desk-lanes"', 'id="toasts"'):
        assert part in answer.text
    assert 'id="card"' not in answer.text
    assert session.scalar(select(func.count()).select_from(Decision)) == 1


def test_one_card_alone_is_the_card_of_the_whole_page(at_desk, waiting):
    row = waiting()
    desk = at_desk("college_c")
    url = f"/twt/queue/{row.public_id}"
    card = re.compile(r"<article.*</article>", re.DOTALL)
    chance = re.compile(r'name="(once|csrf_token)" value="[^"]*"')
    whole = card.search(desk.get(url).text)[0]
    alone = card.search(desk.get(url, headers={**HTMX, "HX-Target": "article#card"}).text)[0]
    assert chance.sub("", alone) == chance.sub("", whole)
