"""Put, unsend, deliver."""

import json
import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.kernel.db.base import table_of
from app.kernel.db.unit import is_busy, upsert, writing
from app.kernel.outbox.models import OutboxMessage
from app.kernel.work import Work

log = logging.getLogger(__name__)
Handler = Callable[[Work, dict[str, Any]], None]
_HANDLERS: dict[str, Handler] = {}
_ABROAD: set[str] = set()
PURPOSE = "outbox"
TOGETHER = 10
"""Messages in one transaction: a durable commit for each would take half of what all writers have."""
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
    values = {
        "kind": kind,
        "dedupe_key": dedupe_key,
        "payload_sealed": work.vault.seal(PURPOSE, json.dumps(payload, ensure_ascii=False)),
        "created_at": work.now,
        "available_at": work.now + timedelta(seconds=delay),
        "attempts": 0,
        "last_error": "",
    }
    work.session.connection().execute(_leaving(work.session), values)


_LEAVING: dict[str, Any] = {}


def _leaving(session: Session) -> Any:
    """The statement that leaves a message, made once for each kind of database."""
    dialect = session.get_bind().dialect.name
    if dialect not in _LEAVING:
        leaving = upsert(session, table_of(OutboxMessage))
        _LEAVING[dialect] = leaving.on_conflict_do_nothing(index_elements=["dedupe_key"])
    return _LEAVING[dialect]


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
    """Deliver what is due, a message together with what its handler writes, a few messages in each transaction.

    A handler that fails leaves its message for later, with a growing pause. Returns how many left.
    """
    due = (
        select(OutboxMessage.id, OutboxMessage.kind)
        .where(OutboxMessage.available_at <= work.now)
        .where(OutboxMessage.sent_at.is_(None), OutboxMessage.cancelled_at.is_(None))
        .order_by(OutboxMessage.available_at, OutboxMessage.id)
        .limit(most)
    )
    found = work.session.execute(due).all()
    here = [row.id for row in found if row.kind not in _ABROAD]
    left = sum(_deliver_here(work, here[start : start + TOGETHER]) for start in range(0, len(here), TOGETHER))
    return left + sum(_deliver_abroad(work, row.id) for row in found if row.kind in _ABROAD)


def _deliver_here(work: Work, ids: Sequence[int]) -> int:
    """Some messages in one transaction, each undone by itself when its handler fails."""
    failed: dict[int, Exception] = {}
    left = 0
    with writing(work.session):
        for message_id in ids:
            try:
                with work.session.begin_nested():
                    left += _hand_over(work, message_id)
            except Exception as error:
                if isinstance(error, DBAPIError) and is_busy(error):
                    raise  # the database, not the handler
                failed[message_id] = error  # whatever else fails, the message stays and is tried again
    for message_id, why in failed.items():
        _postpone(work, message_id, why)
    return left


def _hand_over(work: Work, message_id: int) -> bool:
    message = _take(work, message_id)
    if message is None:
        return False
    _HANDLERS[message.kind](work, json.loads(work.vault.open(PURPOSE, message.payload_sealed)))
    message.sent_at = work.now
    return True


def _deliver_abroad(work: Work, message_id: int) -> bool:
    try:
        with writing(work.session):
            message = _take(work, message_id)
            if message is None:
                return False
            kind, payload = message.kind, json.loads(work.vault.open(PURPOSE, message.payload_sealed))
            message.available_at = work.now + LEASE
        _HANDLERS[kind](work, payload)
        with writing(work.session):
            work.session.execute(update(OutboxMessage).where(OutboxMessage.id == message_id).values(sent_at=work.now))
        return True
    except Exception as error:  # noqa: BLE001 — whatever fails, the message stays and is tried again
        _postpone(work, message_id, error)
        return False


def _take(work: Work, message_id: int) -> OutboxMessage | None:
    """The message, locked, when it is still due."""
    return work.session.scalars(
        select(OutboxMessage)
        .where(OutboxMessage.id == message_id, OutboxMessage.available_at <= work.now)
        .where(OutboxMessage.sent_at.is_(None), OutboxMessage.cancelled_at.is_(None))
        .with_for_update(skip_locked=True)
    ).one_or_none()


def _postpone(work: Work, message_id: int, error: Exception) -> None:
    log.warning("message %s not delivered: %s", message_id, type(error).__name__)
    with writing(work.session):
        message = work.session.get(OutboxMessage, message_id)
        if message is not None and message.sent_at is None:
            message.attempts += 1
            message.last_error = type(error).__name__
            message.available_at = work.now + timedelta(seconds=min(5 * 2**message.attempts, 3600))
