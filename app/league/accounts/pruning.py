"""Sessions long over and codes long spent."""

from datetime import timedelta

from sqlalchemy import delete

from app.kernel.jobs.periodic import periodic
from app.kernel.pruning import sweep
from app.kernel.work import Work
from app.league.accounts.models import DemonstrationSms, SignIn, SmsCode

SESSIONS_FOR = timedelta(days=30)
CODES_FOR = timedelta(days=2)
"""Longer than any limit looks back, so that deleting a code never gives a fresh try."""


@periodic("accounts.prune", every=timedelta(hours=1))
def prune(work: Work) -> int:
    """Delete them. Returns how many rows went."""
    over = work.now - SESSIONS_FOR
    ended = (SignIn.expires_at < over) | (SignIn.revoked_at < over)
    statements = (
        delete(SignIn).where(ended),
        delete(SmsCode).where(SmsCode.expires_at < work.now - CODES_FOR),
        delete(DemonstrationSms).where(DemonstrationSms.sent_at < work.now - SESSIONS_FOR),
    )
    return sum(sweep(work, statement) for statement in statements)
