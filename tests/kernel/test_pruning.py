"""Old rows go, young ones stay."""

from datetime import timedelta

from sqlalchemy import delete, func, select

from app.kernel import once, pruning
from app.kernel.db.unit import writing
from app.kernel.jobs.models import JobState
from app.kernel.jobs.operations import enqueue
from app.kernel.limits import LimitCounter, hit
from app.kernel.once import DoneForm
from app.kernel.outbox.operations import put
from app.league.accounts import pruning as accounts
from app.league.accounts.models import SignIn, SmsCode
from app.league.accounts.sessions import open_session


def count(session, table) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(table))


def test_what_the_kernel_keeps_for_a_while(work, session, vault, clock):
    moment = clock.now().timestamp()
    with writing(session):
        hit(session, vault, "reveal", "1", now=moment)
        once.claim(work, "form")
        put(work, "message", "waiting", {})
        enqueue(work, "count", {}).state = JobState.DONE
    assert pruning.prune(work) == 0
    work.now = clock.now() + timedelta(days=3)
    assert pruning.prune(work) == 3
    assert (count(session, LimitCounter), count(session, DoneForm)) == (0, 0)
    work.now = clock.now() + timedelta(days=91)
    assert pruning.prune(work) == 1, "the job; the message still waits"


def test_sessions_and_codes_long_over(world, work, session, clock, vault):
    with writing(session):
        open_session(work, world.people["youth"], second_factor=False, device="")
        values = {"phone_index": "i", "purpose": "register", "code_index": "c", "created_at": work.now}
        session.add(SmsCode(expires_at=work.now, **values))
    work.now = clock.now() + timedelta(days=3)
    assert accounts.prune(work) == 1
    assert (count(session, SmsCode), count(session, SignIn)) == (0, 1)
    work.now = clock.now() + timedelta(days=32)
    assert accounts.prune(work) == 1


def test_much_goes_in_many_short_turns(work, session, monkeypatch):
    with writing(session):
        session.add_all(LimitCounter(name="a", key=str(n), window=60, started=n) for n in range(7))
        put(work, "message", "stays", {})
    turns: list[None] = []

    def counted(given):
        turns.append(None)
        return writing(given)

    monkeypatch.setattr(pruning, "writing", counted)
    monkeypatch.setattr(pruning, "LOOKED_UP", 4)
    assert pruning.sweep(work, delete(LimitCounter).where(LimitCounter.started < 6), together=3) == 6
    assert len(turns) == 3, "three and one of the first four, then two"
    assert count(session, LimitCounter) == 1
