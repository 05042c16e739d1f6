"""People leave the house only as far as somebody answers for it: counted, decided, marked, sealed, and gone after a day."""

import io
from datetime import timedelta

import openpyxl
import pytest
from sqlalchemy import func, select

from app.kernel import limits
from app.kernel.audit.models import AuditEntry
from app.kernel.clock import years_before
from app.kernel.db.unit import writing
from app.kernel.errors import Conflict, Invalid, NotFound, Refused
from app.kernel.outbox.operations import deliver_due
from app.league.accounts.models import Message
from app.league.appointments.models import Appointment
from app.league.exports import operations, queries, sheets
from app.league.exports.models import Export, ExportPart, ExportState, Format
from app.league.people.models import Standing
from app.parts import know_all
from tests import factories as make
from tests.exports.asking import as_, asks, viewing, worker_works
from tests.helpers import sign_in, with_token
from tests.people.files import file_at

know_all()
NUMBERS = ["name", "id_number", "phone"]


@pytest.fixture
def people(work, world):
    """Three at the school, two at a class beside."""
    with writing(work.session):
        kept = [file_at(work, world.branch_b1, name) for name in ("林晓春", "林晓夏", "林晓秋")]
        return [*kept, *(file_at(work, world.branch_b2) for _ in range(2))]


@pytest.fixture
def few(monkeypatch):
    """The day's limit of a school is two people."""
    limit = limits.Limit(((2, limits.DAY),))
    monkeypatch.setitem(limits.LIMITS, "export.school", limit)


def made(app, work, account, place, **other) -> Export:
    """An export that is ready."""
    row = asks(work, account, place, **other)
    work.session.commit()
    assert worker_works(app)
    work.session.expire_all()
    return row


def taken(work, account, row) -> bytes:
    with writing(work.session):
        return operations.take(as_(work, account), queries.own(viewing(work, account), work.session, row.public_id))


def decided(work, account, row, *, approve=True, reason="") -> None:
    mine = as_(work, account)
    with writing(work.session):
        operations.decide(mine, viewing(mine, account), row, approve=approve, reason=reason, version=row.version)


def test_within_the_day_s_limit_it_is_made_marked_and_masked(app, work, world, people) -> None:
    row = made(app, work, world.people["school_s"], world.branch_b1, columns=NUMBERS)
    assert row.state is ExportState.READY
    sheet = openpyxl.load_workbook(io.BytesIO(taken(work, world.people["school_s"], row))).active
    note, head, *lines = sheet.iter_rows(values_only=True)
    assert "核对全校团员名单" in note[0]
    assert world.people["school_s"].name in note[0]
    assert head[-1] == sheets.MARK_COLUMN
    assert [line[0] for line in lines] == ["林晓春", "林晓夏", "林晓秋"]
    assert {line[-1] for line in lines} == {row.mark}
    assert all("*" in line[head.index("身份证号" if "身份证号" in head else "证件号码")] for line in lines)
    assert all("*" in line[head.index("手机号")] for line in lines)


def test_no_cell_is_ever_calculated(app, work, world) -> None:
    with writing(work.session):
        file_at(work, world.branch_b1, native_place='=HYPERLINK("http://evil.example")', occupation="@SUM(1)")
    asked = {"columns": ["native_place", "occupation"]}
    book = taken(work, world.people["school_s"], made(app, work, world.people["school_s"], world.branch_b1, **asked))
    cells = [cell for row in openpyxl.load_workbook(io.BytesIO(book)).active.iter_rows() for cell in row if cell.value]
    assert {cell.data_type for cell in cells} == {"s"}
    row = made(app, work, world.people["school_s"], world.branch_b1, format=Format.CSV, **asked)
    text = taken(work, world.people["school_s"], row).decode("utf-8-sig")
    assert "'=HYPERLINK" in text
    assert "'@SUM" in text


