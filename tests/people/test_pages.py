"""The pages of files: what staff and owners see, type and get back."""

import json
import re

import pytest
from sqlalchemy import select

from app.kernel.audit.models import AuditEntry
from app.league.joining import cases as joining_cases
from app.league.people.models import Correction, IdentityCase, Person
from app.league.people.protect import open_phone
from tests import factories as make
from tests.helpers import sign_in
from tests.people.files import file_at


@pytest.fixture
def file(session, work, world, app):
    """The youth's file at branch B1."""
    row = file_at(work, world.branch_b1, "欧阳晓明", number="149999200605170011", phone="13900012222")
    world.people["youth"].person_id = row.id
    session.commit()
    app.config["WTF_CSRF_ENABLED"] = False
    yield row
    app.config["WTF_CSRF_ENABLED"] = True


@pytest.fixture
def browse(make_client, world):
    """Return a maker of signed-in browsers."""
    return lambda who: sign_in(make_client(), world.people[who])


def actions(session, person):
    return [
        row.action
        for row in session.scalars(
            select(AuditEntry).where(AuditEntry.subject_person_id == person.id).order_by(AuditEntry.id)
        )
    ]


def test_the_list_shows_the_figure_and_masks(browse, file):
    text = browse("school_s").get("/twt/people").text
    assert re.search(r'data-figure="people"[^>]*>1<', text)
    assert "欧阳晓明" in text
    assert "149999********0011" in text
    assert "149999200605170011" not in text
    assert "13900012222" not in text


def test_what_is_searched_never_stands_in_an_address(browse, file):
    browser = browse("school_s")
    for typed in ("晓明", "13900012222", "149999200605170011"):
        answer = browser.post("/twt/people/search", data={"q": typed})
        assert answer.status_code == 200
        assert "欧阳晓明" in answer.text
        assert all(typed not in link for link in re.findall(r'(?:href|action|hx-\w+)="([^"]*)"', answer.text))
        assert answer.headers["Cache-Control"] == "no-store"
    answer = browse("school_t").post("/twt/people/search", data={"q": "晓明"})
    assert "欧阳" not in answer.text
    assert "没有找到这个人" in answer.text


def test_half_a_number_keeps_what_was_typed(browse, file):
    answer = browse("school_s").post("/twt/people/search", data={"q": "1390001"})
    assert answer.status_code == 422
    assert 'value="1390001"' in answer.text
    assert "不能只填一部分" in answer.text


def test_filters_narrow_and_foreign_places_do_not_exist(browse, file, world):
    browser = browse("school_s")
    assert "欧阳晓明" in browser.get(f"/twt/people?org={world.branch_b1.public_id}").text
    assert "欧阳晓明" not in browser.get(f"/twt/people?org={world.branch_b2.public_id}").text
    assert "欧阳晓明" not in browser.get("/twt/people?standing=over_age_youth").text
    assert browser.get(f"/twt/people?org={world.branch_t1.public_id}").status_code == 404
    for bad in ("standing=nothing", "state=1", "sort=id_number", "id_number=1499"):
        assert "欧阳晓明" in browser.get(f"/twt/people?{bad}").text


def test_opening_a_file_is_on_record_before_it_is_shown(browse, file, session):
    browser = browse("secretary_b1")
    text = browser.get(f"/twt/people/{file.public_id}").text
    browser.get(f"/twt/people/{file.public_id}")
    assert "149999200605170011" not in text
    assert "欧阳晓明" not in re.search(r"<title>(.*?)</title>", text, re.DOTALL)[1]
    assert actions(session, file)[1:] == ["people:file:look"]


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_number_in_full_needs_a_reason_and_is_shown_once(browse, file, session, headers):
    browser, url = browse("school_s"), f"/twt/people/{file.public_id}/reveal/id_number"
    asked = browser.get(url, headers=headers)
    assert "149999200605170011" not in asked.text
    once = re.search(r'name="once"[^>]*value="([^"]+)"', asked.text)[1]
    refused = browser.post(url, data={"once": once, "reason": "other", "words": "看"}, headers=headers)
    assert refused.status_code == 422
    assert 'value="看"' in refused.text
    assert "149999200605170011" not in refused.text
    shown = browser.post(url, data={"once": once, "reason": "check"}, headers=headers)
    assert "149999200605170011" in shown.text
    assert "no-store" in shown.headers["Cache-Control"]
    again = browser.post(url, data={"once": once, "reason": "check"}, headers=headers)
    assert "149999200605170011" not in again.text
    assert actions(session, file).count("people:file:reveal") == 1
    mine = browse("youth").get("/jia/me/access").text
    assert "查看了完整号码" in mine
    assert "核对身份" in mine


