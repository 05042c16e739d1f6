"""Messages to an account's inbox, through the outbox: what is undone in time is never sent."""

from typing import Any

from sqlalchemy import insert

from app.kernel.ids import new_public_id
from app.kernel.outbox.operations import handles, put
from app.kernel.work import Work
from app.league.accounts.models import Message


def tell(
    work: Work, account_id: int, dedupe_key: str, title: str, body: str, *, link: str = "", delay: int = 0
) -> None:
    """Leave a message for ``account_id`` in the caller's transaction; ``delay`` seconds during which it can be unsent.

    ``link``: a path of this site. No ID number or phone may stand in ``title`` or ``body``.
    """
    payload = {"account_id": account_id, "title": title, "body": body, "link": link}
    put(work, "message", dedupe_key, payload, delay=delay)


@handles("message")
def _deliver(work: Work, payload: dict[str, Any]) -> None:
    work.session.execute(insert(Message).values(created_at=work.now, public_id=new_public_id(), **payload))