def test_beyond_the_limit_somebody_above_decides_and_is_told(app, work, world, people, few) -> None:
    who, above = world.people["school_s"], world.people["city_a"]
    row = asks(work, who, world.school_s)
    assert row.state is ExportState.ASKED
    work.session.commit()
    assert not worker_works(app)
    deliver_due(work)
    told = work.session.scalars(select(Message.account_id).where(Message.title == "有导出申请等您处理"))
    assert above.id in set(told)
    decided(work, above, row)
    work.session.commit()
    assert worker_works(app)
    work.session.expire_all()
    assert (row.state, row.made_rows, row.decided_by_name) == (ExportState.READY, 5, above.name)


@pytest.mark.parametrize("other", ["school_s", "college_c", "city_b", "secretary_b1"])
def test_nobody_decides_for_himself_from_below_or_from_beside(work, world, people, few, other) -> None:
    row = asks(work, world.people["school_s"], world.school_s)
    with pytest.raises(Refused):
        decided(work, world.people[other], row)
    assert row.state is ExportState.ASKED


def test_a_refusal_says_why_and_stands(work, world, people, few) -> None:
    row, above = asks(work, world.people["school_s"], world.school_s), world.people["city_a"]
    with pytest.raises(Invalid):
        decided(work, above, row, approve=False)
    decided(work, above, row, approve=False, reason="用途不明")
    with pytest.raises(Conflict) as raced:
        decided(work, world.people["province"], row)
    assert raced.value.by == above.name
    assert row.state is ExportState.REFUSED
    deliver_due(work)
    bodies = work.session.scalars(select(Message.body).where(Message.account_id == world.people["school_s"].id)).all()
    assert "原因：用途不明" in bodies


def test_many_small_ones_are_one_large_one(work, world, people, few) -> None:
    who = world.people["school_s"]
    with writing(work.session):
        single = file_at(work, world.branch_b3)
    assert single.org_path == world.branch_b3.path
    first, second, third = (asks(work, who, world.branch_b3) for _ in range(3))
    assert [row.state for row in (first, second, third)] == [ExportState.MAKING, ExportState.MAKING, ExportState.ASKED]


def test_numbers_in_full_always_take_a_decision_and_a_committee(app, work, world, people) -> None:
    with pytest.raises(Invalid) as problem:
        asks(work, world.people["secretary_b1"], world.branch_b1, whole=True)
    assert "whole" in problem.value.errors
    row = asks(work, world.people["school_s"], world.branch_b1, columns=NUMBERS, whole=True)
    assert row.state is ExportState.ASKED
    decided(work, world.people["city_a"], row)
    work.session.commit()
    worker_works(app)
    work.session.expire_all()
    lines = list(openpyxl.load_workbook(io.BytesIO(taken(work, world.people["school_s"], row))).active.values)
    full = work.vault.open("id_number", people[0].id_number_sealed)
    assert full in {cell for line in lines for cell in line}


def test_everything_wrong_is_said_at_once(work, world) -> None:
    with pytest.raises(Invalid) as problem:
        asks(work, world.people["secretary_b1"], world.branch_b1, reason="看看", columns=["没有的"])
    assert problem.value.errors.keys() == {"reason", "columns", "org"}


def test_after_a_day_nothing_is_left_of_it(app, work, world, people) -> None:
    who = world.people["school_s"]
    row = made(app, work, who, world.branch_b1)
    work.now += timedelta(hours=24, minutes=1)
    with pytest.raises(Refused):
        taken(work, who, row)
    assert operations.expire(work) == 1
    assert row.state is ExportState.OVER
    assert work.session.scalar(select(func.count()).select_from(ExportPart)) == 0


def test_it_is_taken_three_times_at_most_and_each_is_on_record(app, work, world, people) -> None:
    who = world.people["school_s"]
    row = made(app, work, who, world.branch_b1)
    for _ in range(operations.MOST_TAKEN):
        taken(work, who, row)
    with pytest.raises(Refused):
        taken(work, who, row)
    actions = work.session.scalars(select(AuditEntry.action).where(AuditEntry.action.like("exports:%"))).all()
    assert sorted(actions) == ["exports:people:ask", "exports:people:make", *["exports:people:take"] * 3]


