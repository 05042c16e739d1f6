"""A long list of branches: made a hundred at a time, stopped between, gone on with, and the odd lines given back."""

import csv
import io
from threading import Event

import pytest
from sqlalchemy import func, select

from app.commands.unit import opener
from app.kernel.jobs import operations as jobs
from app.kernel.jobs.models import Job, JobState
from app.kernel.jobs.operations import run_next
from app.league.organisations.models import Organisation
from tests.helpers import sign_in, with_token
from tests.organisations.truth import faults

NAMES = [f"软件{number:04}班" for number in range(249)]


@pytest.fixture
def college(client, world, session):
    """The college's page, for its own administrator."""
    session.commit()
    sign_in(client, world.people["college_c"])
    return f"/twt/organisations/{world.college_c.public_id}"


@pytest.fixture
def pasted(client, college):
    """250 lines, one of them there twice, one a formula, left for the worker; returns the task's address."""
    names = "\n".join([*NAMES[:120], NAMES[7], "=SUM(A1)", *NAMES[120:]])
    fields = {"kind": "branch", "names": names, "step": "commit"}
    return client.post(f"{college}/paste", data=with_token(client, f"{college}/paste", **fields)).location


def made(session, world) -> int:
    session.rollback()
    below = (Organisation.parent_id == world.college_c.id, Organisation.name.startswith("软件"))
    return session.scalar(select(func.count()).where(*below))


def run_it(app, stop=None) -> bool:
    with app.app_context():
        return run_next(opener("worker"), "w1", stop or Event())


def test_every_line_has_its_outcome_and_the_odd_ones_come_back_safely(app, client, college, pasted, session, world):
    assert made(session, world) == 0
    assert run_it(app)
    assert made(session, world) == len(NAMES)
    shown = client.get(pasted).get_data(as_text=True)
    assert '略过 <strong class="num">2</strong> 行' in shown or '略过 <strong class="num">1</strong> 行' in shown
    row = session.scalars(select(Job)).one()
    address = f"{college}/pasted/{row.result['batch']}"
    first, later = (client.get(f"{address}{query}").get_data(as_text=True) for query in ("", "?after=200"))
    assert NAMES[-1] not in first
    assert NAMES[-1] in later
    answer = client.get(f"{address}/problems.csv")
    rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    assert rows[0] == ["名称", "应有人数", "问题"]
    assert [NAMES[7], "", "已经存在"] in rows
    assert not any(cell.startswith(("=", "+", "-", "@")) for line in rows for cell in line)
    assert faults(session) == []


def test_a_run_cut_off_goes_on_after_the_last_batch(app, pasted, session, world, monkeypatch):
    stop = Event()
    tell = jobs.Run.progress

    def once(self, *args, **kwargs):
        tell(self, *args, **kwargs)
        stop.set()

    monkeypatch.setattr(jobs.Run, "progress", once)
    run_it(app, stop)
    monkeypatch.undo()
    assert 0 < made(session, world) <= 100
    row = session.scalars(select(Job)).one()
    assert (row.state, row.done) == (JobState.QUEUED, 100)
    assert run_it(app)
    assert made(session, world) == len(NAMES), "each once"


def test_stopped_between_two_batches_it_keeps_what_is_made_and_says_so(
    app, client, pasted, session, world, monkeypatch
):
    tell = jobs.Run.progress

    def and_stop(self, *args, **kwargs):
        tell(self, *args, **kwargs)
        self.work.session.scalars(select(Job)).one().cancel_asked = True

    monkeypatch.setattr(jobs.Run, "progress", and_stop)
    assert run_it(app)
    assert made(session, world) == 100
    shown = client.get(pasted).get_data(as_text=True)
    assert "已停止" in shown
    assert "做完的有效" in shown
    assert "看每一行的结果" in shown
