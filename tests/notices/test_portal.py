"""What everyone reads: the lead, the columns, the archive, the neighbours, the feeds."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as Xml

import pytest
from sqlalchemy.orm import Session

from app.kernel.errors import NotFound
from app.league.notices import portal
from app.league.notices.models import Audience, Notice, NoticeState
from app.surfaces.portal.marking import excerpt, pieces
from tests import factories as make
from tests.world import World

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def publish(world: World, session: Session):
    """Return a maker of public notices, ``days`` old."""

    def one(title: str, days: float = 1, **values: object) -> Notice:
        facts = {"category": "news", "audience": Audience.PORTAL, **values}
        notice = make.notice(session, world.province, world.people["publisher"], title=title, **facts)
        notice.published_at = make.NOW - timedelta(days=days)
        session.commit()
        return notice

    return one


def front(session: Session) -> portal.Front:
    return portal.front(session, make.NOW)


def test_the_lead_is_the_newest_marked_one_while_it_is_fresh_then_the_newest_news(session: Session, publish) -> None:
    assert front(session).lead is None
    publish("公告", 0.1, category="announcements")
    assert front(session).lead is None
    publish("新", 1)
    marked = publish("标了", 3, category="grassroots", lead=True)
    publish("早先标的", 5, lead=True)
    assert front(session).lead.title == "标了"
    marked.published_at = make.NOW - portal.LEAD_LASTS - timedelta(hours=1)
    session.commit()
    assert front(session).lead.title == "早先标的"


def test_the_lead_is_not_told_twice_and_pinned_ones_come_first_in_their_column(session: Session, publish) -> None:
    publish("头条", 1, lead=True)
    publish("新", 2)
    publish("置顶", 9, pinned=True)
    assert [row.title for row in front(session).columns["news"]] == ["置顶", "新"]


def test_nothing_but_what_is_published_to_everyone_reaches_the_front_page(session: Session, publish) -> None:
    publish("草稿", state=NoticeState.DRAFT, lead=True)
    publish("撤回", state=NoticeState.WITHDRAWN)
    publish("内部", audience=Audience.STAFF)
    found = front(session)
    assert (found.lead, found.updated, list(found.columns.values())) == (None, None, [[], [], [], []])


def test_a_month_begins_at_midnight_in_shanghai(session: Session, publish) -> None:
    late = publish("三月末")
    late.published_at = datetime(2026, 3, 31, 15, 59, 59, tzinfo=UTC)
    early = publish("四月初")
    early.published_at = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)
    session.commit()
    assert portal.months(session) == {2026: [(4, 1), (3, 1)]}
    for month, title in ((3, "三月末"), (4, "四月初")):
        assert [row.title for row in portal.listed(session, month=portal.month_of(2026, month))] == [title]
    for year, month in ((2026, 0), (2026, 13), (1, 1), (99999, 1)):
        with pytest.raises(NotFound):
            portal.month_of(year, month)


def test_pages_follow_each_other_by_key_though_news_come_in_between(session: Session, publish) -> None:
    for number in range(5):
        publish(f"第{number}条", 5 - number)
    first = portal.listed(session, size=2)
    publish("刚来的", 0)
    second = portal.listed(session, after=first[-1].public_id, size=2)
    assert [row.title for row in first + second] == ["第4条", "第3条", "第2条", "第1条"]


def test_an_article_names_its_neighbours_in_the_column(session: Session, publish) -> None:
    publish("旧", 3)
    middle = publish("中", 2)
    publish("新", 1)
    publish("别的栏目", 1.5, category="policies")
    older, newer = portal.neighbours(session, middle)
    assert (older.title, newer.title) == ("旧", "新")


def test_searched_words_are_marked_as_text(client, session: Session, publish) -> None:
    publish("关于<b>团费</b>的通知")
    page = client.get("/search?q=团费").text
    assert "关于&lt;b&gt;<mark>团费</mark>&lt;/b&gt;的通知" in page
    assert pieces("a.c abc", "a.c") == [("a.c", True), (" abc", False)]
    assert excerpt("甲" * 200 + "团费" + "乙" * 200, "团费").count("团费") == 1


def test_what_xml_cannot_carry_is_left_out_of_the_feeds(client, session: Session, publish) -> None:
    notice = publish("坏字\x0b\x1f\ufffe<&>\U00020bb7", summary="]]> \x01\x08")
    rss = Xml.fromstring(client.get("/feed.xml").data)
    assert rss.findtext("channel/item/title") == "坏字<&>\U00020bb7"
    assert rss.findtext("channel/item/link").endswith(f"/notices/{notice.public_id}")
    assert rss.findtext("channel/item/pubDate").endswith("+0800")
    atom = Xml.fromstring(client.get("/columns/news/atom.xml").data)
    for wanted in ("id", "title", "updated"):
        assert atom.findtext(f"{ATOM}{wanted}"), wanted
        assert atom.findtext(f"{ATOM}entry/{ATOM}{wanted}"), wanted
    assert atom.findtext(f"{ATOM}entry/{ATOM}author/{ATOM}name")
    assert Xml.fromstring(client.get("/columns/policies/atom.xml").data).find(f"{ATOM}entry") is None


def test_search_engines_find_articles_and_leave_people_alone(client, session: Session, publish) -> None:
    notice = publish("新")
    locations = [e.text for e in Xml.fromstring(client.get("/sitemap.xml").data).iter() if e.tag.endswith("loc")]
    assert any(location.endswith(notice.public_id) for location in locations)
    robots = client.get("/robots.txt").text
    assert "Disallow: /jia" in robots
    assert "Sitemap: http" in robots


def test_a_page_that_has_not_changed_is_not_sent_twice(client, session: Session, publish) -> None:
    publish("新")
    for headers in ({}, {"Accept-Encoding": "br"}):
        first = client.get("/", headers=headers)
        assert "max-age=60" in first.headers["Cache-Control"]
        again = client.get("/", headers={**headers, "If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
    publish("更新")
    assert client.get("/", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_a_page_with_a_form_is_nobody_elses(client, session: Session) -> None:
    assert "public" not in client.get("/a11y").headers["Cache-Control"]


def test_the_foot_shows_the_sites_numbers_once_they_are_set(make_app, client, world: World) -> None:
    assert "网站标识码" not in client.get("/help").text
    page = make_app(site_code="1400000000", icp_number="晋ICP备00000000号").test_client().get("/help").text
    assert "网站标识码 1400000000" in page
    assert "晋ICP备00000000号" in page