def test_who_lost_the_post_gets_nothing(app, work, world, people) -> None:
    who = world.people["school_s"]
    ready, waiting = made(app, work, who, world.branch_b1), asks(work, who, world.branch_b1)
    with writing(work.session):
        post = work.session.scalars(select(Appointment).where(Appointment.account_id == who.id)).one()
        post.ended_at, post.end_reason = work.now, "换届"
    with pytest.raises(NotFound):
        taken(work, who, ready)
    work.session.commit()
    assert worker_works(app)
    work.session.expire_all()
    assert waiting.state is ExportState.FAILED
    assert work.session.scalar(select(func.count()).where(ExportPart.export_id == waiting.id)) == 0


def test_more_people_than_were_agreed_to_are_not_written(app, work, world, people) -> None:
    row = asks(work, world.people["school_s"], world.branch_b1)
    with writing(work.session):
        for _ in range(4):
            file_at(work, world.branch_b1)
    work.session.commit()
    worker_works(app)
    work.session.expire_all()
    assert (row.state, row.decision_reason) == (ExportState.FAILED, "人数比申请时多了，请重新申请")


def test_what_is_kept_of_it_is_sealed(app, work, world, people) -> None:
    made(app, work, world.people["school_s"], world.branch_b1, format=Format.CSV)
    parts = work.session.scalars(select(ExportPart.content_sealed)).all()
    assert parts
    assert not any("林晓春" in part or "PK" in part[:4] for part in parts)


def test_only_the_standing_that_was_asked_for(app, work, world, people) -> None:
    with writing(work.session):
        file_at(work, world.branch_b1, "青年甲", standing=Standing.ELIGIBLE_YOUTH)
    row = made(app, work, world.people["school_s"], world.branch_b1, standing=Standing.ELIGIBLE_YOUTH)
    assert row.made_rows == 1


def test_children_stay_in_the_house(app, work, world) -> None:
    with writing(work.session):
        file_at(work, world.branch_b1, "十四岁的", birth_date=years_before(work.today, 14))
        file_at(work, world.branch_b1, "明天十四岁", birth_date=years_before(work.today, 14) + timedelta(days=1))
    row = made(app, work, world.people["school_s"], world.branch_b1, format=Format.CSV)
    text = taken(work, world.people["school_s"], row).decode("utf-8-sig")
    assert ("十四岁的" in text, "明天十四岁" in text, row.made_rows) == (True, False, 1)


def test_at_the_top_another_of_the_committee_decides(work, world, people, monkeypatch) -> None:
    monkeypatch.setitem(limits.LIMITS, "export.city", limits.Limit(((1, limits.DAY),)))
    row = asks(work, world.people["province"], world.province)
    with pytest.raises(Refused):
        decided(work, world.people["province"], row)
    with writing(work.session):
        second = make.account(work.session, work.vault, "另一位")
        make.appoint(work.session, second, world.province, "committee_admin")
    decided(work, second, row)
    assert row.state is ExportState.MAKING


def test_from_the_list_to_the_file_by_forms_alone(app, client, session, work, world, people) -> None:
    who = world.people["school_s"]
    session.commit()
    sign_in(client, who)
    chosen = f"/twt/people?org={world.branch_b1.public_id}"
    assert f"/twt/exports/new?org={world.branch_b1.public_id}" in client.get(chosen).text
    form = f"/twt/exports/new?org={world.branch_b1.public_id}"
    fields = with_token(client, form, org=world.branch_b1.public_id, columns="name", format="csv", once="o" * 20)
    wrong = client.post("/twt/exports/new", data=fields | {"reason": "看看"})
    assert wrong.status_code == 422
    assert "看看" in wrong.text
    assert "请写明用途" in wrong.text
    asked = client.post("/twt/exports/new", data=fields | {"reason": "核对班级团员名单"})
    assert asked.status_code == 303
    address = asked.headers["Location"]
    assert "正在做文件" in client.get(address).text
    assert worker_works(app)
    assert "文件做好了" in client.get(address).text
    file = client.post(f"{address}/file", data=with_token(client, address))
    assert file.status_code == 200
    assert file.headers["Cache-Control"] == "private, no-store"
    assert "林晓春" in file.get_data().decode("utf-8-sig")
