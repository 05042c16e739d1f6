"""From a spreadsheet to waiting files: what is good goes in once, what is not is told, and all of it can go back."""

import json
from collections import Counter
from datetime import date

import pytest
from sqlalchemy import func, select

from app.kernel.audit.models import AuditEntry
from app.kernel.db.unit import writing
from app.kernel.errors import Conflict, Invalid
from app.kernel.vault import Vault
from app.kernel.work import Work
from app.league.imports import forgetting, operations, putting, uploading
from app.league.imports.models import ImportBatch, ImportRow, Sort, Stage
from app.league.joining.models import RosterEntry
from app.league.organisations import reshaping
from app.league.organisations.counters import figures_of
from app.league.organisations.models import Organisation, OrganisationStatus
from app.league.people.models import FileState, Person
from tests import factories as make
from tests.exports.asking import viewing
from tests.imports.workbooks import HEAD, csv, xlsx
from tests.world import World

BORN = date(2003, 9, 12)


def number(n: int) -> str:
    return make.id_number(BORN, male=n % 2 == 0, n=n)


def row(n: int, **other: object) -> list[object]:
    """A good row of ``HEAD``."""
    values = {
        "姓名": f"林晓{'春夏秋冬'[n % 4]}",
        "身份证号": number(n),
        "民族": "汉族",
        "政治面貌": "共青团员",
        "入团日期": "2018-05-04",
        "入团地点": "应县第一中学",
        "手机号": f"1390001{n:04d}",
    }
    return [other.get(name, value) for name, value in values.items()]


def uploaded(work: Work, place: Organisation, content: bytes, sort: Sort = Sort.PEOPLE) -> ImportBatch:
    with writing(work.session):
        return uploading.upload(work, place, sort, uploading.received(work.vault, "名单.xlsx", content))


def checked(work: Work, place: Organisation, content: bytes, sort: Sort = Sort.PEOPLE) -> ImportBatch:
    batch = uploaded(work, place, content, sort)
    with writing(work.session):
        operations.choose(work, batch, batch.heading, batch.columns, version=batch.version)
    return batch


def put_in(work: Work, place: Organisation, content: bytes, sort: Sort = Sort.PEOPLE) -> ImportBatch:
    batch = checked(work, place, content, sort)
    with writing(work.session):
        putting.start(work, batch, version=batch.version)
    return batch


def people_at(work: Work, place: Organisation) -> list[Person]:
    query = select(Person).where(Person.organisation_id == place.id, Person.state == FileState.WAITING)
    return list(work.session.scalars(query.order_by(Person.id)))


def notes(work: Work, batch: ImportBatch) -> dict[int, str]:
    rows = work.session.scalars(select(ImportRow).where(ImportRow.batch_id == batch.id))
    return {row.number: operations.note_of(work, row) for row in rows if row.note_sealed}


def test_a_list_becomes_waiting_files_that_count_and_are_audited(acting: Work, world: World, vault: Vault) -> None:
    branch, school = world.orgs["branch_b1"], world.orgs["school_s"]
    before = figures_of(acting.session, [school.path])[school.path].get("people", 0)
    batch = put_in(acting, branch, xlsx([HEAD, *(row(n) for n in range(3))]))
    assert batch.stage is Stage.DONE
    assert batch.counts == {"new": 3, "put": 3}
    found = people_at(acting, branch)
    assert [person.name for person in found] == ["林晓春", "林晓夏", "林晓秋"]
    assert not any(person.verified for person in found)
    assert vault.open("id_number", found[0].id_number_sealed) == number(0)
    assert figures_of(acting.session, [school.path])[school.path]["people"] == before + 3
    loaded = select(func.count()).where(AuditEntry.action == "people:file:load")
    assert acting.session.scalar(loaded.where(AuditEntry.subject_person_id.in_([p.id for p in found]))) == 3


def test_the_same_file_again_changes_nothing(acting: Work, world: World) -> None:
    branch, content = world.orgs["branch_b1"], xlsx([HEAD, *(row(n) for n in range(3))])
    put_in(acting, branch, content)
    before = [(person.public_id, person.version) for person in people_at(acting, branch)]
    again = put_in(acting, branch, content)
    assert again.counts == {"equal": 3, "put": 0}
    assert [(person.public_id, person.version) for person in people_at(acting, branch)] == before


def test_a_corrected_file_changes_the_waiting_ones_and_can_be_taken_back(
    acting: Work, world: World, vault: Vault
) -> None:
    branch = world.orgs["branch_b1"]
    put_in(acting, branch, xlsx([HEAD, row(0), row(1)]))
    batch = put_in(
        acting, branch, xlsx([HEAD, row(0, 入团地点="朔州市第二中学", 手机号="13900019999"), row(1), row(2)])
    )
    assert batch.counts == {"changed": 1, "equal": 1, "new": 1, "put": 2}
    changed = people_at(acting, branch)[0]
    assert changed.joined_league_at == "朔州市第二中学"
    assert vault.open("phone", changed.phone_sealed) == "13900019999"
    with writing(acting.session):
        putting.take_back(acting, batch, version=batch.version)
    assert batch.counts["back"] == 2
    assert [person.joined_league_at for person in people_at(acting, branch)] == ["应县第一中学"] * 2
    assert vault.open("phone", changed.phone_sealed) == "13900010000"