def test_a_stale_edit_shows_both_values(browse, file, session, vault):
    first, second = browse("secretary_b1"), browse("youth")
    form = {"occupation": "教师", "ethnicity": "01", "native_place": "山西朔州", "education": "21"}
    form["joined_league_at"] = "演示中学"
    stale = first.get(f"/twt/people/{file.public_id}/edit").text
    version = re.search(r'name="version"[^>]*value="(\d+)"', stale)[1]
    done = second.post("/jia/me/edit", data={**form, "occupation": "学生", "phone": "13900013333", "version": version})
    assert done.status_code == 303
    late = first.post(f"/twt/people/{file.public_id}/edit", data={**form, "version": version})
    assert late.status_code == 409
    assert "学生" in late.text
    assert 'value="教师"' in late.text
    newer = re.search(r'name="version"[^>]*value="(\d+)"', late.text)[1]
    assert int(newer) > int(version)
    assert first.post(f"/twt/people/{file.public_id}/edit", data={**form, "version": newer}).status_code == 303
    kept = session.get(Person, file.id)
    assert (kept.occupation, open_phone(vault, kept)) == ("教师", "13900013333")


def test_from_asking_to_the_corrected_file(browse, file, session):
    youth, staff = browse("youth"), browse("school_s")
    assert "更正" in youth.get("/jia/me/correct").text
    wrong = youth.post("/jia/me/correct/name", data={"new": "1", "reason": "写错了"})
    assert wrong.status_code == 422
    assert "写错了" in wrong.text
    assert youth.post("/jia/me/correct/name", data={"new": "欧阳小明", "reason": "写错了"}).status_code == 303
    assert youth.post("/jia/me/correct/name", data={"new": "欧阳小敏", "reason": "写错了"}).status_code == 409
    row = session.scalars(select(Correction)).one()
    assert "欧阳晓明" in staff.get("/twt/corrections").text
    page = staff.get(f"/twt/corrections/{row.public_id}").text
    assert "欧阳小明" in page
    url, version = f"/twt/corrections/{row.public_id}/decide", row.version
    assert staff.post(url, data={"verdict": "refuse", "version": version}).status_code == 422
    assert staff.post(url, data={"verdict": "approve", "version": version}).status_code == 303
    late = browse("college_c").post(url, data={"verdict": "refuse", "reason": "不同意", "version": version})
    assert late.status_code == 409
    assert "已由 管理school_s" in late.text
    assert "欧阳小明" in youth.get("/jia/me").text
    assert "欧阳晓明" in youth.get("/jia/me/history").text


def test_the_past_of_a_file_by_day(browse, file):
    browser = browse("school_s")
    url = f"/twt/people/{file.public_id}/history"
    assert "当天结束时" in browser.get(f"{url}?on=2026-04-22").text
    assert browser.get(f"{url}?on=2026-04-21").status_code == 422
    assert browser.get(f"{url}?on=never").status_code == 422


