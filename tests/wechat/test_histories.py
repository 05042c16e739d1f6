"""WeChat delivers a message again when it hears nothing, and in whatever order: the state is that of one delivery each.

HISTORIES histories (a few by default; `HISTORIES=500 pytest tests/wechat/test_histories.py` for the whole search).
"""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import delete, select

from app.kernel.outbox.models import OutboxMessage
from app.kernel.work import Work
from app.league.wechat import bindings, receiving
from app.league.wechat.models import WechatFollower, WechatMessage
from tests import factories as make

HISTORIES = int(os.environ.get("HISTORIES", "12"))
NOW = int(make.NOW.timestamp())
SENDERS = ("o-bound", "o-other")
KINDS = (
    {"MsgType": "event", "Event": "subscribe", "EventKey": ""},
    {"MsgType": "event", "Event": "unsubscribe", "EventKey": ""},
    {"MsgType": "event", "Event": "CLICK", "EventKey": "PROGRESS"},
    {"MsgType": "event", "Event": "CLICK", "EventKey": "MEMBER"},
    {"MsgType": "event", "Event": "SCAN", "EventKey": "abcdefgh23456789"},
    {"MsgType": "text", "Content": "进度"},
    {"MsgType": "text", "Content": "491152"},
)
TOLD = some.lists(
    some.tuples(some.sampled_from(SENDERS), some.sampled_from(range(len(KINDS))), some.integers(NOW - 60, NOW)),
    min_size=1, max_size=8, unique=True,
)  # fmt: skip


@pytest.fixture
def bound(work: Work, world):
    """One of the senders is bound."""
    bindings.bind(work, world.people["youth"], "o-bound")
    work.session.commit()


@pytest.mark.usefixtures("bound")
def test_deliveries_again_and_in_any_order_change_nothing(work, standin, account):
    def heard(deliveries):
        for table in (WechatMessage, WechatFollower, OutboxMessage):
            work.session.execute(delete(table))
        work.session.commit()
        answers = {}
        for n, (query, body) in deliveries:
            said = receiving.receive(work, account, query, body)
            answers.setdefault(n, set()).add(said == receiving.NOTHING)
        state = (
            sorted(work.session.scalars(select(WechatMessage.key))),
            sorted(map(tuple, work.session.execute(select(WechatFollower.openid_index, WechatFollower.following)))),
            sorted(map(tuple, work.session.execute(select(OutboxMessage.kind, OutboxMessage.dedupe_key)))),
        )
        work.session.rollback()
        return state, answers

    @given(told=TOLD, data=some.data())
    @settings(max_examples=HISTORIES, suppress_health_check=list(HealthCheck))
    def search(told, data):
        messages = [
            standin.xml(sender, at, **KINDS[kind], **({"MsgId": 1000 + n} if KINDS[kind]["MsgType"] == "text" else {}))
            for n, (sender, kind, at) in enumerate(told)
        ]
        once = [(n, standin.delivery(xml, NOW)) for n, xml in enumerate(messages)]
        times = data.draw(some.lists(some.integers(1, 4), min_size=len(messages), max_size=len(messages)))
        again = [(n, standin.delivery(xml, NOW)) for n, xml in enumerate(messages) for _ in range(times[n])]
        shuffled = data.draw(some.permutations(again))
        wanted, first = heard(once)
        found, answers = heard(shuffled)
        assert found == wanted
        assert answers == first

    search()
