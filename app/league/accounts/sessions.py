"""Server-side sessions: opened at sign-in under a fresh token, ended by time, by the person or with the account."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Date, and_, bindparam, or_, select, update

from app.kernel.access.viewer import Viewer
from app.kernel.db import reading
from app.kernel.errors import NotFound
from app.kernel.work import Work
from app.league.accounts.models import Account, AccountStatus, SignIn, SignInKind
from app.league.appointments.queries import live_posts, posts_in, with_posts

SEEN_EVERY = timedelta(minutes=1)
_COLUMNS = (
    SignIn.id,
    SignIn.kind,
    SignIn.created_at,
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


def open_session(
    work: Work,
    account: Account,
    *,
    second_factor: bool,
    device: str,
    kind: SignInKind = SignInKind.BROWSER,
    token: str | None = None,
) -> str:
    """Begin a session for ``account`` and return its token, which exists nowhere else.

    ``token``: one that nobody can foresee, where the caller has to be able to make the same again.
    """
    token = token or secrets.token_urlsafe(32)
    settings = work.settings
    life = timedelta(days=settings.app_days) if kind is SignInKind.APP else timedelta(hours=settings.session_hours)
    work.session.add(
        SignIn(
            token_hash=token_hash(token),
            account_id=account.id,
            kind=kind,
            created_at=work.now,
            seen_at=work.now,
            expires_at=work.now + life,
            second_factor_at=work.now if second_factor else None,
            device=device[:100],
            address=work.address,
        )
    )
    account.last_signed_in_at = work.now
    work.session.flush()
    return token


def session_of(work: Work, token: str, kind: SignInKind = SignInKind.BROWSER) -> Session | None:
    """The live session behind ``token`` with its viewer and posts as of now; None when it ended or is of another kind."""
    rows = reading.rows(work.session, _LIVE, hash=token_hash(token), today=work.today)
    if not rows:
        return None
    own: Sequence[Any] = rows[0][:_OWN]
    session_id, found, created_at, seen_at, expires_at, factor_at, acting_id, account_id, public_id, name, person_id = (
        own
    )
    posts = posts_in(rows)
    if found is not kind or work.now >= expires_at or work.now - seen_at > _idle(work, kind):
        return None
    if posts and work.now >= staff_until(work, created_at):
        return None
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


def by_token(work: Work, token: str) -> SignIn:
    """The session just opened under ``token``."""
    return work.session.scalars(select(SignIn).where(SignIn.token_hash == token_hash(token))).one()


def staff_until(work: Work, created_at: datetime) -> datetime:
    """When a session ends of somebody who holds a post: within the day, whatever carries it."""
    return created_at + timedelta(hours=work.settings.session_hours)


def _idle(work: Work, kind: SignInKind) -> timedelta:
    settings = work.settings
    unused = timedelta(days=settings.app_idle_days)
    return unused if kind is SignInKind.APP else timedelta(minutes=settings.session_idle_minutes)


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
    idle = or_(*(and_(SignIn.kind == kind, SignIn.seen_at >= work.now - _idle(work, kind)) for kind in SignInKind))
    query = select(SignIn).where(SignIn.account_id == account_id, SignIn.revoked_at.is_(None))
    query = query.where(SignIn.expires_at > work.now, idle)
    found = work.session.scalars(query.order_by(SignIn.seen_at.desc(), SignIn.id.desc())).all()
    staff = bool(live_posts(work.session, account_id, work.today))
    return [row for row in found if not staff or work.now < staff_until(work, row.created_at)]


def end_one(work: Work, account_id: int, public_id: str) -> int:
    """End the session ``public_id`` of the account and return its id. Raises NotFound."""
    query = select(SignIn.id).where(SignIn.public_id == public_id, SignIn.account_id == account_id)
    found = work.session.scalar(query.where(SignIn.revoked_at.is_(None)))
    if found is None:
        raise NotFound
    end_session(work, found)
    return found