def test_owners_see_their_numbers_masked_until_they_ask(browse, file, session):
    youth = browse("youth")
    assert "149999200605170011" not in youth.get("/jia/me").text
    assert "149999200605170011" in youth.post("/jia/me/reveal/id_number").text
    assert "people:file:reveal" in actions(session, file)
    answer = youth.post("/jia/me/copy")
    held = json.loads(answer.text)
    assert held["档案"]["证件号码"] == "149999200605170011"
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_without_a_file_the_page_says_what_comes_next(browse, world):
    assert "您还没有电子档案" in browse("other_youth").get("/jia/me").text


def test_a_full_limit_is_a_page_and_gives_nothing(browse, file, monkeypatch):
    from app.kernel import limits

    monkeypatch.setitem(limits.LIMITS, "reveal", limits.Limit(((1, limits.HOUR),)))
    browser, url = browse("school_s"), f"/twt/people/{file.public_id}/reveal/phone"
    assert "13900012222" in browser.post(url, data={"reason": "check"}).text
    refused = browser.post(url, data={"reason": "check"})
    assert refused.status_code == 429
    assert "13900012222" not in refused.text


def test_a_case_from_the_list_to_the_moved_file(browse, file, session, work, world):
    request = make.join_request(
        session, work.vault, world.branch_t1, world.people["other_youth"], number="149999200605170011",
        name="欧阳晓明",
    )  # fmt: skip
    joining_cases.settle(work, request, "149999200605170011")
    session.commit()
    case = session.scalars(select(IdentityCase)).one()
    province = browse("province")
    assert world.branch_t1.full_name in province.get("/twt/corrections/cases").text
    text = province.get(f"/twt/corrections/cases/{case.public_id}").text
    assert world.branch_b1.full_name in text
    assert world.branch_t1.full_name in text
    assert "149999200605170011" not in text
    assert browse("school_s").get(f"/twt/corrections/cases/{case.public_id}").status_code == 404
    url = f"/twt/corrections/cases/{case.public_id}/decide"
    assert province.post(url, data={"verdict": "move", "version": case.version}).status_code == 422
    good = {"verdict": "move", "reason": "看过身份证", "version": case.version}
    assert province.post(url, data=good).status_code == 303
    assert province.post(url, data={**good, "verdict": "keep"}).status_code == 409
    assert "欧阳晓明" in browse("secretary_t1").get(f"/twt/people/{file.public_id}").text
    assert browse("secretary_b1").get(f"/twt/people/{file.public_id}").status_code == 404
    assert "您还没有电子档案" in browse("youth").get("/jia/me").text


def test_a_file_that_was_loaded_tells_its_owner_so(browse, file):
    """What was done before anybody looked is told too."""
    assert "批量建立了档案" in browse("youth").get("/jia/me/access").text


def headings(page: str) -> list[str]:
    return [re.sub(r"<[^>]+>", "", head) for head in re.findall(r'<th scope="col"[^>]*>(.*?)</th>', page)]


def test_columns_of_the_list_are_chosen_once_and_stay_chosen(browse, file):
    browser = browse("school_s")
    assert headings(browser.get("/twt/people").text) == ["姓名", "身份", "团组织", "证件号码", "手机号", "状态"]
    chosen = browser.get("/twt/people?cols=1&col=place&col=state&col=salary").text
    assert headings(chosen) == ["姓名", "团组织", "状态"]
    assert headings(browser.get("/twt/people").text) == ["姓名", "团组织", "状态"]
    assert headings(browser.get("/twt/people?cols=1").text) == ["姓名"]
    assert headings(browser.get("/twt/people").text) == ["姓名"], "nothing but the name is a choice too"


@pytest.mark.parametrize("odd", ["endpoint=x", "_method=DELETE", "_external=1&_scheme=javascript", "_anchor=x"])
def test_the_list_s_address_tells_its_links_nothing_but_what_it_narrows(odd, client, world) -> None:
    sign_in(client, world.people["school_s"])
    page = client.get(f"/twt/people?standing=member&{odd}")
    assert page.status_code == 200
    assert "javascript:" not in page.text
    assert 'href="/twt/exports/new?standing=member"' in page.text
