"""Messages to an account's inbox, through the outbox: what is undone in time is never sent."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Select, func, insert, select, update

from app.kernel.errors import NotFound
from app.kernel.ids import new_public_id
from app.kernel.outbox.operations import handles, put
from app.kernel.work import Work
from app.league.accounts.models import Message

Echo = Callable[[Work, int, str], None]
_ECHOES: list[Echo] = []


def echoes(handler: Echo) -> Echo:
    """Declare what else happens when a message about an ``event`` arrives: ``handler(work, account_id, event)``.

    It runs in the transaction in which the message enters the inbox: what was unsent in time has no echo.
    """
    _ECHOES.append(handler)
    return handler


def tell(
    work: Work,
    account_id: int,
    dedupe_key: str,
    title: str,
    body: str,
    *,
    link: str = "",
    delay: int = 0,
    event: str = "",
) -> None:
    """Leave a message for ``account_id`` in the caller's transaction; ``delay`` seconds during which it can be unsent.

    ``link``: a path of this site. ``event``: what happened, in one word, for other channels.
    No ID number or phone may stand in ``title`` or ``body``.
    """
    payload = {"account_id": account_id, "title": title, "body": body, "link": link, "event": event}
    put(work, "message", dedupe_key, payload, delay=delay)


@handles("message")
def _deliver(work: Work, payload: dict[str, Any]) -> None:
    event = payload.pop("event", "")
    work.session.execute(insert(Message).values(created_at=work.now, public_id=new_public_id(), **payload))
    if event:
        for echo in _ECHOES:
            echo(work, payload["account_id"], event)


def inbox(work: Work, account_id: int, *, after: str | None = None, size: int = 20) -> list[Message]:
    """The account's messages, newest first, following the one with public id ``after``."""
    query = select(Message).where(Message.account_id == account_id).order_by(Message.id.desc()).limit(size)
    if after:
        last = select(Message.id).where(Message.public_id == after, Message.account_id == account_id)
        query = query.where(Message.id < last.scalar_subquery())
    return list(work.session.scalars(query))


def unread_query(account_id: Any) -> Select[int]:
    """Counts the messages the account has not opened."""
    unopened = (Message.account_id == account_id, Message.read_at.is_(None))
    return select(func.count()).select_from(Message).where(*unopened)


def message(work: Work, account_id: int, public_id: str) -> Message:
    """One message of the account. Raises NotFound."""
    query = select(Message).where(Message.public_id == public_id, Message.account_id == account_id)
    found = work.session.scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found


def mark_read(work: Work, account_id: int, public_id: str | None = None) -> None:
    """Remember that the account opened the message ``public_id``, or all of them."""
    query = update(Message).where(Message.account_id == account_id, Message.read_at.is_(None))
    if public_id is not None:
        query = query.where(Message.public_id == public_id)
    work.session.execute(query.values(read_at=work.now).execution_options(synchronize_session=False))