def test_a_batch_taken_back_leaves_the_figures_as_they_were(acting: Work, world: World) -> None:
    branch, school = world.orgs["branch_b1"], world.orgs["school_s"]
    before = Counter(figures_of(acting.session, [school.path]).get(school.path, {}))
    batch = put_in(acting, branch, xlsx([HEAD, *(row(n) for n in range(4))]))
    with writing(acting.session):
        putting.take_back(acting, batch, version=batch.version)
    assert batch.stage is Stage.TAKEN_BACK
    assert people_at(acting, branch) == []
    assert not any((Counter(figures_of(acting.session, [school.path])[school.path]) - before).values())


def test_what_was_claimed_or_changed_since_stays(acting: Work, world: World) -> None:
    branch = world.orgs["branch_b1"]
    batch = put_in(acting, branch, xlsx([HEAD, row(0), row(1)]))
    with writing(acting.session):
        claimed, edited = people_at(acting, branch)
        world.people["youth"].person_id = claimed.id
        edited.version += 1
    with writing(acting.session):
        putting.take_back(acting, batch, version=batch.version)
    assert batch.counts["back"] == 0
    assert len(people_at(acting, branch)) == 2
    assert list(notes(acting, batch).values()) == ["已经有人认领，没有撤回", "导入以后又有改动，没有撤回"]


def test_wrong_rows_are_told_and_the_good_ones_go_in(acting: Work, world: World) -> None:
    wrong = [
        row(1, 身份证号=number(1)[:17] + ("0" if number(1)[17] != "0" else "1")),
        row(2, 姓名=""),
        row(3, 民族="外星"),
        row(4, 身份证号=float(number(4)[:15] + "000")),
        row(0),
    ]
    batch = put_in(acting, world.orgs["branch_b1"], xlsx([HEAD, row(0), *wrong]))
    assert batch.counts == {"new": 1, "wrong": 5, "put": 1}
    told = notes(acting, batch)
    assert told[4] == "没有姓名"
    assert told[5] == "民族“外星”读不懂，请核对写法"
    assert told[6].startswith("Excel 把身份证号存成了数字")
    assert told[7] == "身份证号和第 2 行相同"


def test_rows_go_to_the_class_they_name(acting: Work, world: World) -> None:
    head = (*HEAD, "班级")
    b1, b2 = world.orgs["branch_b1"], world.orgs["branch_b2"]
    content = xlsx([head, [*row(0), b1.name], [*row(1), b2.name], [*row(2), "没有的班"], [*row(3), ""]])
    batch = put_in(acting, world.orgs["school_s"], content)
    assert batch.counts == {"new": 2, "wrong": 2, "put": 2}
    assert len(people_at(acting, b1)) == len(people_at(acting, b2)) == 1
    assert list(notes(acting, batch).values()) == ["这里没有团支部“没有的班”", "请写明团支部"]


def test_without_a_column_for_the_class_a_school_cannot_go_on(acting: Work, world: World) -> None:
    batch = uploaded(acting, world.orgs["school_s"], xlsx([HEAD, row(0)]))
    with pytest.raises(Invalid) as problem, writing(acting.session):
        operations.choose(acting, batch, batch.heading, batch.columns, version=batch.version)
    assert problem.value.errors == {"branch": "请选择哪一列是团支部，或者到团支部的页面导入"}


def test_a_file_elsewhere_is_never_shown_nor_touched(acting: Work, world: World) -> None:
    elsewhere = world.orgs["branch_t1"]
    put_in(acting, elsewhere, xlsx([HEAD, row(0)]))
    batch = put_in(acting, world.orgs["branch_b1"], xlsx([HEAD, row(0, 姓名="别的名字")]))
    assert batch.counts == {"doubtful": 1, "put": 0}
    (note,) = notes(acting, batch).values()
    assert note == "这个号码不能直接导入，请让本人登录填写，审核时会核对"
    assert elsewhere.name not in note
    assert people_at(acting, elsewhere)[0].name == "林晓春"


def test_a_reviewed_file_is_not_overwritten(acting: Work, world: World) -> None:
    branch = world.orgs["branch_b1"]
    put_in(acting, branch, xlsx([HEAD, row(0)]))
    with writing(acting.session):
        person = people_at(acting, branch)[0]
        person.state, person.verified = FileState.ACTIVE, True
    batch = put_in(acting, branch, xlsx([HEAD, row(0, 入团地点="别处")]))
    assert batch.counts == {"doubtful": 1, "put": 0}
    assert "入团地点" in next(iter(notes(acting, batch).values()))


def test_columns_once_corrected_are_remembered(acting: Work, world: World) -> None:
    branch, head = world.orgs["branch_b1"], ("称呼", "号码", *HEAD[2:])
    first = uploaded(acting, branch, xlsx([head, row(0)]))
    assert "name" not in first.columns
    corrected = {**first.columns, "name": 0, "id_number": 1}
    with writing(acting.session):
        operations.choose(acting, first, first.heading, corrected, version=first.version)
    assert uploaded(acting, branch, xlsx([head, row(1)])).columns == corrected


