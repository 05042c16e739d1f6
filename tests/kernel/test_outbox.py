"""The outbox: unsent in time, sent once, tried again."""

import pytest
from sqlalchemy import func, select

from app.kernel.db.unit import writing
from app.kernel.outbox import operations as outbox
from app.kernel.outbox.models import OutboxMessage
from app.kernel.outbox.operations import deliver_due, put, unsend


@pytest.fixture
def sent(monkeypatch):
    arrived = []
    monkeypatch.setattr(outbox, "_HANDLERS", {"note": lambda work, payload: arrived.append(payload["text"])})
    return arrived


def leave(work, key="k", text="您好", delay=0) -> None:
    with writing(work.session):
        put(work, "note", key, {"text": text}, delay=delay)


def later(work, clock, **units):
    clock.advance(**units)
    work.now = clock.now()


def test_a_message_waits_for_its_delay_and_leaves_once(work, clock, sent):
    leave(work, delay=30)
    assert deliver_due(work) == 0
    later(work, clock, seconds=30)
    assert [deliver_due(work), deliver_due(work)] == [1, 0]
    assert sent == ["您好"]


def test_an_undone_message_is_never_sent(work, clock, sent):
    leave(work, delay=30)
    with writing(work.session):
        assert unsend(work, "k") is True
        assert unsend(work, "k") is False
    later(work, clock, days=1)
    assert deliver_due(work) == 0
    assert sent == []


def test_what_has_left_cannot_be_unsent(work, sent):
    leave(work)
    deliver_due(work)
    with writing(work.session):
        assert unsend(work, "k") is False


def test_one_message_per_key_ever(work, sent):
    leave(work, text="一")
    leave(work, text="二")
    assert deliver_due(work) == 1
    leave(work, text="三")
    assert deliver_due(work) == 0
    assert sent == ["一"]


def test_a_message_leaves_with_its_cause_or_not_at_all(work, session, sent):
    with pytest.raises(ZeroDivisionError), writing(session):  # noqa: PT012
        put(work, "note", "k", {"text": "不该出现"})
        _ = 1 // 0
    assert deliver_due(work) == 0


def test_a_failing_channel_is_tried_again_with_growing_pauses(work, clock, sent, monkeypatch):

    def fail(_work, _payload):
        raise ConnectionError("13900000006")

    working = dict(outbox._HANDLERS)
    monkeypatch.setattr(outbox, "_HANDLERS", {"note": fail})
    leave(work)
    for _ in range(3):
        assert deliver_due(work) == 0
        assert deliver_due(work) == 0
        later(work, clock, hours=1)
    row = work.session.scalars(select(OutboxMessage)).one()
    assert (row.attempts, row.last_error) == (3, "ConnectionError"), "and no personal data in the error"
    monkeypatch.setattr(outbox, "_HANDLERS", working)
    later(work, clock, hours=2)
    assert deliver_due(work) == 1
    assert sent == ["您好"]


def test_a_handler_that_fails_leaves_nothing_it_wrote(work, clock, monkeypatch):
    def half(inner, _payload):
        put(inner, "other", "from the handler", {})
        raise RuntimeError

    monkeypatch.setattr(outbox, "_HANDLERS", {"note": half})
    leave(work)
    deliver_due(work)
    assert work.session.scalar(select(func.count()).select_from(OutboxMessage)) == 1


def test_the_payload_is_not_readable_in_the_table(work, sent):
    leave(work, text="13900010001")
    assert "13900010001" not in work.session.scalars(select(OutboxMessage.payload_sealed)).one()


def test_nobody_waits_for_the_writers_turn_while_a_message_is_abroad(work, monkeypatch):
    held_while_speaking = []
    monkeypatch.setitem(
        outbox._HANDLERS, "abroad", lambda work, payload: held_while_speaking.append(work.session.info["writing"])
    )
    monkeypatch.setattr(outbox, "_ABROAD", {"abroad"})
    with writing(work.session):
        put(work, "abroad", "abroad:1", {})
    assert deliver_due(work) == 1
    assert held_while_speaking == [False]
    assert deliver_due(work) == 0


def test_a_message_abroad_is_not_tried_by_another_worker_meanwhile(work, clock, monkeypatch):
    tried_by_another = []
    monkeypatch.setitem(outbox._HANDLERS, "abroad", lambda work, payload: tried_by_another.append(deliver_due(work)))
    monkeypatch.setattr(outbox, "_ABROAD", {"abroad"})
    with writing(work.session):
        put(work, "abroad", "abroad:1", {})
    assert deliver_due(work) == 1
    assert tried_by_another == [0]
