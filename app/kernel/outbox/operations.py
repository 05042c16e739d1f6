"""Put, unsend, deliver."""

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from app.kernel.db.unit import upsert, writing
from app.kernel.outbox.models import OutboxMessage
from app.kernel.work import Work

log = logging.getLogger(__name__)
Handler = Callable[[Work, dict[str, Any]], None]
_HANDLERS: dict[str, Handler] = {}
_ABROAD: set[str] = set()
PURPOSE = "outbox"
LEASE = timedelta(minutes=2)
"""How long a message is out with a handler that speaks to other machines before another worker may try it."""


def handles(kind: str, *, abroad: bool = False) -> Callable[[Handler], Handler]:
    """Declare the function that delivers messages of ``kind``; it raises to be tried again later.

    What it writes commits together with the mark that the message left. ``abroad``: it speaks to another machine, so
    it runs outside any transaction (nobody waits for the writer's turn meanwhile) and opens its own when it writes; a
    crash in between sends such a message twice rather than never.
    """

    def mark(handler: Handler) -> Handler:
        _HANDLERS[kind] = handler
        if abroad:
            _ABROAD.add(kind)
        return handler

    return mark


def put(work: Work, kind: str, dedupe_key: str, payload: dict[str, Any], *, delay: int = 0) -> None:
    """Leave a message in the caller's transaction, to be delivered after ``delay`` seconds.

    ``dedupe_key``: at most one message per key, ever; a second one is silently not left.
    """
    message = upsert(work.session, OutboxMessage.__table__)  # type: ignore[arg-type]
    work.session.execute(
        message.values(
            kind=kind,
            dedupe_key=dedupe_key,
            payload_sealed=work.vault.seal(PURPOSE, json.dumps(payload, ensure_ascii=False)),
            created_at=work.now,
            available_at=work.now + timedelta(seconds=delay),
            attempts=0,
            last_error="",
        ).on_conflict_do_nothing(index_elements=["dedupe_key"])
    )


def unsend(work: Work, dedupe_key: str) -> bool:
    """Take a message back that has not left yet. Returns whether it was still here."""
    result = work.session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.dedupe_key == dedupe_key,
            OutboxMessage.sent_at.is_(None),
            OutboxMessage.cancelled_at.is_(None),
        )
        .values(cancelled_at=work.now)
    )
    return bool(result.rowcount)  # type: ignore[attr-defined]


def deliver_due(work: Work, most: int = 100) -> int:
    """Deliver what is due, each message in a transaction of its own with what its handler writes.

    A handler that fails leaves the message for later, with a growing pause. Returns how many left.
    """
    due = (
        select(OutboxMessage.id)
        .where(OutboxMessage.available_at <= work.now)
        .where(OutboxMessage.sent_at.is_(None), OutboxMessage.cancelled_at.is_(None))
        .order_by(OutboxMessage.available_at)
        .limit(most)
    )
    return sum(_deliver(work, message_id) for message_id in work.session.scalars(due).all())


def _deliver(work: Work, message_id: int) -> bool:
    try:
        with writing(work.session):
            message = _take(work, message_id)
            if message is None:
                return False
            kind, payload = message.kind, json.loads(work.vault.open(PURPOSE, message.payload_sealed))
            if kind in _ABROAD:
                message.available_at = work.now + LEASE
            else:
                _HANDLERS[kind](work, payload)
                message.sent_at = work.now
        if kind in _ABROAD:
            _HANDLERS[kind](work, payload)
            with writing(work.session):
                work.session.execute(
                    update(OutboxMessage).where(OutboxMessage.id == message_id).values(sent_at=work.now)
                )
        return True
    except Exception as error:  # noqa: BLE001 — whatever fails, the message stays and is tried again
        log.warning("message %s not delivered: %s", message_id, type(error).__name__)
        _postpone(work, message_id, type(error).__name__)
        return False


def _take(work: Work, message_id: int) -> OutboxMessage | None:
    """The message, locked, when it is still due."""
    return work.session.scalars(
        select(OutboxMessage)
        .where(OutboxMessage.id == message_id, OutboxMessage.available_at <= work.now)
        .where(OutboxMessage.sent_at.is_(None), OutboxMessage.cancelled_at.is_(None))
        .with_for_update(skip_locked=True)
    ).one_or_none()


def _postpone(work: Work, message_id: int, error: str) -> None:
    with writing(work.session):
        message = work.session.get(OutboxMessage, message_id)
        if message is not None and message.sent_at is None:
            message.attempts += 1
            message.last_error = error
            message.available_at = work.now + timedelta(seconds=min(5 * 2**message.attempts, 3600))
