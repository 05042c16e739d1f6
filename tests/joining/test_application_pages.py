"""The application as a youth meets it: one thing per page, nothing lost, nothing told of others."""

import re
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kernel.vault import Vault
from app.kernel.work import Work
from app.league.accounts.models import Account, AccountStatus
from app.league.joining.models import Draft, JoinRequest, RequestState
from app.league.organisations import counters
from app.league.organisations.models import Organisation, OrganisationStatus
from app.league.people.models import Door, Person
from app.league.people.protect import seal_file_fields
from tests import factories as make
from tests.helpers import sign_in
from tests.joining.applications import facts, typed
from tests.world import World

pytestmark = pytest.mark.embedded  # the operations behind these pages run on both databases
STEPS = {
    "name": ("name",),
    "document": ("id_type", "id_number"),
    "basics": ("ethnicity", "native_place", "education", "political_status", "occupation", "phone"),
    "league": ("joined_league_on", "joined_league_at", "certificate_number", "development_number", "dues_paid_through"),
}
HOSTILE = "<script>alert(1)</script>\"'&"


def text_of(response: Any) -> str:
    """The page's source."""
    return str(response.get_data(as_text=True))


def parts(form: dict[str, Any], step: str, version: int = 0) -> dict[str, Any]:
    """What the browser sends on one step."""
    sent: dict[str, Any] = {name: form[name] for name in STEPS[step] if name in form}
    for name in ("joined_league_on", "dues_paid_through"):
        if sent.get(name):
            sent[name] = sent[name].split("-")
    return {**sent, "version": str(version)}


def fill(youth: FlaskClient, branch: Organisation, form: dict[str, Any]) -> None:
    """Answer every step without an error."""
    assert youth.post(f"/jia/apply/place/{branch.public_id}", data={"version": "0"}).status_code == 303
    for step in STEPS:
        answer = youth.post(f"/jia/apply/{step}", data=parts(form, step))
        assert answer.status_code == 303, text_of(answer)


def once(page: str) -> str:
    """The page's once-key."""
    found = re.search(r'name="once"[^>]*value="([^"]+)"', page)
    assert found
    return found[1]


def hand_in(youth: FlaskClient) -> Any:
    """Press 提交申请 on the page of the answers."""
    key = once(text_of(youth.get("/jia/apply/check")))
    return youth.post("/jia/apply/check", data={"once": key, "statement": ""})


def test_from_the_first_page_to_the_reference_number(youth: FlaskClient, world: World, session: Session) -> None:
    form = typed()
    fill(youth, world.branch_b1, form)
    check = text_of(youth.get("/jia/apply/check"))
    for shown in ("李小明", form["id_number"], "2006年5月17日", "回族", "应县第一中学", "2021年12月9日", "会计20184班"):
        assert shown in check
    answer = hand_in(youth)
    assert (answer.status_code, answer.location) == (303, "/jia/apply/done")
    request = session.scalars(select(JoinRequest)).one()
    done = text_of(youth.get("/jia/apply/done"))
    assert request.reference in done
    assert "会计20184班" in done
    assert "管理secretary_b1" not in done
    assert request.reference in text_of(youth.get("/jia/application"))
    assert session.scalar(select(func.count()).select_from(Draft)) == 0


def test_what_the_number_says_is_shown_and_not_asked(youth: FlaskClient) -> None:
    youth.post("/jia/apply/document", data={"id_number": make.id_number(date(2007, 1, 2), male=False), "version": "0"})
    page = text_of(youth.get("/jia/apply/basics"))
    assert "2007年1月2日" in page
    assert 'name="birth_date"' not in page
    assert 'name="sex"' not in page


def test_who_has_not_joined_is_not_asked_about_the_league(youth: FlaskClient) -> None:
    form = typed(political_status="13")
    for step in ("name", "document"):
        youth.post(f"/jia/apply/{step}", data=parts(form, step))
    answer = youth.post("/jia/apply/basics", data=parts(form, "basics"))
    assert answer.location == "/jia/apply/place"
    page = text_of(youth.get("/jia/apply/check"))
    assert "入团日期" not in page


