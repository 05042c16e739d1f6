"""Server-side sessions: opened at sign-in under a fresh token, ended by time, by the person or with the account."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Date, bindparam, select, update

from app.kernel.access.viewer import Viewer
from app.kernel.db import reading
from app.kernel.errors import NotFound
from app.kernel.work import Work
from app.league.accounts.models import Account, AccountStatus, SignIn
from app.league.appointments.queries import posts_in, with_posts

SEEN_EVERY = timedelta(minutes=1)
_COLUMNS = (
    SignIn.id,
    SignIn.seen_at,
    SignIn.expires_at,
    SignIn.second_factor_at,
    SignIn.acting_appointment_id,
    Account.id,
    Account.public_id,
    Account.name,
    Account.person_id,
)
_OWN = len(_COLUMNS)
_LIVE = with_posts(
    select(*_COLUMNS)
    .join(Account, Account.id == SignIn.account_id)
    .where(SignIn.token_hash == bindparam("hash"), SignIn.revoked_at.is_(None))
    .where(Account.status == AccountStatus.ACTIVE),
    bindparam("today", type_=Date),
)
"""A live session with its account and posts, a row for each post. Asked on every request, so it is made once."""


@dataclass(frozen=True)
class Session:
    """A live session with its viewer. ``stale``: its last-seen time wants refreshing."""

    id: int
    viewer: Viewer
    stale: bool


def token_hash(token: str) -> str:
    """What is kept of a token: it has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_session(work: Work, account: Account, *, second_factor: bool, device: str) -> str:
    """Begin a session for ``account`` and return its token, which exists nowhere else."""
    token = secrets.token_urlsafe(32)
    work.session.add(
        SignIn(
            token_hash=token_hash(token),
            account_id=account.id,
            created_at=work.now,
            seen_at=work.now,
            expires_at=work.now + timedelta(hours=work.settings.session_hours),
            second_factor_at=work.now if second_factor else None,
            device=device[:100],
            address=work.address,
        )
    )
    account.last_signed_in_at = work.now
    work.session.flush()
    return token


def session_of(work: Work, token: str) -> Session | None:
    """The live session behind ``token`` with its viewer and posts as of now; None when it ended."""
    rows = reading.rows(work.session, _LIVE, hash=token_hash(token), today=work.today)
    if not rows:
        return None
    own: Sequence[Any] = rows[0][:_OWN]
    session_id, seen_at, expires_at, factor_at, acting_id, account_id, public_id, name, person_id = own
    if work.now >= expires_at or work.now - seen_at > timedelta(minutes=work.settings.session_idle_minutes):
        return None
    posts = posts_in(rows)
    chosen = next((post for post in posts if post.appointment_id == acting_id), None)
    viewer = Viewer(
        account_id=account_id,
        public_id=public_id,
        name=name,
        person_id=person_id,
        posts=posts,
        acting=chosen or (posts[0] if posts else None),
        second_factor=factor_at is not None,
        session_id=session_id,
    )
    return Session(session_id, viewer, work.now - seen_at > SEEN_EVERY)


def touch(work: Work, session_id: int) -> None:
    """Note that the session is in use."""
    work.session.execute(update(SignIn).where(SignIn.id == session_id).values(seen_at=work.now))


def act_under(work: Work, session_id: int, appointment_id: int) -> None:
    """Remember the post chosen in the organisation switch."""
    work.session.execute(update(SignIn).where(SignIn.id == session_id).values(acting_appointment_id=appointment_id))


def end_session(work: Work, session_id: int) -> None:
    """End one session."""
    work.session.execute(update(SignIn).where(SignIn.id == session_id).values(revoked_at=work.now))


def end_all(work: Work, account_id: int, *, but: int | None = None) -> int:
    """End every session of an account, except ``but``. Returns how many ended."""
    query = update(SignIn).where(SignIn.account_id == account_id, SignIn.revoked_at.is_(None))
    if but is not None:
        query = query.where(SignIn.id != but)
    return int(work.session.execute(query.values(revoked_at=work.now)).rowcount)  # type: ignore[attr-defined]


def live(work: Work, account_id: int) -> list[SignIn]:
    """The sessions of an account that have not ended, the last used first."""
    idle = work.now - timedelta(minutes=work.settings.session_idle_minutes)
    query = select(SignIn).where(SignIn.account_id == account_id, SignIn.revoked_at.is_(None))
    query = query.where(SignIn.expires_at > work.now, SignIn.seen_at >= idle)
    return list(work.session.scalars(query.order_by(SignIn.seen_at.desc(), SignIn.id.desc())))


def end_one(work: Work, account_id: int, public_id: str) -> int:
    """End the session ``public_id`` of the account and return its id. Raises NotFound."""
    query = select(SignIn.id).where(SignIn.public_id == public_id, SignIn.account_id == account_id)
    found = work.session.scalar(query.where(SignIn.revoked_at.is_(None)))
    if found is None:
        raise NotFound
    end_session(work, found)
    return found
