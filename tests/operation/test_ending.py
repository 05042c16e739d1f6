"""The server's own worker ends at once when it is told to, wherever it is at that moment."""

import signal
from types import SimpleNamespace

import pytest

from app.surfaces.web.server import Worker


@pytest.fixture
def _as_before():
    numbers = (signal.SIGINT, signal.SIGQUIT)
    held = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, held, strict=True):
        signal.signal(number, handler)


@pytest.mark.embedded
@pytest.mark.usefixtures("_as_before")
def test_a_worker_that_is_told_while_it_hands_on_a_request_does_not_wait_for_itself():
    worker = Worker.__new__(Worker)
    worker.cfg = SimpleNamespace(threads=1, worker_int=lambda _: None)
    worker.tpool = worker.get_thread_pool()
    with worker.tpool._shutdown_lock, pytest.raises(SystemExit):
        worker.handle_quit(signal.SIGINT, None)
    assert not worker.alive
    assert signal.getsignal(signal.SIGQUIT) is signal.SIG_IGN, "told again, it would begin to end again"