def test_the_name_and_the_phone_of_the_account_are_filled_in(youth: FlaskClient) -> None:
    assert 'value="青年甲"' in text_of(youth.get("/jia/apply/name"))
    assert 'value="139' in text_of(youth.get("/jia/apply/basics"))


def test_a_number_with_a_slip_says_where_to_look(youth: FlaskClient) -> None:
    answer = youth.post("/jia/apply/document", data={"id_number": "149999200605170010", "version": "0"})
    page = text_of(answer)
    assert answer.status_code == 422
    assert "前六位“149999”、生日“20060517”和后四位" in page
    assert 'href="#id_number"' in page
    assert 'value="149999200605170010"' in page


@pytest.mark.parametrize("step", list(STEPS))
@pytest.mark.parametrize("value", ["", HOSTILE, "x" * 5000, "\x00\u202e\ufeff", "９９", "'; DROP TABLE people;--"])
def test_every_wrong_field_is_named_linked_and_kept(youth: FlaskClient, world: World, step: str, value: str) -> None:
    form = typed()
    fill(youth, world.branch_b1, form)
    names = STEPS[step]
    sent = {name: [value] if name in ("joined_league_on", "dues_paid_through") else value for name in names}
    answer = youth.post(f"/jia/apply/{step}", data={**sent, "version": "1"})
    page = text_of(answer)
    if answer.status_code == 303:  # nothing on this page is wrong with such a value
        return
    assert answer.status_code == 422
    linked = set(re.findall(r'<li><a href="#([\w-]+)">', page))
    assert linked
    for name in linked:
        assert f'id="{name}"' in page
    assert "<script>alert" not in page
    assert "<title>错误：" in page


def test_what_was_wrongly_typed_is_still_there_next_time(youth: FlaskClient) -> None:
    youth.post("/jia/apply/basics", data={"native_place": "朔州", "phone": "12", "version": "0"})
    page = text_of(youth.get("/jia/apply/basics"))
    assert 'value="朔州"' in page
    assert 'value="12"' in page


def test_a_draft_is_sealed(youth: FlaskClient, session: Session) -> None:
    number = make.id_number()
    youth.post("/jia/apply/document", data={"id_number": number, "version": "0"})
    draft = session.scalars(select(Draft)).one()
    assert number not in draft.content_sealed


def test_two_windows_on_one_step_overwrite_nothing_unasked(youth: FlaskClient) -> None:
    youth.post("/jia/apply/name", data={"name": "王小红", "version": "0"})
    late = youth.post("/jia/apply/name", data={"name": "王小虹", "version": "0"})
    page = text_of(late)
    assert late.status_code == 409
    assert "王小红" in page
    assert 'value="王小虹"' in page
    version = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert version
    assert youth.post("/jia/apply/name", data={"name": "王小虹", "version": version[1]}).status_code == 303


def test_typing_is_kept_without_a_press(youth: FlaskClient) -> None:
    answer = youth.post("/jia/apply/name/keep", data={"name": "王", "version": "0"})
    assert "已自动保存" in text_of(answer)
    assert 'value="王"' in text_of(youth.get("/jia/apply/name"))
    assert youth.get("/jia/apply").status_code == 200


def test_a_change_from_the_answers_leads_straight_back(youth: FlaskClient, world: World) -> None:
    fill(youth, world.branch_b1, typed())
    assert "/jia/apply/name?from=check#name" in text_of(youth.get("/jia/apply/check"))
    answer = youth.post("/jia/apply/name?from=check", data={"name": "李晓明", "version": "1"})
    assert answer.location == "/jia/apply/check"


def test_the_answers_say_what_is_missing(youth: FlaskClient, world: World) -> None:
    youth.post("/jia/apply/name", data={"name": "王小红", "version": "0"})
    answer = hand_in(youth)
    page = text_of(answer)
    assert answer.status_code == 422
    assert "请选择您的团支部" in page
    assert "/jia/apply/document?from=check#id_number" in page


