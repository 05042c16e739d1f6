"""One effect per form, however often and however fast it is sent."""

import threading

import pytest
from sqlalchemy import func, select

from app.commands.unit import opener
from app.kernel import once
from app.kernel.db.unit import writing
from app.kernel.jobs.models import Job
from app.kernel.jobs.operations import enqueue
from app.kernel.once import Repeated


def send(open_work, key: str, seen: list[str]) -> None:
    with open_work() as work:
        try:
            with writing(work.session):
                once.claim(work, key)
                row = enqueue(work, "effect", {})
                once.remember(work, key, f"/done/{row.id}")
            seen.append(f"/done/{row.id}")
        except Repeated as repeated:
            seen.append(repeated.outcome)


def test_twenty_at_once_have_one_effect_and_one_answer(app, session):
    seen: list[str] = []
    with app.app_context():
        open_work = opener("web")
    threads = [threading.Thread(target=send, args=(open_work, "the form", seen)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert session.scalar(select(func.count()).select_from(Job)) == 1
    assert len(seen) == 20
    assert len(set(seen)) == 1


def test_a_form_that_failed_may_be_sent_again(work, session):
    with pytest.raises(ZeroDivisionError), writing(session):  # noqa: PT012
        once.claim(work, "k")
        _ = 1 // 0
    with writing(session):
        once.claim(work, "k")
        once.remember(work, "k", "/x")
    with pytest.raises(Repeated) as second, writing(session):
        once.claim(work, "k")
    assert second.value.outcome == "/x"
