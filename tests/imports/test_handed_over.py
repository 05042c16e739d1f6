"""Lists as a school hands them over: headings of two storeys, classes by their short names, sums below."""

import io
from datetime import date

import pytest
from openpyxl import Workbook

from app.kernel.db.unit import writing
from app.league.imports.models import Sort
from app.league.joining.models import RosterEntry
from app.league.organisations.models import Organisation
from tests import factories as make
from tests.imports.test_importing import checked, notes, people_at, put_in, row, uploaded
from tests.imports.workbooks import HEAD, xlsx

# What stands in a file is the same for both databases.
pytestmark = pytest.mark.embedded


def test_a_heading_of_two_storeys_is_read_as_one(acting, world) -> None:
    merged = xlsx(
        [
            ["2018级团员信息统计表"],
            ["序号", "姓名", "身份证号", "民族", "政治面貌", "入团信息", "", "联系电话"],
            ["", "", "", "", "", "时间", "地点", ""],
            ["1", *row(0)],
        ],
        merge=["A1:H1", "F2:G2", *(f"{column}2:{column}3" for column in "ABCDEH")],
    )
    flat = xlsx(
        [
            ["", "基本信息", "", "", "", "入团信息", "", "家长信息", ""],
            ["序号", "姓名", "身份证号", "民族", "政治面貌", "时间", "地点", "姓名", "联系电话"],
            ["1", *row(1)[:6], "林父", "13900029999"],
        ]
    )
    for content, heading, phone in ((merged, 3, 7), (flat, 2, None)):
        batch = uploaded(acting, world.orgs["branch_b1"], content)
        assert (batch.heading, batch.total) == (heading, 1)
        assert batch.columns["joined_league_on"] == 5
        assert batch.columns["joined_league_at"] == 6
        assert batch.columns.get("phone") == phone


def test_a_heading_of_one_storey_takes_nothing_from_the_people_below_it(acting, world) -> None:
    batch = uploaded(acting, world.orgs["branch_b1"], xlsx([["团员入团情况"], HEAD, row(0), row(1)]))
    assert (batch.heading, batch.total) == (2, 2)


@pytest.mark.parametrize("written", ["会计20184班团支部", "会计20184", " 会计 20184 班支部 "])
def test_a_class_is_known_by_its_short_name(written: str, acting, world) -> None:
    batch = put_in(acting, world.orgs["school_s"], xlsx([[*HEAD, "班级"], [*row(0), written]]))
    assert notes(acting, batch) == {}
    assert [person.name for person in people_at(acting, world.orgs["branch_b1"])] == ["林晓春"]


def test_a_short_name_of_two_classes_has_to_be_written_in_full(acting, world) -> None:
    with writing(acting.session):
        make.organisation(acting.session, parent=world.orgs["college_c"], name="会计20184团支部")
    batch = checked(acting, world.orgs["school_s"], xlsx([[*HEAD, "班级"], [*row(0), "会计20184支部"]]))
    assert notes(acting, batch) == {2: "有几个团支部都叫“会计20184支部”，请写全称"}


def test_a_sum_below_a_list_becomes_no_name_and_no_organisation(acting, world) -> None:
    names = xlsx([["序号", "姓名"], [1, "林晓春"], ["合计", "1人"], ["注：请核对"]])
    assert put_in(acting, world.orgs["branch_b1"], names, Sort.ROSTER).counts == {"new": 1, "wrong": 2, "put": 1}
    assert [entry.name for entry in acting.session.query(RosterEntry)] == ["林晓春"]
    classes = xlsx([["序号", "团支部名称", "团员数"], [1, "会计20186班", 40], ["合计", "1个", 40]])
    assert put_in(acting, world.orgs["college_c"], classes, Sort.ORGANISATIONS).counts == {
        "new": 1,
        "wrong": 1,
        "put": 1,
    }
    assert acting.session.query(Organisation).filter_by(name="1个").count() == 0


@pytest.mark.parametrize(
    ("column", "written", "field", "read"),
    [
        ("入团日期", "2018 5 4", "joined_league_on", date(2018, 5, 4)),
        ("入团日期", "2018 1 1", "joined_league_on", date(2018, 1, 1)),
        ("入团日期", "2018/5/4 0:00", "joined_league_on", date(2018, 5, 4)),
        ("入团日期", "2018-05-04 00:00:00", "joined_league_on", date(2018, 5, 4)),
        ("民族", "汉  族", "ethnicity", "01"),
        ("政治面貌", "中共党员（预备）", "political_status", "02"),
        ("姓名", "林晓春（女）", "name", "林晓春"),
        ("入团地点", "无", "joined_league_at", ""),
    ],
)
def test_a_cell_is_read_as_its_writer_meant_it(column, written, field, read, acting, world) -> None:
    batch = put_in(acting, world.orgs["branch_b1"], xlsx([HEAD, row(0, **{column: written})]))
    assert notes(acting, batch) == {}
    assert [getattr(person, field) for person in people_at(acting, world.orgs["branch_b1"])] == [read]


def test_who_has_none_writes_so(acting, world) -> None:
    outside = row(1, 政治面貌="群众", 入团日期="未入团", 入团地点="无", 手机号="无")
    batch = put_in(acting, world.orgs["branch_b1"], xlsx([HEAD, row(0, 手机号="0"), outside]))
    assert notes(acting, batch) == {}
    assert batch.counts["put"] == 2


def test_a_name_on_a_roster_may_say_whose_it_is(acting, world) -> None:
    put_in(acting, world.orgs["branch_b1"], xlsx([("姓名", "学号"), ("林晓春(女)", "20180001")]), Sort.ROSTER)
    assert [entry.name for entry in acting.session.query(RosterEntry)] == ["林晓春"]


def test_a_class_is_known_with_its_school_before_it(acting, world) -> None:
    written = "甲市师范学校会计学院会计20184班团支部"
    with writing(acting.session):
        world.orgs["branch_b1"].full_name = "甲市师范学校 · 会计学院 · 会计20184班"
    batch = put_in(acting, world.orgs["school_s"], xlsx([[*HEAD, "班级"], [*row(0), written]]))
    assert notes(acting, batch) == {}


def test_what_stands_on_other_sheets_is_said_to_be_unread(acting, world) -> None:
    book = Workbook()
    for name in ("1班", "2班", "3班"):
        sheet = book.create_sheet(name)
        sheet.append(HEAD)
        sheet.append(row(0))
    out = io.BytesIO()
    book.save(out)
    batch = uploaded(acting, world.orgs["branch_b1"], out.getvalue())
    assert batch.sheet_note == "只读了第一张有内容的工作表“1班”。另外 2 张没有读，要导入请另存成单独的文件"