def test_pressing_twice_hands_in_once(youth: FlaskClient, world: World, session: Session) -> None:
    fill(youth, world.branch_b1, typed())
    key = once(text_of(youth.get("/jia/apply/check")))
    first = youth.post("/jia/apply/check", data={"once": key})
    second = youth.post("/jia/apply/check", data={"once": key})
    other_window = youth.post("/jia/apply/check", data={"once": "another-window"})
    assert first.location == second.location == "/jia/apply/done"
    assert other_window.status_code in (303, 422)
    assert session.scalar(select(func.count()).select_from(JoinRequest)) == 1


def test_known_and_unknown_numbers_get_the_same_pages(
    youth: FlaskClient, world: World, session: Session, vault: Vault
) -> None:
    """T05: nothing tells that a number is on a file."""
    known, unknown = make.id_number(n=1), make.id_number(n=2)
    columns = facts(id_number=known).columns()
    del columns["statement"]
    place = world.branch_t1
    session.add(
        Person(**columns, **seal_file_fields(vault, known, ""), organisation_id=place.id, org_path=place.path,
               door=Door.IMPORT, created_at=make.NOW)
    )  # fmt: skip
    session.commit()

    def story(number: str) -> list[tuple[int, str]]:
        pages = [
            youth.post("/jia/apply/document/check", data={"id_number": number}),
            youth.post("/jia/apply/document", data={"id_number": number, "version": "0"}),
        ]
        form = typed(id_number=number, development_number="202114000001", phone="13900010001")
        youth.post(f"/jia/apply/place/{world.branch_b1.public_id}", data={"version": "0"})
        for step in STEPS:
            youth.post(f"/jia/apply/{step}", data=parts(form, step))
        pages += [youth.get("/jia/apply/check"), hand_in(youth), youth.get("/jia/apply/done")]
        pages += [youth.get("/jia/application"), youth.get("/jia/application/withdraw")]
        key = once(text_of(pages[-1]))
        pages.append(youth.post("/jia/application/withdraw", data={"once": key, "version": "1"}))
        pages.append(youth.get("/jia/application"))
        return [(answer.status_code, _plain(text_of(answer), number)) for answer in pages]

    assert story(unknown) == story(known)


def _plain(page: str, number: str) -> str:
    """A page without what differs from one request to the next."""
    page = page.replace(number, "N").replace(number[14:], "NNNN")
    page = re.sub(r"[2-9A-HJ-NP-TV-Z]{4}-[2-9A-HJ-NP-TV-Z]{4}", "R", page)
    page = re.sub(r"页面编号 \w+", "", page)
    return re.sub(r'(name="(?:once|csrf_token|version)"[^>]*value|csrf-token" content)="[^"]*"', "", page)


def test_a_child_is_led_to_a_guardian_and_the_draft_waits(youth: FlaskClient, world: World, session: Session) -> None:
    """T25: the document tells the age."""
    number = make.id_number(date(2012, 4, 23))
    answer = youth.post("/jia/apply/document", data={"id_number": number, "version": "0"})
    assert answer.status_code == 422
    assert 'href="/jia/apply/guardian"' in text_of(answer)
    wrong = youth.post("/jia/apply/guardian", data={"guardian_name": "", "guardian_phone": "1"})
    assert wrong.status_code == 422
    sent = youth.post("/jia/apply/guardian", data={"guardian_name": "李大明", "guardian_phone": make.phone()})
    assert sent.location == "/jia/account/waiting"
    account = session.get_one(Account, world.people["youth"].id)
    assert (account.status, account.birth_date) == (AccountStatus.GUARDIAN_PENDING, date(2012, 4, 23))
    assert youth.get("/jia").status_code == 303
    assert session.scalar(select(func.count()).select_from(Draft)) == 1


def test_who_is_no_child_is_asked_for_no_guardian(youth: FlaskClient) -> None:
    youth.post("/jia/apply/document", data={"id_number": make.id_number(date(2012, 4, 22)), "version": "0"})
    assert youth.get("/jia/apply/guardian").status_code == 404


