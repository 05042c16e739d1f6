"""Server-side sessions: opened at sign-in under a fresh token, ended by time, by the person or with the account."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update

from app.kernel.access.viewer import Viewer
from app.kernel.errors import NotFound
from app.kernel.work import Work
from app.league.accounts.models import Account, AccountStatus, SignIn
from app.league.appointments.queries import live_posts

SEEN_EVERY = timedelta(minutes=1)


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
    row = work.session.execute(
        select(SignIn, Account)
        .join(Account, Account.id == SignIn.account_id)
        .where(SignIn.token_hash == token_hash(token), SignIn.revoked_at.is_(None))
        .where(Account.status == AccountStatus.ACTIVE)
    ).one_or_none()
    if row is None:
        return None
    sign_in, account = row
    idle = timedelta(minutes=work.settings.session_idle_minutes)
    if work.now >= sign_in.expires_at or work.now - sign_in.seen_at > idle:
        return None
    posts = live_posts(work.session, account.id, work.today)
    chosen = next((p for p in posts if p.appointment_id == sign_in.acting_appointment_id), None)
    viewer = Viewer(
        account_id=account.id,
        public_id=account.public_id,
        name=account.name,
        person_id=account.person_id,
        posts=posts,
        acting=chosen or (posts[0] if posts else None),
        second_factor=sign_in.second_factor_at is not None,
        session_id=sign_in.id,
    )
    return Session(sign_in.id, viewer, work.now - sign_in.seen_at > SEEN_EVERY)


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
