"""`flask import-people`: the page's steps from the server's disk, in the name of somebody who may."""

import openpyxl
from sqlalchemy import func, select

from app.kernel.audit.models import AuditEntry
from app.league.people.models import FileState, Person
from tests.imports.awful import HEAD, number, person
from tests.imports.workbooks import csv, xlsx


def phone_of(world, vault, who: str) -> str:
    return vault.open("phone", world.people[who].phone_sealed)


def run(cli, file, place, phone):
    return cli.invoke(args=["import-people", str(file), "--organisation", place.public_id, "--by", phone])


def test_good_rows_go_in_and_the_others_lie_beside_the_file(cli, session, world, vault, tmp_path):
    file = tmp_path / "名单.xlsx"
    file.write_bytes(xlsx([HEAD, person(0), person(1, 民族="外星"), person(2)]))
    session.commit()
    said = run(cli, file, world.branch_b1, phone_of(world, vault, "school_s"))
    assert said.exit_code == 0, said.output
    assert "已导入\t2" in said.output
    assert session.scalar(select(func.count()).where(Person.state == FileState.WAITING)) == 2
    *_, last = openpyxl.load_workbook(tmp_path / "名单-问题.xlsx").active.values
    assert last[1] == number(1)
    assert "读不懂" in last[-1]
    by = select(AuditEntry.actor_account_id).where(AuditEntry.action == "people:file:load")
    assert set(session.scalars(by)) == {world.people["school_s"].id}


def test_a_long_list_is_worked_off_here_when_no_worker_runs(cli, session, world, vault, tmp_path):
    file = tmp_path / "名单.csv"
    file.write_bytes(csv([HEAD, *(person(n) for n in range(230))]))
    session.commit()
    said = run(cli, file, world.branch_b1, phone_of(world, vault, "school_s"))
    assert "正在导入" in said.output
    assert "已导入\t230" in said.output


def test_nobody_imports_where_the_page_would_not_let_him(cli, session, world, vault, tmp_path):
    file = tmp_path / "名单.xlsx"
    file.write_bytes(xlsx([HEAD, person(0)]))
    session.commit()
    for phone in (phone_of(world, vault, "school_t"), phone_of(world, vault, "youth"), "13900000000", "不是号码"):
        said = run(cli, file, world.branch_b1, phone)
        assert said.exit_code == 1
        assert "没有找到" in said.output
    assert session.scalar(select(func.count()).where(Person.state == FileState.WAITING)) == 0


def test_what_is_no_spreadsheet_is_told_in_a_sentence(cli, session, world, vault, tmp_path):
    file = tmp_path / "名单.xlsx"
    file.write_bytes(b"PK\x03\x04 broken off")
    session.commit()
    said = run(cli, file, world.branch_b1, phone_of(world, vault, "school_s"))
    assert (said.exit_code, said.output.strip()) == (1, "Error: 文件损坏，请重新保存后再上传")