class TestThePlace:
    """Y08."""

    def test_a_fragment_finds_it_with_the_names_above(self, youth: FlaskClient, world: World) -> None:
        page = text_of(youth.get("/jia/apply/place?q=会计20184"))
        assert "会计20184班" in page
        assert "甲市师范学校" in page

    @pytest.mark.parametrize("query", ["q=%00", "under=%00", "under=unknown", "q=%25%27%22%3Cb%3E", "q=" + "x" * 4000])
    def test_nothing_asked_for_breaks_it(self, youth: FlaskClient, query: str) -> None:
        assert youth.get(f"/jia/apply/place?{query}").status_code in (200, 404)

    def test_the_tree_leads_there_too(self, youth: FlaskClient, world: World) -> None:
        assert "共青团甲市委" in text_of(youth.get("/jia/apply/place"))
        page = text_of(youth.get(f"/jia/apply/place?under={world.college_c.public_id}"))
        assert f"/jia/apply/place/{world.branch_b1.public_id}" in page

    def test_htmx_gets_the_list_alone(self, youth: FlaskClient, world: World) -> None:
        page = text_of(youth.get("/jia/apply/place?q=会计", headers={"HX-Request": "true"}))
        assert page.lstrip().startswith('<div id="places"')

    def test_the_whole_chain_is_shown_before_it_is_chosen(self, youth: FlaskClient, world: World) -> None:
        page = text_of(youth.get(f"/jia/apply/place/{world.branch_b1.public_id}"))
        assert "共青团甲市委 › 甲市师范学校 › 会计学院" in page

    def test_a_merged_branch_says_where_to_go(self, youth: FlaskClient, world: World) -> None:
        world.branch_b1.status, world.branch_b1.merged_into_id = OrganisationStatus.MERGED, world.branch_b2.id
        page = text_of(youth.get(f"/jia/apply/place/{world.branch_b1.public_id}"))
        assert "已经撤销" in page
        assert world.branch_b2.public_id in page
        assert youth.post(f"/jia/apply/place/{world.branch_b1.public_id}").status_code == 409

    def test_a_closed_branch_leads_to_what_stood_above(self, youth: FlaskClient, world: World) -> None:
        world.branch_b1.status = OrganisationStatus.CLOSED
        assert "会计学院" in text_of(youth.get(f"/jia/apply/place/{world.branch_b1.public_id}"))

    def test_without_a_branch_the_committee_is_asked_with_a_word(self, youth: FlaskClient, world: World) -> None:
        address = f"/jia/apply/place/{world.school_s.public_id}"
        empty = youth.post(address, data={"version": "0", "statement": " "})
        assert empty.status_code == 422
        assert 'href="#statement"' in text_of(empty)
        assert youth.post(address, data={"version": "0", "statement": "会计 20184 班"}).status_code == 303

    def test_a_city_is_no_place_to_apply(self, youth: FlaskClient, world: World) -> None:
        assert youth.get(f"/jia/apply/place/{world.city_a.public_id}").status_code == 404
        assert youth.get("/jia/apply/place/unknown").status_code == 404
        assert youth.get("/jia/apply/place/%00").status_code == 404


