"""A publisher writes, publishes and withdraws; readers see what they should."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.access.powers import Power
from app.kernel.access.rules import Role
from app.kernel.audit.models import AuditEntry
from app.kernel.db.unit import writing
from app.kernel.errors import Conflict, Invalid, NotFound
from app.kernel.vault import Vault
from app.kernel.work import Actor, Work
from app.league.accounts.models import Account
from app.league.accounts.sessions import Session as SignedInSession
from app.league.accounts.sessions import open_session, session_of
from app.league.notices import operations, portal, queries
from app.league.notices.models import Audience, Notice, NoticeState
from app.league.notices.operations import NoticeText
from app.league.organisations.models import Organisation
from tests import factories as make
from tests.world import World


@pytest.fixture
def acting(work: Work):
    """Return a maker of units of work for an account, as a request would have them."""

    def as_(account: Account) -> Work:
        with writing(work.session):
            token = open_session(work, work.session.merge(account), second_factor=False, device="test")
        found = session_of(work, token)
        assert isinstance(found, SignedInSession)
        values = {**work.__dict__, "viewer": found.viewer, "actor": Actor.of(found.viewer)}
        return Work(**values)

    return as_


def text(issuer: Organisation, target: Organisation | None = None, **values: object) -> NoticeText:
    facts = {"title": "关于开展注册的通知", "body": "请按时完成。", "audience": Audience.STAFF, **values}
    return NoticeText(issuer=issuer.public_id, target=(target or issuer).public_id, **facts)


def written(work: Work, notice_text: NoticeText) -> Notice:
    assert work.viewer is not None
    with writing(work.session):
        return operations.write(work, work.viewer, notice_text)


def published(work: Work, notice_text: NoticeText) -> Notice:
    notice = written(work, notice_text)
    with writing(work.session):
        operations.publish(work, notice, version=notice.version)
    return notice


def test_a_published_notice_reaches_the_staff_below_its_target_and_nobody_beside(world: World, acting) -> None:
    notice = published(acting(world.people["publisher"]), text(world.province, world.school_s))
    for name, reached in (("school_s", True), ("secretary_b1", True), ("school_t", False), ("city_a", False)):
        titles = [row.title for row in queries.inbox(acting(world.people[name]))]
        assert (notice.title in titles) is reached, name


def test_a_summary_that_nobody_wrote_follows_the_text(world: World, acting) -> None:
    work = acting(world.people["publisher"])
    notice = written(work, text(world.province))
    assert (notice.summary, operations.written_summary(notice)) == ("请按时完成。", "")
    with writing(work.session):
        operations.write(
            work, work.viewer, text(world.province, body="时间改了。"), notice=notice, version=notice.version
        )
    assert notice.summary == "时间改了。"
    own = written(work, text(world.province, summary="一句话"))
    assert operations.written_summary(own) == "一句话"


def test_a_draft_is_nobodys_business_but_the_publishers(world: World, acting) -> None:
    draft = written(acting(world.people["publisher"]), text(world.province, audience=Audience.PORTAL))
    reader = acting(world.people["school_s"])
    assert portal.listed(reader.session) == []
    with pytest.raises(NotFound):
        portal.article(reader.session, draft.public_id)


def test_reading_is_counted_once_and_the_unread_number_falls(world: World, acting) -> None:
    publisher = acting(world.people["publisher"])
    notice = published(publisher, text(world.province, world.school_s))
    reader = acting(world.people["school_s"])
    assert queries.unread_count(reader) == 1
    for _ in range(2):
        with writing(reader.session):
            operations.mark_read(reader, notice.id, reader.viewer.account_id)
    assert queries.unread_count(reader) == 0
    scope = publisher.viewer.scope(Power.NOTICES_PUBLISH)
    seen = queries.reading(scope, publisher.session, notice, publisher.today)
    assert (seen.recipients, seen.read) == (4, 1)
    assert world.people["school_s"].name not in [name for _, name, _ in seen.waiting]


def test_a_withdrawn_notice_says_so_to_its_readers_and_leaves_the_lists(world: World, acting) -> None:
    publisher = acting(world.people["publisher"])
    notice = published(publisher, text(world.province, audience=Audience.PORTAL))
    assert [row.title for row in portal.listed(publisher.session)] == [notice.title]
    with writing(publisher.session):
        operations.withdraw(publisher, notice, version=notice.version, reason="日期有误")
    assert portal.listed(publisher.session) == []
    seen, _ = portal.article(publisher.session, notice.public_id)
    assert seen.withdrawn_reason == "日期有误"


def test_a_scheduled_notice_is_published_by_the_worker_when_its_time_has_come(world: World, acting, clock) -> None:
    publisher = acting(world.people["publisher"])
    notice = written(publisher, text(world.province, audience=Audience.PORTAL))
    with writing(publisher.session):
        operations.publish(publisher, notice, version=notice.version, at=publisher.now + timedelta(hours=2))
    assert operations.publish_due(publisher) == 0
    later = Work(**{**publisher.__dict__, "now": publisher.now + timedelta(hours=2)})
    assert operations.publish_due(later) == 1
    assert [row.title for row in portal.listed(later.session)] == [notice.title]


def test_a_stale_version_loses_and_says_so(world: World, acting) -> None:
    publisher = acting(world.people["publisher"])
    notice = written(publisher, text(world.province))
    with writing(publisher.session):
        operations.write(publisher, publisher.viewer, text(world.province, body="新"), notice=notice, version=1)
    with pytest.raises(Conflict), writing(publisher.session):
        operations.write(publisher, publisher.viewer, text(world.province, body="旧"), notice=notice, version=1)
    assert publisher.session.scalar(select(Notice.body_text)) == "新"


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "长" * 121}, "title"),
        ({"body": "<p> </p>"}, "body"),
        ({"category": "别的"}, "category"),
        ({"pinned": True}, "pinned"),
        ({"lead": True}, "lead"),
        ({"source": "长" * 61}, "source"),
    ],
)
def test_each_fault_is_told_beside_its_field(world: World, acting, facts: dict, field: str) -> None:
    publisher = acting(world.people["publisher"])
    with pytest.raises(Invalid) as problem:
        written(publisher, text(world.province, **facts))
    assert field in problem.value.errors


def test_a_publisher_cannot_aim_outside_the_own_subtree(world: World, acting, session: Session, vault: Vault) -> None:
    clerk = make.account(session, vault, "学校宣传员")
    make.appoint(session, clerk, world.school_s, Role.PUBLISHER)
    session.commit()
    writer = acting(clerk)
    for target in (world.school_t, world.city_a, world.province):
        with pytest.raises(Invalid) as problem:
            written(writer, text(world.school_s, target))
        assert "target" in problem.value.errors
    with pytest.raises(Invalid) as problem:
        written(writer, text(world.school_s, audience=Audience.PORTAL))
    assert "audience" in problem.value.errors


def test_every_change_stands_in_the_audit(world: World, acting, session: Session) -> None:
    publisher = acting(world.people["publisher"])
    notice = published(publisher, text(world.province))
    with writing(publisher.session):
        operations.withdraw(publisher, notice, version=notice.version, reason="重复")
    entries = select(AuditEntry.action).where(AuditEntry.object_id == notice.public_id)
    told = session.scalars(entries.order_by(AuditEntry.id)).all()
    assert told == ["notices:notice:draft", "notices:notice:publish", "notices:notice:withdraw"]
    assert notice.state is NoticeState.WITHDRAWN


def test_the_publishers_list_follows_the_time_it_shows_from_page_to_page(world: World, acting) -> None:
    work = acting(world.people["publisher"])
    for title, days in (("前天发的", 2), ("今天发的", 0), ("昨天发的", 1)):
        notice = published(work, text(world.province, title=title))
        with writing(work.session):
            notice.published_at = work.now - timedelta(days=days)
    scope = work.viewer.scope(Power.NOTICES_PUBLISH)
    first = queries.managed(scope, work.session, size=2)
    rest = queries.managed(scope, work.session, after=first[-1][0].public_id)
    assert [row[0].title for row in (*first, *rest)] == ["今天发的", "昨天发的", "前天发的"]
