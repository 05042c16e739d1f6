"""Messages to members in WeChat: what happened, where to go on, nobody's name; to secretaries once a day."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.kernel.outbox.models import OutboxMessage
from app.kernel.outbox.operations import deliver_due
from app.kernel.work import Work
from app.league.accounts.messages import tell
from app.league.wechat import bindings, telling
from app.league.wechat.models import WechatFollower, WechatToken
from tests import factories as make
from tests.wechat.standin import TEMPLATE


@pytest.fixture
def youth(world, work, account):
    """A youth whose WeChat is o-1."""
    bindings.bind(work, world.people["youth"], "o-1")
    work.session.commit()
    return world.people["youth"]


def told(work: Work, standin, openid="o-1"):
    """What arrived, once the worker has been round twice."""
    work.session.commit()
    work.now += timedelta(seconds=60)
    deliver_due(work)
    work.now += timedelta(seconds=1)
    deliver_due(work)
    return standin.inbox[openid]


@pytest.mark.parametrize(
    ("event", "result", "target"),
    [
        ("submitted", "已提交", "progress"),
        ("returned", "请补正", "fix"),
        ("approved", "已通过", "file"),
        ("rejected", "未通过", "progress"),
    ],
)
def test_what_happened_is_told_with_the_way_on(work, standin, youth, event, result, target):
    tell(work, youth.id, "k", "题", "文：林晓春", event=event)
    (message,) = told(work, standin)
    assert (message["template_id"], message["data"]["phrase2"]["value"]) == (TEMPLATE, result)
    assert message["url"].endswith(f"/wx/go/{target}")
    assert "林晓春" not in str(message)


@pytest.mark.parametrize(
    ("fields", "names"),
    [("thing4,thing5,time1", ["thing4", "thing5", "time1"]), (" thing4 , phrase1, ", ["thing4", "phrase1"])],
)
def test_the_template_names_its_own_fields(work, standin, youth, fields, names):
    work.settings = replace(work.settings, wechat_template_fields=fields)
    tell(work, youth.id, "k", "题", "文", event="approved")
    (message,) = told(work, standin)
    assert list(message["data"]) == names


def test_without_a_template_the_inbox_alone_tells(work, standin, youth):
    work.settings = replace(work.settings, wechat_template="")
    tell(work, youth.id, "k", "题", "文", event="approved")
    assert told(work, standin) == []
    assert not work.session.query(OutboxMessage).filter_by(kind="wechat.notice").count()


def test_other_messages_stay_in_the_inbox(work, standin, youth):
    tell(work, youth.id, "k", "密码已更改", "文")
    assert told(work, standin) == []


def test_who_is_not_bound_or_left_gets_nothing(work, standin, youth, world):
    openid = bindings.index(work, "o-1")
    work.session.add(WechatFollower(openid_index=openid, following=False, as_of=1))
    tell(work, youth.id, "k1", "题", "文", event="approved")
    tell(work, world.people["other_youth"].id, "k2", "题", "文", event="approved")
    told(work, standin)
    assert not any(standin.inbox.values())


def test_a_token_that_ended_is_asked_for_anew(work, standin, youth):
    tell(work, youth.id, "k1", "题", "文", event="submitted")
    assert len(told(work, standin)) == 1
    standin.tokens.clear()
    tell(work, youth.id, "k2", "题", "文", event="approved")
    assert len(told(work, standin)) == 2
    assert work.session.query(WechatToken).count() == 1


def test_who_blocked_the_account_is_not_tried_for_ever(work, standin, youth):
    standin.unreachable.add("o-1")
    tell(work, youth.id, "k", "题", "文", event="approved")
    assert told(work, standin) == []
    work.now += timedelta(days=1)
    assert deliver_due(work) == 0


def test_the_secretary_hears_once_a_day_in_the_evening(work, standin, world, vault, account):
    secretary = world.people["secretary_b1"]
    bindings.bind(work, secretary, "o-s")
    for _ in range(3):
        make.join_request(work.session, vault, world.branch_b1)
    work.session.commit()
    assert telling.daily(work) == 0  # ten in the morning
    work.now += timedelta(hours=9)
    assert telling.daily(work) == 1
    telling.daily(work)
    (message,) = told(work, standin, "o-s")
    assert message["data"]["thing1"]["value"] == "3 份档案等您审核"
    work.now += timedelta(days=1)
    telling.daily(work)
    assert len(told(work, standin, "o-s")) == 2