class TestAfterwards:
    """Y13 and Y14."""

    @pytest.fixture
    def request_(self, youth: FlaskClient, world: World, session: Session) -> JoinRequest:
        """An application handed in through the pages."""
        fill(youth, world.branch_b1, typed())
        hand_in(youth)
        return session.scalars(select(JoinRequest)).one()

    def give_back(self, request: JoinRequest, world: World, session: Session, *fields: str) -> None:
        """Return it."""
        request.decided_at, request.decided_by_id = make.NOW, world.people["secretary_b1"].id
        request.state, request.returned_fields, request.reason = RequestState.RETURNED, list(fields), "籍贯写到县"
        counters.move(session, request.org_path, {"pending": -1})
        session.commit()

    def test_open_applications_lead_to_their_progress(self, youth: FlaskClient, request_: JoinRequest) -> None:
        for address in ("/jia/apply", "/jia/apply/name", "/jia/apply/check"):
            assert youth.get(address).location == "/jia/application"

    def test_taking_back_asks_first(self, youth: FlaskClient, request_: JoinRequest, session: Session) -> None:
        page = text_of(youth.get("/jia/application/withdraw"))
        stale = youth.post("/jia/application/withdraw", data={"once": "a", "version": "7"})
        assert stale.status_code == 409
        youth.post("/jia/application/withdraw", data={"once": once(page), "version": "1"})
        session.refresh(request_)
        assert request_.state is RequestState.WITHDRAWN
        assert youth.get("/jia/application/withdraw").status_code == 409

    def test_one_applies_again_with_everything_filled_in(
        self, youth: FlaskClient, request_: JoinRequest, session: Session
    ) -> None:
        youth.post("/jia/application/withdraw", data={"once": "a", "version": "1"})
        answer = youth.post("/jia/apply/again", data={"once": "b"})
        assert answer.location == "/jia/apply/check"
        assert "应县第一中学" in text_of(youth.get("/jia/apply/check"))
        assert hand_in(youth).location == "/jia/apply/done"
        assert session.scalar(select(func.count()).select_from(JoinRequest)) == 2

    def test_only_the_returned_field_is_asked_with_its_old_value(
        self, youth: FlaskClient, request_: JoinRequest, world: World, session: Session
    ) -> None:
        self.give_back(request_, world, session, "native_place")
        page = text_of(youth.get("/jia/application/fix"))
        assert "籍贯写到县" in page
        assert "原来：山西省朔州市应县" in page
        assert 'name="ethnicity"' not in page
        assert "籍贯写到县" in text_of(youth.get("/jia/application"))
        sent = {
            "once": once(page),
            "version": "1",
            "native_place": "山西省朔州市山阴县",
            "name": "王五",
            "ethnicity": "05",
        }
        assert youth.post("/jia/application/fix", data=sent).location == "/jia/application"
        session.refresh(request_)
        assert (request_.native_place, request_.name, request_.ethnicity) == ("山西省朔州市山阴县", "李小明", "03")

    def test_an_error_in_the_correction_keeps_it(
        self, youth: FlaskClient, request_: JoinRequest, world: World, session: Session
    ) -> None:
        self.give_back(request_, world, session, "joined_league_on", "id_number")
        sent = {"once": "k", "version": "1", "joined_league_on": ["2090", "1", "1"], "id_number": "12"}
        answer = youth.post("/jia/application/fix", data=sent)
        page = text_of(answer)
        assert answer.status_code == 422
        assert {"#joined_league_on", "#id_number"} <= set(re.findall(r'href="(#[\w-]+)"', page))
        assert 'value="2090"' in page

    def test_the_old_number_is_shown_masked(
        self, youth: FlaskClient, request_: JoinRequest, world: World, session: Session, work: Work
    ) -> None:
        self.give_back(request_, world, session, "id_number")
        assert "原来：149999********" in text_of(youth.get("/jia/application/fix"))

    def test_after_a_week_one_may_remind_once_a_day(
        self, youth: FlaskClient, request_: JoinRequest, clock: Any, world: World
    ) -> None:
        assert "提醒审核人" not in text_of(youth.get("/jia/application"))
        clock.advance(days=6, hours=23)
        youth.delete_cookie("visit")
        sign_in(youth, world.people["youth"])
        assert youth.post("/jia/application/remind", data={"once": "r0"}).status_code == 409
        clock.advance(hours=2)
        sign_in(youth, world.people["youth"])
        assert "提醒审核人" in text_of(youth.get("/jia/application"))
        assert youth.post("/jia/application/remind", data={"once": "r1"}).status_code == 303
        assert youth.post("/jia/application/remind", data={"once": "r2"}).status_code == 429
        assert "今天已经提醒过了" in text_of(youth.get("/jia/application"))
