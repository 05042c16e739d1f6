"""The page of a task: how far it is, that it stops asking, what stays at its end, and for whose eyes."""

import re
from threading import Event

import pytest

from app.commands.unit import opener
from app.kernel import checking
from app.kernel.db.unit import writing
from app.kernel.jobs.models import Job, JobState
from app.kernel.jobs.operations import enqueue, run_next
from app.parts import know_all
from app.surfaces.tuanwutong.tasks import LOOK_FOR
from tests import factories as make
from tests.helpers import sign_in, with_token


@pytest.fixture
def task(world, session):
    """Return a maker of tasks of the school's secretary."""

    def make_one(**values) -> Job:
        facts = {"kind": "count", "title": "清点", "state": JobState.RUNNING, "done": 300, "total": 1000}
        row = Job(payload={}, account_id=world.people["school_s"].id, created_at=make.NOW, **{**facts, **values})
        session.add(row)
        session.commit()
        return row

    return make_one


@pytest.fixture
def secretary(client, world):
    return sign_in(client, world.people["school_s"])


def text_of(answer) -> str:
    return answer.get_data(as_text=True)


def test_speed_and_time_left_come_from_what_was_really_done(secretary, task, clock):
    row = task(started_at=clock.now(), began_with=100)
    assert "还要约" not in text_of(secretary.get(f"/twt/jobs/{row.public_id}")), "nothing is known yet"
    clock.advance(seconds=40)
    shown = text_of(secretary.get(f"/twt/jobs/{row.public_id}"))
    assert "每秒 5.0" in shown
    assert "还要约 2 分钟" in shown, "700 left at 5 a second"
    assert '<span data-figure="done">300</span> / 1000（30%）' in shown


def test_the_page_looks_again_with_growing_gaps_and_not_for_ever(secretary, task):
    address, gaps = f"/twt/jobs/{task().public_id}", []
    for _ in range(200):
        shown = text_of(secretary.get(address, headers={"HX-Request": "true"}))
        found = re.search(r'hx-get="([^"]+)" hx-trigger="load delay:(\d+)s"', shown)
        if found is None:
            break
        address = found[1].replace("&amp;", "&")
        gaps.append(int(found[2]))
    assert "继续看进度" in shown
    assert gaps[:3] == [2, 3, 4]
    assert gaps == sorted(gaps)
    assert LOOK_FOR <= sum(gaps) < LOOK_FOR + 30


def test_without_script_the_page_refreshes_itself_until_the_end(secretary, task):
    assert 'http-equiv="refresh"' in text_of(secretary.get(f"/twt/jobs/{task().public_id}"))
    ended = text_of(secretary.get(f"/twt/jobs/{task(state=JobState.DONE, finished_at=make.NOW).public_id}"))
    assert 'http-equiv="refresh"' not in ended
    assert "hx-trigger" not in re.search(r'id="progress".*?</div>', ended, re.DOTALL)[0]


def test_progress_is_said_aloud_every_tenth_alone(secretary, task, session):
    row = task(done=310)
    first = f"/twt/jobs/{row.public_id}?told=30"
    assert 'id="say" hx-swap-oob' not in text_of(secretary.get(first, headers={"HX-Request": "true"}))
    row.done = 420
    session.commit()
    assert "已完成百分之 42" in text_of(secretary.get(first, headers={"HX-Request": "true"}))


def test_stopping_asks_nothing_and_says_what_is_already_done(secretary, task, session):
    row = task()
    address = f"/twt/jobs/{row.public_id}"
    assert secretary.post(f"{address}/cancel", data=with_token(secretary, address)).status_code == 303
    session.expire_all()
    assert row.cancel_asked
    assert "正在停下" in text_of(secretary.get(address))
    row.state, row.finished_at = JobState.CANCELLED, make.NOW
    session.commit()
    shown = text_of(secretary.get(address))
    assert "已停止" in shown
    assert re.search(r"停下以前做完了 .*300.* / 1000", shown)


def test_a_failure_is_told_in_plain_words_with_a_next_step(secretary, task):
    ours = task(state=JobState.FAILED, error="OperationalError", finished_at=make.NOW)
    shown = text_of(secretary.get(f"/twt/jobs/{ours.public_id}"))
    assert "OperationalError" not in shown
    assert "请回到原来的页面" in shown
    theirs = task(state=JobState.FAILED, error="“计算机系”已经撤销", finished_at=make.NOW)
    assert "“计算机系”已经撤销" in text_of(secretary.get(f"/twt/jobs/{theirs.public_id}"))


def test_the_head_tells_of_an_ended_task_until_it_was_looked_at(secretary, task):
    row = task(state=JobState.DONE, finished_at=make.NOW)
    assert "项已结束" in text_of(secretary.get("/twt/jobs"))
    secretary.get(f"/twt/jobs/{row.public_id}")
    assert "项已结束" not in text_of(secretary.get("/twt/jobs"))


@pytest.mark.parametrize(("kind", "said"), [("verify", "全部相符"), ("chain", "审计记录完好")])
def test_the_operator_checks_the_data_from_a_page(client, app, world, session, kind, said):
    session.commit()
    know_all()
    sign_in(client, world.people["system"])
    answer = client.post(f"/twt/machine/{kind}", data=with_token(client, "/twt/machine"))
    assert "排队中" in text_of(client.get(answer.location))
    with app.app_context():
        assert run_next(opener("worker"), "w", Event())
    shown = text_of(client.get(answer.location))
    assert "已完成" in shown
    assert said in shown


def test_a_check_that_finds_something_shows_where(client, app, world, session, work):
    world.branch_b1.depth = 9
    session.commit()
    know_all()
    with writing(work.session):
        row = enqueue(work, checking.VERIFY, {})
        row.account_id = world.people["system"].id
        address = f"/twt/jobs/{row.public_id}"
    with app.app_context():
        run_next(opener("worker"), "w", Event())
    shown = text_of(sign_in(client, world.people["system"]).get(address))
    assert "会计20184班 的路径与上级不符" in shown


def test_who_no_longer_holds_the_right_sees_no_result(secretary, task):
    row = task(kind=checking.VERIFY, state=JobState.DONE, finished_at=make.NOW, result={"answers": [], "wrong": 0})
    shown = text_of(secretary.get(f"/twt/jobs/{row.public_id}"))
    assert "全部相符" not in shown
    assert "结果不再显示" in shown
