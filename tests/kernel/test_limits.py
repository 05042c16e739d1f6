"""Limits count in the database: never one too many, whoever asks at once."""

import threading

import pytest
from sqlalchemy import text

from app.extensions import db
from app.kernel.db.unit import writing
from app.kernel.errors import TooMany
from app.kernel.limits import LIMITS, Limit, hit, used

MOMENT = 1_776_823_200.0


def at_once(app, count: int, act) -> None:
    """Run ``act`` in ``count`` threads that start together, each with a session of its own."""
    gate = threading.Barrier(count)

    def one() -> None:
        with app.app_context():
            gate.wait()
            act(db.session())
            db.session.remove()

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_fifty_at_once_never_overshoot(app, vault, session):
    passed, refused = [], []

    def ask(mine) -> None:
        try:
            with writing(mine):
                hit(mine, vault, "reset.account", "one account", now=MOMENT)
            passed.append(1)
        except TooMany:
            refused.append(1)

    at_once(app, 50, ask)
    assert (len(passed), len(refused)) == (5, 45)


def test_each_window_counts_for_itself_and_opens_again(work, vault, session):
    def ask(now: float) -> bool:
        try:
            with writing(session):
                hit(session, vault, "sms.phone", "13900010001", now=now)
        except TooMany as full:
            return not 0 < full.seconds <= 86400
        return True

    assert [ask(MOMENT), ask(MOMENT + 1)] == [True, False]
    assert [ask(MOMENT + 60 * n) for n in range(1, 5)] == [True] * 4
    assert ask(MOMENT + 300) is False, "five an hour"
    assert ask(MOMENT + 3600) is True


def test_keys_are_apart_and_not_readable(work, vault, session):
    with writing(session):
        hit(session, vault, "reveal", "13900010001", now=MOMENT, cost=7)
    assert used(session, vault, "reveal", "13900010001", now=MOMENT) == 7
    assert used(session, vault, "reveal", "13900010002", now=MOMENT) == 0
    assert "139" not in session.execute(text("SELECT key FROM limit_counters")).scalars().first()


@pytest.mark.parametrize("name", sorted(LIMITS))
def test_every_limit_is_stricter_per_hour_in_its_longer_windows(name):
    windows = LIMITS[name].windows
    assert list(windows) == sorted(windows, key=lambda w: w[1])
    rates = [allowed / seconds for allowed, seconds in windows]
    assert rates == sorted(rates, reverse=True)
    assert isinstance(LIMITS[name], Limit)
