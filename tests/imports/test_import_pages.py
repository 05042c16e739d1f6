"""The pages of an import as a school's secretary meets them."""

import io
import re
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from app.kernel.db.unit import writing
from app.kernel.errors import Conflict
from app.league.imports import operations, putting, queries
from app.league.imports.models import ImportRow, Stage
from tests.helpers import sign_in, with_token
from tests.imports.test_importing import checked, number, people_at, put_in, row, uploaded
from tests.imports.workbooks import HEAD, xlsx

pytestmark = pytest.mark.embedded
WRONG = row(1, 身份证号="149999")


def address(batch) -> str:
    return f"/twt/imports/{batch.public_id}"


def test_the_page_of_the_columns_shows_no_number_of_anybody(acting, world, client) -> None:
    batch = uploaded(acting, world.orgs["branch_b1"], xlsx([HEAD, row(0)]))
    sign_in(client, world.people["school_s"])
    page = client.get(address(batch)).text
    assert "例如：林晓春" in page
    assert number(0) not in page
    assert "13900010000" not in page


def test_what_was_typed_for_the_columns_stays(acting, world, client) -> None:
    batch = uploaded(acting, world.orgs["school_s"], xlsx([[*HEAD, "班级"], [*row(0), "会计20184班"]]))
    sign_in(client, world.people["school_s"])
    shown = client.get(address(batch)).text
    assert "团支部（选填）" not in shown.replace('<span class="optional">', "")
    fields = with_token(client, address(batch), version=batch.version, heading="第一行", name="3")
    answer = client.post(address(batch) + "/columns", data=fields)
    assert answer.status_code == 422
    assert 'value="第一行"' in answer.text
    assert "请写第几行" in answer.text
    assert "请选择哪一列是团支部" in answer.text


def test_the_preview_gives_back_only_rows_with_problems(acting, world, client) -> None:
    batch = checked(acting, world.orgs["branch_b1"], xlsx([HEAD, row(0), WRONG]))
    assert [row[-1][:5] for row in queries.problems(acting, batch)[1]] == ["第 3 行"]
    with writing(acting.session):
        putting.start(acting, batch, version=batch.version)
    sign_in(client, world.people["school_s"])
    page = client.get(address(batch)).text
    assert "改好以后再上传一次" in page
    assert f"/twt/people?org={world.orgs['branch_b1'].public_id}" in page


def test_an_import_that_was_stopped_is_not_called_complete(acting, world, client) -> None:
    batch = checked(acting, world.orgs["branch_b1"], xlsx([HEAD, row(0), row(1)]))
    with writing(acting.session):
        batch.stage = Stage.DONE
    sign_in(client, world.people["school_s"])
    page = client.get(address(batch)).text
    assert "导入完成" not in page
    assert "还有 2 行没有导入" in page


def test_a_file_uploaded_by_mistake_is_thrown_away(acting, world, client) -> None:
    batch = checked(acting, world.orgs["branch_b1"], xlsx([HEAD, row(0)]))
    done = put_in(acting, world.orgs["branch_b1"], xlsx([HEAD, row(2)]))
    sign_in(client, world.people["school_s"])
    for one in (batch, done):
        fields = with_token(client, address(one), version=one.version)
        answer = client.post(address(one) + "/drop", data=fields)
        assert answer.status_code == (303 if one is batch else 409)
    acting.session.expire_all()
    assert batch.stage is Stage.DROPPED
    left = select(func.count()).select_from(ImportRow).where(ImportRow.batch_id == batch.id)
    assert acting.session.scalar(left) == 0
    assert "没有导入任何内容" in client.get(address(batch)).text
    with pytest.raises(Conflict), writing(acting.session):
        operations.drop(acting, batch, version=batch.version)


def test_the_list_says_where_and_how_many(acting, world, client) -> None:
    put_in(acting, world.orgs["branch_b1"], xlsx([HEAD, row(0), row(1)]))
    sign_in(client, world.people["school_s"])
    page = client.get("/twt/imports").text
    assert world.orgs["branch_b1"].full_name in page
    assert "已导入 2 行" in page
    sign_in(client, world.people["secretary_b1"])
    assert 'data-label="导入到"' not in client.get("/twt/imports").text


def test_a_wrong_file_says_so_and_keeps_what_was_chosen(world, client) -> None:
    sign_in(client, world.people["school_s"])
    fields: dict[str, Any] = with_token(client, "/twt/imports", sort="roster", at=world.orgs["branch_b1"].public_id)
    answer = client.post("/twt/imports", data=fields | {"file": (io.BytesIO(b"\xd0\xcf\x11\xe0"), "名单.xlsx")})
    assert answer.status_code == 422
    assert "旧的 .xls" in answer.text
    assert re.findall(r'checked[^>]* value="(\w+)"', answer.text) == ["roster"]


def test_a_list_without_numbers_or_classes_is_led_where_it_can_go_in(acting, world, client) -> None:
    school, branch = world.orgs["school_s"], world.orgs["branch_b1"]
    batch = uploaded(acting, school, xlsx([("姓名", "学号"), ("林晓春", "1")]))
    sign_in(client, world.people["school_s"])
    page = client.get(address(batch)).text
    assert f"/twt/imports?at={school.public_id}&amp;sort=roster" in page
    assert f"/twt/organisations/{school.public_id}?all=1" in page
    assert f"/twt/imports?at={branch.public_id}" in client.get(f"/twt/organisations/{branch.public_id}").text


def test_an_import_that_is_in_cannot_be_asked_for_its_columns_again(acting, world, client) -> None:
    done = put_in(acting, world.orgs["branch_b1"], xlsx([HEAD, row(0)]))
    sign_in(client, world.people["school_s"])
    assert "导入完成" in client.get(address(done) + "?columns=1").text


def test_a_row_taken_back_says_so_and_one_that_was_not_too(acting, world, client) -> None:
    batch = put_in(acting, world.orgs["branch_b1"], xlsx([HEAD, row(0), row(1)]))
    with writing(acting.session):
        people_at(acting, world.orgs["branch_b1"])[0].version += 1
    with writing(acting.session):
        putting.take_back(acting, batch, version=batch.version)
    sign_in(client, world.people["school_s"])
    page = client.get(address(batch)).text
    assert re.findall(r"</svg>(没有撤回)|>(已撤回)</span></td>", page) == [("没有撤回", ""), ("", "已撤回")]


def test_without_scripts_a_page_that_came_after_a_refusal_looks_again_where_it_can(acting, world, client) -> None:
    batch = checked(acting, world.orgs["branch_b1"], xlsx([HEAD, row(0)]))
    with writing(acting.session):
        batch.stage = Stage.PUTTING
        operations.leave(acting, batch, operations.PUT)
    sign_in(client, world.people["school_s"])
    fields = with_token(client, address(batch), version=batch.version - 1)
    answer = client.post(address(batch) + "/put", data=fields)
    assert answer.status_code == 409
    assert f'content="5;url={address(batch)}"' in answer.text


def test_what_is_filled_in_by_hand_keeps_long_numbers(acting, world, client) -> None:
    batch = checked(acting, world.orgs["branch_b1"], xlsx([HEAD, WRONG]))
    sign_in(client, world.people["school_s"])
    for path in ("/twt/imports/template/people.xlsx", f"{address(batch)}/problems.xlsx"):
        sheet = load_workbook(io.BytesIO(client.get(path).get_data())).active
        at = [cell.value for cell in sheet[1]].index("身份证号") + 1
        assert sheet.column_dimensions["A"].max >= at
        assert sheet.column_dimensions["A"].number_format == "@"
    assert sheet.cell(2, at).number_format == "@"
