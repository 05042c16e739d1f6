"""The pages of the tree as a browser without script uses them."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.league.appointments.models import Appointment
from app.league.joining.models import JoinRequest
from app.league.organisations import operations, queries
from app.league.organisations.models import Kind, OrganisationStatus
from tests import factories as make
from tests.helpers import sign_in
from tests.organisations.truth import faults, person


@pytest.fixture(autouse=True)
def without_csrf(app):
    """CSRF has tests of its own."""
    app.config["WTF_CSRF_ENABLED"] = False
    yield
    app.config["WTF_CSRF_ENABLED"] = True


@pytest.fixture
def filled(session, work, world, vault):
    """Files and applications in both cities."""
    for branch, files in (("branch_b1", 3), ("branch_b3", 1), ("branch_t1", 2)):
        for _ in range(files):
            person(session, vault, world.orgs[branch])
        make.join_request(session, vault, world.orgs[branch])
        operations.refresh_in_use(work, world.orgs[branch].path)
    session.commit()
    return world


def figures(html: str) -> dict[str, int]:
    """The first of each data-figure on a page."""
    found: dict[str, int] = {}
    for name, number in re.findall(r'data-figure="(\w+)"[^>]*>(\d+)<', html):
        found.setdefault(name, int(number))
    return found


@pytest.mark.parametrize(
    ("who", "people", "organisations", "pending"),
    [
        ("province", 6, 11, 3),
        ("city_a", 4, 6, 2),
        ("city_b", 2, 3, 1),
        ("school_s", 4, 4, 2),
        ("college_c", 3, 2, 1),
        ("secretary_b1", 3, 1, 1),
        ("secretary_t1", 2, 1, 1),
    ],
)
def test_each_desk_shows_exactly_its_own_subtree(client, filled, who, people, organisations, pending):
    sign_in(client, filled.people[who])
    html = client.get("/twt").text
    assert figures(html) == {"people": people, "organisations": organisations, "pending": pending}


def test_a_delegate_sees_what_waits_and_no_files(client, filled):
    sign_in(client, filled.people["delegate_c"])
    assert figures(client.get("/twt").text) == {"pending": 1}


def test_the_system_administrator_sees_no_numbers_of_people(client, filled):
    sign_in(client, filled.people["system"])
    assert figures(client.get("/twt").text) == {}


def test_the_desk_puts_today_s_jobs_first(client, session, filled):
    """The oldest wait is told in days, what ends soon by number; nothing of it comes from beside."""
    waiting = session.scalars(select(JoinRequest).order_by(JoinRequest.id)).first()
    waiting.submitted_at = make.NOW - timedelta(days=9)
    ending = session.scalars(
        select(Appointment).where(Appointment.account_id == filled.people["secretary_b1"].id)
    ).one()
    ending.ends_on = make.TODAY + timedelta(days=3)
    session.commit()
    sign_in(client, filled.people["school_s"])
    late, ending_soon, *_ = todays_jobs(client)
    assert late.startswith("2 份申请等您审核 最早的已经等了 9 天")
    assert ending_soon.startswith("1 人的任职快到期")
    sign_in(client, filled.people["school_t"])
    jobs = todays_jobs(client)
    assert jobs[0].startswith("1 份申请等您审核 都是今天交的")
    assert not any("任职" in job for job in jobs)


def todays_jobs(client) -> list[str]:
    """What each card of the desk says, in the order of the page."""
    cards = re.findall(r'<li class="job".*?</li>', client.get("/twt").text, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", card).split()) for card in cards]


def test_the_switch_changes_the_subtree_that_is_shown(client, session, filled):
    who = filled.people["school_s"]
    second = make.appoint(session, who, filled.school_t)
    session.commit()
    sign_in(client, who)
    before = figures(client.get("/twt").text)
    answer = client.post("/twt/act-under", data={"appointment": second.public_id})
    assert (answer.status_code, answer.location) == (303, "/twt")
    after = figures(client.get("/twt").text)
    assert (before["people"], after["people"]) == (4, 2)
    foreign = make.appoint(session, filled.people["youth"], filled.school_t)
    assert client.post("/twt/act-under", data={"appointment": foreign.public_id}).status_code == 404


def test_the_tree_opens_by_links_and_by_fragments(client, filled):
    sign_in(client, filled.people["city_a"])
    html = client.get("/twt/organisations").text
    assert "甲市师范学校" in html
    assert "乙市" not in html
    url = f"/twt/organisations/{filled.school_s.public_id}/children"
    part = client.get(url, headers={"HX-Request": "true"}).text
    assert "会计学院" in part
    assert "<html" not in part
    whole = client.get(url).text
    assert "<html" in whole
    assert part.strip() in whole


def test_forty_branches_by_pasting_with_a_preview_first(client, session, filled):
    sign_in(client, filled.people["school_s"])
    url = f"/twt/organisations/{filled.college_c.public_id}/paste"
    lines = [f"{n}. 2024级会计{n}班,4{n % 10}" for n in range(1, 39)] + [
        "会计20184班",
        "2024级会计1班",
        " ",
        "39、审计１班\t41",
    ]
    form = {"kind": "branch", "names": "\n".join(lines), "once": "k1", "step": "preview"}
    html = client.post(url, data=form).text
    assert "可以新建 <strong>39</strong> 个" in html
    assert "已经存在" in html
    assert "和第 1 行重复" in html
    assert len(queries.children_public(session, filled.college_c.public_id)) == 2, "a preview makes nothing"
    answer = client.post(url, data={**form, "step": "commit"})
    assert answer.status_code == 303
    again = client.post(url, data={**form, "step": "commit"})
    assert again.status_code in (303, 422)
    session.expire_all()
    rows = queries.children_public(session, filled.college_c.public_id)
    assert len(rows) == 41
    result = client.get(answer.location).text
    assert "新建 <strong>39</strong> 个团支部，略过 <strong>2</strong> 行" in result
    assert "略过：已经存在" in result
    sheet = client.get(f"{answer.location}/sheet").text
    assert sheet.count('class="strip"') == 39
    assert "甲市师范学校 › 会计学院 › 2024级会计1班" in sheet
    assert {"2024级会计1班": 41, "审计1班": 41}.items() <= {row.name: row.expected_members for row in rows}.items()


@pytest.mark.parametrize("names", ["", "\n \n", "\n".join(f"班{n}级" for n in range(2001))])
def test_a_paste_of_nothing_or_too_much_is_refused_with_what_was_typed(client, filled, names):
    sign_in(client, filled.people["school_s"])
    url = f"/twt/organisations/{filled.college_c.public_id}/paste"
    answer = client.post(url, data={"kind": "branch", "names": names, "once": "k", "step": "preview"})
    assert answer.status_code == 422
    assert names.strip()[:9] in answer.text


def test_a_stale_rename_shows_both_names_and_can_be_sent_again(client, session, work, filled):
    sign_in(client, filled.people["school_s"])
    url = f"/twt/organisations/{filled.college_c.public_id}/rename"
    operations.rename(work, filled.college_c, "会计与金融学院", version=1)
    answer = client.post(url, data={"name": "财会学院", "version": "1", "once": "k1"})
    assert answer.status_code == 409
    assert "财会学院" in answer.text
    assert "会计与金融学院" in answer.text
    version = re.search(r'name="version"[^>]*value="(\d+)"', answer.text)
    assert version
    assert client.post(url, data={"name": "财会学院", "version": version[1], "once": "k2"}).status_code == 303
    session.expire_all()
    assert filled.college_c.name == "财会学院"


def test_a_move_shows_its_consequences_before_it_is_made(client, session, filled):
    sign_in(client, filled.people["province"])
    url = f"/twt/organisations/{filled.college_c.public_id}/move"
    html = client.get(url, query_string={"to": filled.school_t.public_id}).text
    assert "青年档案" in html
    assert "确认移到这里" in html
    form = {"to": filled.school_t.public_id, "version": "1", "once": "k"}
    assert client.post(url, data=form).status_code == 303
    assert client.post(url, data={**form, "once": "k2"}).status_code == 409
    assert faults(session) == []
    assert filled.college_c.parent_id == filled.school_t.id


def test_a_merge_and_a_close_in_the_browser(client, session, filled):
    sign_in(client, filled.people["school_s"])
    merge = f"/twt/organisations/{filled.branch_b1.public_id}/merge"
    assert "确认合并" in client.get(merge, query_string={"to": filled.branch_b2.public_id}).text
    form = {"to": filled.branch_b2.public_id, "version": "1", "to_version": "1", "once": "k"}
    assert client.post(merge, data=form).status_code == 303
    close = f"/twt/organisations/{filled.branch_b2.public_id}/close"
    assert "份档案" in client.get(close).text
    refused = client.post(
        close, data={"reason": "试", "requests_to": "", "children_to": "", "version": "2", "once": "c"}
    )
    assert refused.status_code == 422
    empty = make.organisation(session, Kind.BRANCH, filled.college_c, "要撤销的支部")
    close = f"/twt/organisations/{empty.public_id}/close"
    answer = client.post(
        close, data={"reason": "毕业", "requests_to": "", "children_to": "", "version": "1", "once": "d"}
    )
    assert answer.status_code == 303
    session.expire_all()
    assert empty.status is OrganisationStatus.CLOSED
    assert "已撤销" in client.get(f"/twt/organisations/{empty.public_id}").text
    assert faults(session) == []


def offered(html: str, name: str) -> set[str]:
    """The public ids that the list ``name`` offers."""
    options = re.search(rf'<select[^>]*name="{name}"[^>]*>(.*?)</select>', html, re.DOTALL)
    assert options
    return set(re.findall(r'value="([^"]+)"', options[1]))


def test_what_a_closing_leaves_may_go_to_any_place_that_can_be_found_in_the_scope(client, session, vault, filled):
    sign_in(client, filled.people["school_s"])
    ending, far = make.organisation(session, Kind.BRANCH, filled.college_c, "要撤销的支部"), filled.branch_b3
    waiting = make.join_request(session, vault, ending)
    close = f"/twt/organisations/{ending.public_id}/close"
    assert far.public_id not in offered(client.get(close).text, "requests_to"), "it stands elsewhere"
    form = {"reason": "毕业了", "requests_to": "", "children_to": "", "version": "1", "once": "f"}
    found = client.post(close, data={**form, "q": "团支部", "find": "1"}).text
    assert "毕业了" in found
    assert far.public_id in offered(found, "requests_to")
    assert far.public_id not in offered(found, "children_to"), "nothing stands below a branch"
    assert client.post(close, data={**form, "requests_to": filled.branch_t1.public_id}).status_code == 404
    assert client.post(close, data={**form, "requests_to": far.public_id}).status_code == 303
    session.expire_all()
    assert waiting.organisation_id == far.id
    assert faults(session) == []


def test_a_foreign_target_is_not_found(client, filled):
    sign_in(client, filled.people["school_s"])
    for act in ("move", "merge"):
        url = f"/twt/organisations/{filled.branch_b1.public_id}/{act}"
        assert client.get(url, query_string={"to": filled.school_t.public_id}).status_code == 404
        form = {"to": filled.branch_t1.public_id, "version": "1", "to_version": "1", "once": f"k{act}"}
        assert client.post(url, data=form).status_code == 404