def test_a_stale_page_starts_nothing(acting: Work, world: World) -> None:
    batch = checked(acting, world.orgs["branch_b1"], xlsx([HEAD, row(0)]))
    seen = batch.version
    with writing(acting.session):
        putting.start(acting, batch, version=seen)
    with pytest.raises(Conflict), writing(acting.session):
        putting.start(acting, batch, version=seen)
    assert len(people_at(acting, world.orgs["branch_b1"])) == 1


def test_a_roster_is_filled_and_emptied(acting: Work, world: World) -> None:
    branch = world.orgs["branch_b1"]
    content = csv(
        [("学号", "姓名"), ("20180001", "赵一鸣"), ("20180002", "钱小雨"), ("20180001", "赵一鸣"), ("x", "孙七")],
        "gb18030",
    )
    batch = put_in(acting, branch, content, Sort.ROSTER)
    assert batch.counts == {"new": 2, "wrong": 2, "put": 2}
    live = select(RosterEntry.name).where(RosterEntry.organisation_id == branch.id, RosterEntry.removed_at.is_(None))
    assert set(acting.session.scalars(live)) >= {"赵一鸣", "钱小雨"}
    with writing(acting.session):
        putting.take_back(acting, batch, version=batch.version)
    assert not set(acting.session.scalars(live)) & {"赵一鸣", "钱小雨"}


def test_a_list_of_classes_is_built_and_unbuilt(acting: Work, world: World) -> None:
    college = world.orgs["college_c"]
    content = xlsx(
        [("班级名称", "人数"), ("会计2019-1班", 42), ("会计2019-2班", "约 40 人"), ("会计2019-2班", 1), ("", 3)]
    )
    batch = put_in(acting, college, content, Sort.ORGANISATIONS)
    assert batch.counts == {"new": 2, "wrong": 2, "put": 2}
    made = select(Organisation.name, Organisation.expected_members).where(Organisation.name.like("会计2019%"))
    assert acting.session.execute(made.order_by(Organisation.name)).all() == [
        ("会计2019-1班", 42),
        ("会计2019-2班", 40),
    ]
    with writing(acting.session):
        putting.take_back(acting, batch, version=batch.version)
    assert acting.session.execute(made).all() == []


def test_nothing_of_a_file_stands_in_the_clear(acting: Work, world: World) -> None:
    batch = checked(acting, world.orgs["branch_b1"], xlsx([HEAD, row(0)]))
    rows = select(ImportRow).where(ImportRow.batch_id == batch.id)
    kept = acting.session.scalars(rows.order_by(ImportRow.number)).all()
    assert all("林晓春" not in row.cells_sealed and number(0) not in row.cells_sealed for row in kept)
    assert json.loads(acting.vault.open("import", kept[1].cells_sealed))[0] == "林晓春"


def test_rows_are_forgotten_after_a_month(acting: Work, world: World, clock) -> None:
    batch = checked(acting, world.orgs["branch_b1"], xlsx([HEAD, row(0)]))
    acting.now += operations.KEPT_FOR * 2
    assert forgetting.empty(acting) == 1
    assert acting.session.scalar(select(func.count()).where(ImportRow.batch_id == batch.id)) == 0
    with pytest.raises(Conflict), writing(acting.session):
        putting.start(acting, batch, version=batch.version)


@pytest.mark.parametrize("sort", [Sort.PEOPLE, Sort.ROSTER])
def test_what_has_moved_to_another_school_is_no_longer_taken_back(acting: Work, world: World, sort: Sort) -> None:
    place = world.orgs["school_s"]
    columns = [*HEAD, "团支部"]
    batch = put_in(acting, place, xlsx([columns, [*row(0), world.branch_b1.name]]), sort)
    assert batch.counts["put"] == 1
    province = viewing(acting, world.people["province"])
    with writing(acting.session):
        reshaping.move(acting, province, world.college_c, world.school_t, version=world.college_c.version)
    with writing(acting.session):
        putting.take_back(acting, batch, version=batch.version)
    assert batch.counts["put"] == 1
    assert all("已经转走，没有撤回" in note for note in notes(acting, batch).values())


@pytest.mark.parametrize("sort", [Sort.PEOPLE, Sort.ROSTER])
def test_nothing_goes_into_a_class_that_was_closed_or_moved_after_the_check(
    acting: Work, world: World, sort: Sort
) -> None:
    place = world.orgs["school_s"]
    sheet = xlsx([[*HEAD, "团支部"], [*row(0), world.branch_b1.name], [*row(1), world.branch_b3.name]])
    batch = checked(acting, place, sheet, sort)
    province = viewing(acting, world.people["province"])
    with writing(acting.session):
        reshaping.move(acting, province, world.college_c, world.school_t, version=world.college_c.version)
        world.branch_b3.status = OrganisationStatus.CLOSED
    with writing(acting.session):
        putting.start(acting, batch, version=batch.version)
    assert (batch.counts["put"], batch.counts["wrong"]) == (0, 2)
