"""The pages of an export as those meet them who ask, decide and come too late."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.kernel.db.unit import writing
from app.kernel.errors import Conflict, Invalid
from app.kernel.jobs.models import Job, JobState
from app.kernel.outbox.operations import deliver_due
from app.league.accounts.models import Message
from app.league.exports import operations
from app.league.exports.models import ExportState
from tests.exports.asking import as_, asks, viewing
from tests.exports.test_exports import decided, few, made, people, taken  # noqa: F401
from tests.helpers import sign_in, with_token

pytestmark = pytest.mark.embedded
REMARK = "下次请写明哪次会议"


def shown(client, who, row) -> str:
    sign_in(client, who)
    return client.get(f"/twt/exports/{row.public_id}").text


def test_who_comes_second_hears_who_was_first_whatever_he_typed(work, world, people, few) -> None:  # noqa: F811
    row, above = asks(work, world.people["school_s"], world.school_s), world.people["city_a"]
    version = row.version
    decided(work, above, row)
    late = as_(work, world.people["province"])
    second = viewing(late, world.people["province"])
    with pytest.raises(Conflict) as raced:
        operations.decide(late, second, row, approve=False, reason="", version=version)
    assert raced.value.by == above.name


def test_a_remark_with_a_consent_is_no_trouble_later(app, work, world, people, few, client) -> None:  # noqa: F811
    row = asks(work, world.people["school_s"], world.school_s)
    decided(work, world.people["city_a"], row, reason=REMARK)
    with writing(work.session):
        row.state, row.made_rows = ExportState.OVER, 5
    page = shown(client, world.people["school_s"], row)
    assert page.count(REMARK) == 1
    assert "文件已经删除" in page
    assert "重新申请" in page


def test_after_three_downloads_the_page_says_what_to_do(app, work, world, people, client) -> None:  # noqa: F811
    who = world.people["school_s"]
    row = made(app, work, who, world.branch_b1)
    for _ in range(operations.MOST_TAKEN):
        taken(work, who, row)
    page = shown(client, who, row)
    assert "还能下载 0 次" not in page
    assert "已经下载过 3 次" in page
    assert "下载文件" not in page


def test_past_its_day_nothing_is_offered_though_nobody_has_swept_yet(app, work, world, people, client) -> None:  # noqa: F811
    row = made(app, work, world.people["school_s"], world.branch_b1)
    with writing(work.session):
        row.expires_at = row.asked_at - timedelta(days=2)
    page = shown(client, world.people["school_s"], row)
    assert "下载文件" not in page
    assert "已到期" in page
    assert "可以下载" not in client.get("/twt/exports").text


def test_who_is_not_answered_within_a_week_is_told(work, world, people, few) -> None:  # noqa: F811
    who = world.people["school_s"]
    asks(work, who, world.school_s)
    work.now += operations.WAITS_FOR + timedelta(minutes=1)
    assert operations.expire(work) == 1
    deliver_due(work)
    titles = work.session.scalars(select(Message.title).where(Message.account_id == who.id)).all()
    assert "导出申请已经失效" in titles


def test_whole_numbers_without_a_column_of_numbers_is_a_mistake(work, world, people) -> None:  # noqa: F811
    with pytest.raises(Invalid) as problem:
        asks(work, world.people["school_s"], world.branch_b1, columns=["name"], whole=True)
    assert problem.value.errors.keys() == {"whole"}


def test_the_form_says_that_the_list_s_state_does_not_count(world, people, work, client) -> None:  # noqa: F811
    work.session.commit()
    sign_in(client, world.people["school_s"])
    assert "不分状态" in client.get("/twt/exports/new?state=waiting").text
    assert "不分状态" not in client.get("/twt/exports/new").text


def test_who_decides_sees_how_many_wait(work, world, people, few, client) -> None:  # noqa: F811
    asks(work, world.people["school_s"], world.school_s)
    work.session.commit()
    sign_in(client, world.people["city_a"])
    assert "等我处理 <span" in client.get("/twt/exports").text.replace("等我处理<span", "等我处理 <span")


def test_a_request_that_waits_is_one_of_today_s_jobs_of_who_decides(work, world, people, few, client) -> None:  # noqa: F811
    asks(work, world.people["school_s"], world.school_s)
    work.session.commit()
    sign_in(client, world.people["city_a"])
    assert "份导出申请等您处理" in client.get("/twt").text
    sign_in(client, world.people["school_s"])
    assert "份导出申请等您处理" not in client.get("/twt").text


def test_who_sees_the_file_has_seen_the_task(app, work, world, people, client) -> None:  # noqa: F811
    row = made(app, work, world.people["school_s"], world.branch_b1)
    shown(client, world.people["school_s"], row)
    work.session.expire_all()
    assert work.session.scalars(select(Job.seen_at).where(Job.public_id == row.job_id)).one()


def test_from_a_task_that_failed_one_comes_to_what_it_worked_on(app, work, world, people, client) -> None:  # noqa: F811
    row = made(app, work, world.people["school_s"], world.branch_b1)
    with writing(work.session):
        job = work.session.scalars(select(Job).where(Job.public_id == row.job_id)).one()
        job.state, job.result = JobState.FAILED, None
    sign_in(client, world.people["school_s"])
    assert f"/twt/exports/{row.public_id}" in client.get(f"/twt/jobs/{row.job_id}").text


def test_the_file_is_downloaded_by_a_form_that_knows_when_it_is_done(app, work, world, people, client) -> None:  # noqa: F811
    row = made(app, work, world.people["school_s"], world.branch_b1)
    page = shown(client, world.people["school_s"], row)
    assert 'hx-trigger="submit delay' in page
    token = with_token(client, f"/twt/exports/{row.public_id}")
    assert client.post(f"/twt/exports/{row.public_id}/file", data=token).status_code == 200
    assert "还能下载 2 次" in client.get(f"/twt/exports/{row.public_id}").text


def test_who_asked_by_mistake_takes_it_back(work, world, people, few, client) -> None:  # noqa: F811
    who, above = world.people["school_s"], world.people["city_a"]
    row = asks(work, who, world.school_s)
    version = row.version
    for one, status in ((above, 404), (who, 303), (who, 409)):
        sign_in(client, one)
        token = with_token(client, "/twt/exports/new", version=version)
        assert client.post(f"/twt/exports/{row.public_id}/withdraw", data=token).status_code == status
    work.session.expire_all()
    assert row.state is ExportState.WITHDRAWN
    assert "已撤回" in client.get(f"/twt/exports/{row.public_id}").text
    with pytest.raises(Conflict, match="已经撤回"):
        decided(work, above, row)
