"""Thirty-odd spreadsheets as they come from schools, and as they come from those who mean harm; what becomes of each.

Every flaw stands alone in one sheet; the last has all that can stand together.
"""

import hashlib
import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import PatternFill
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from tests import factories as make
from tests.imports.workbooks import HEAD, csv, within, xlsx

BORN = date(2003, 9, 12)
NAMES = ("林晓春", "林晓夏", "林晓秋", "林晓冬")
CARD = ("请填写", "身份证号")
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = "xl/worksheets/sheet1.xml"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2048)
Cells = list[Any]


@dataclass(frozen=True)
class Awful:
    """``make``: its bytes. ``good``: names that go in, in order. ``bad``: number of a row → words of what is said of it.

    ``equal``: rows that say nothing new. ``refused``: words of why the whole is not read; ``columns``: of what is asked.
    """

    flaw: str
    make: Callable[[], bytes]
    good: Sequence[str] = ()
    bad: Mapping[int, str] = field(default_factory=dict)
    equal: int = 0
    refused: str = ""
    columns: str = ""
    at: str = "branch_b1"
    said: str = ""


def number(n: int, *, male: bool | None = None) -> str:
    """The number of the n-th person."""
    return make.id_number(BORN, male=n % 2 == 0 if male is None else male, n=500 + n)


def person(n: int, **other: Any) -> Cells:
    """A good row below ``HEAD``, with some cells otherwise."""
    name = NAMES[n % 4] if n < 16 else f"林{chr(0x4E00 + n)}"
    values = {
        "姓名": name, "身份证号": number(n), "民族": "汉族", "政治面貌": "共青团员", "入团日期": "2018-05-04",
        "入团地点": "应县第一中学", "手机号": f"1390002{n:04d}",
    }  # fmt: skip
    return [other.get(name, value) for name, value in values.items()]


def book(change: Callable[[Workbook], None], rows: Sequence[Cells] | None = None) -> bytes:
    """A workbook of ``rows`` below ``HEAD`` (two people when none are named), changed before it is saved."""
    made = Workbook()
    for row in [list(HEAD), *(rows if rows is not None else [person(0), person(1)])]:
        made.active.append(row)
    change(made)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def plain(*, rows: int = 2) -> bytes:
    """Nothing wrong."""
    return xlsx([HEAD, *(person(n) for n in range(rows))])


def shuffled() -> bytes:
    head = (
        "序号",
        "手机号码",
        "本人身份证号码(18位)",
        "族别",
        "★ 学生姓名",
        "入团时间（年月日）",
        "面貌",
        "在何地入团",
        "备注",
    )
    rows = [
        [n + 1, row[6], row[1], row[2], row[0], row[4], row[3], row[5], "无"]
        for n, row in enumerate(map(person, range(3)))
    ]
    return xlsx([head, *rows])


def titled() -> bytes:
    rows = [
        ["朔州师范高等专科学校2018级团员花名册"], ["填报人：王老师", "", "", "填报时间：2026.4.1"], [], list(HEAD), person(0), [],
        [None] * 7, person(1), ["", "   ", " "], person(2),
    ]  # fmt: skip
    return xlsx(rows, merge=["A1:G1", "A2:C2", "D2:G2"])


def numbers_for_text() -> bytes:
    lost = float(number(1)[:15] + "000")
    return xlsx([
        HEAD, person(0), person(1, 身份证号=lost), person(2, 身份证号="1.49999200309121E+17"),
        person(3, 手机号=13900020003.0), person(4, 身份证号=int(number(4)[:17] + "0") if number(4)[17] == "X" else number(4)),
    ])  # fmt: skip


def wide() -> bytes:
    full = str.maketrans("0123456789X ", "０１２３４５６７８９Ｘ　")
    card = number(1)
    return xlsx([
        HEAD,
        person(0, 身份证号=number(0).translate(full), 手机号="１３９０００２００００"),
        person(1, 身份证号=f"{card[:6]} {card[6:14]}\u00a0{card[14:]}", 姓名=" 林\u3000晓 夏\u200b "),
        person(2, 身份证号=f"\u200b{number(2).lower()}\ufeff", 民族=" 汉族\t"),
        person(3, 身份证号=f"'{number(3)}", 政治面貌="共青团员\n"),
    ])  # fmt: skip


def days() -> bytes:
    written = (
        "2018.3", "2018年3月", "2018.03.05", "20180305", "2018-3-5", "2018/3/5", "2018年03月05日", "2018．3．5", 43164,
        datetime(2018, 3, 5, tzinfo=UTC).replace(tzinfo=None), date(2018, 3, 5), 2018.3, "2018-03", "201803", " 2018 年 3 月 ",
    )  # fmt: skip
    return xlsx([HEAD, *(person(n, 入团日期=day) for n, day in enumerate(written))])


def days_of_a_mac() -> bytes:
    def change(made: Workbook) -> None:
        made.epoch = CALENDAR_MAC_1904

    return book(change, [person(0, 入团日期=date(2018, 3, 5)), person(1)])


def unclear_days() -> bytes:
    written = (2018.1, "不详", "18年3月", "2018-13-01", "2018年2月30日", 3, "忘了", "2018-03-05")
    return xlsx([HEAD, *(person(n, 入团日期=day) for n, day in enumerate(written))])


def two_sheets() -> bytes:
    def change(made: Workbook) -> None:
        made.create_sheet("说明", 0)
        made.create_sheet("备份").append(["旧的"])

    return book(change)


def hidden_sheet() -> bytes:
    return xlsx([HEAD, person(0)], hidden=True)


def very_hidden_sheet() -> bytes:
    def change(made: Workbook) -> None:
        made.create_sheet("密").sheet_state = "veryHidden"

    return book(change)


def hidden_rows() -> bytes:
    def change(made: Workbook) -> None:
        made.active.row_dimensions[2].hidden = True
        made.active.column_dimensions["C"].hidden = True

    return book(change)


def text(rows: Sequence[Cells], encoding: str, separator: str = ",", end: str = "\r\n") -> bytes:
    return csv([HEAD, *rows], "utf-8", separator).decode().replace("\r\n", end).encode(encoding)


def quoted() -> bytes:
    row = person(1)
    row[5] = '"应县第一中学\n（老校区）""北院"""'
    lines = [
        "\ufeff" + ",".join(HEAD),
        ",".join(map(str, person(0))),
        ",".join(map(str, row)),
        ",".join(map(str, person(2))),
    ]
    return "\n".join(lines).encode()


def unpaired() -> bytes:
    return (",".join(HEAD) + "\n" + '"林晓春,' + number(0) + ",汉族\n" * 3).encode()


def dressed() -> bytes:
    rows = [person(0, 身份证号=f'="{number(0)}"'), person(1, 身份证号=f"'{number(1)}", 手机号="'13900020001")]
    return text(rows, "utf-8")


def formulas() -> bytes:
    return xlsx([HEAD, person(0), person(1, 姓名='=HYPERLINK("http://evil.example","林")'), person(2, 入团地点="=1+1")])


def looks_like_formulas() -> bytes:
    return text([
        person(0), person(1, 姓名="=cmd|' /C calc'!A0"), person(2, 姓名="@SUM(A1)"), person(3, 姓名="-林晓冬"),
        person(4, 入团地点="+应县第一中学"),
    ], "utf-8")  # fmt: skip


def macros() -> bytes:
    return within(plain(), {}, {"xl/vbaProject.bin": b"\xcc\x61" + bytes(100)})


def zip_bomb() -> bytes:
    return within(plain(), {}, {"xl/media/image1.png": bytes(60 * 1024 * 1024)})


def entities() -> bytes:
    bomb = b'<!DOCTYPE s [<!ENTITY a "' + b"x" * 50 + b'">' + b"".join(
        b'<!ENTITY %c "%b">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
    ) + b"]>"  # fmt: skip
    name = NAMES[0].encode()
    return within(plain(), {SHEET: lambda raw: bomb + raw.replace(name, b"&j;", 1)})


def foreign_entity() -> bytes:
    told = b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    name = NAMES[0].encode()
    return within(plain(), {SHEET: lambda raw: told + raw.replace(name, b"&e;", 1)})


def empty_rows() -> bytes:
    """A million rows that somebody has coloured."""
    blank = b"".join(b'<row r="%d"><c r="A%d" s="1"/></row>' % (n, n) for n in range(4, 1_000_000))
    return within(plain(), {SHEET: lambda raw: raw.replace(b"</sheetData>", blank + b"</sheetData>")})


def last_cell() -> bytes:
    """The very last cell there is holds a blank."""
    last = b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t> </t></is></c></row></sheetData>'
    return within(plain(), {SHEET: lambda raw: raw.replace(b"</sheetData>", last)})


def one_text_in_all_cells() -> bytes:
    """A long text kept once, and fifty thousand cells that refer to it."""
    row = b"<row>" + b'<c t="s"><v>0</v></c>' * 50 + b"</row>"
    shared = f'<sst xmlns="{MAIN}"><si><t>{"长" * 2000}</t></si></sst>'.encode()
    noise = b"".join(hashlib.sha256(str(n).encode()).digest() for n in range(2000))
    cells = {SHEET: lambda raw: raw.replace(b"</sheetData>", row * 1000 + b"</sheetData>")}
    return within(plain(), cells, {"xl/sharedStrings.xml": shared, "docProps/noise.bin": noise})


def lying_dimension() -> bytes:
    told = b'<dimension ref="A1:XFD1048576"/>'
    return within(plain(), {SHEET: lambda raw: re.sub(rb"<dimension[^>]*/>", told, raw)})


def lying_size() -> bytes:
    """A member that says it is small and is not."""
    content = bytearray(
        within(plain(), {SHEET: lambda raw: raw.replace(b"</sheetData>", b" " * 3_000_000 + b"</sheetData>")})
    )
    true = (len(zipfile.ZipFile(io.BytesIO(bytes(content))).read(SHEET))).to_bytes(4, "little")
    return bytes(content).replace(true, (900).to_bytes(4, "little"))


def merged_all_over() -> bytes:
    """Ten thousand merged ranges over a hundred thousand rows each."""
    far = b'<row r="90000"><c r="A90000" t="inlineStr"><is><t>x</t></is></c></row></sheetData><mergeCells>'
    ranges = b"".join(b'<mergeCell ref="A%d:A90000"/>' % n for n in range(2, 10_000))
    return within(plain(), {SHEET: lambda raw: raw.replace(b"</sheetData>", far + ranges + b"</mergeCells>")})


def very_wide() -> bytes:
    return xlsx([[*HEAD, *(f"列{n}" for n in range(16_000))], person(0)])


def coloured() -> bytes:
    def change(made: Workbook) -> None:
        for column in range(1, 200):
            made.active.cell(row=2, column=column).fill = PatternFill("solid", fgColor="FFFF00")

    return book(change)


def twice() -> bytes:
    return xlsx([HEAD, person(0), person(1), person(0, 姓名="林晓春春"), person(1)])


def other_people_s_columns() -> bytes:
    head = ("父亲姓名", "监护人电话", "班主任", *HEAD, "姓名")
    return xlsx([head, *(["林父", "13900029999", "王老师", *person(n), "别名"] for n in range(2))])


def no_number() -> bytes:
    return xlsx([("姓名", "民族"), ("林晓春", "汉族")])


def pages_and_sums() -> bytes:
    sums = ["合计", "2人", *[""] * 5]
    return xlsx([list(HEAD), person(0), list(HEAD), person(1), sums, ["制表人：王老师"]])


def names() -> bytes:
    written = (
        "𠮷晓春", "阿卜杜拉·艾力", "阿依古丽•买买提", "欧阳夏", "Иванова Анна", "林" * 50, "林" * 51, "林2", "林\x0b晓秋",
    )  # fmt: skip
    return xlsx([HEAD, *(person(n, 姓名=name) for n, name in enumerate(written) if "\x0b" not in name)])


def facts() -> bytes:
    head = (*HEAD, "性别", "出生日期", "学历")
    return xlsx([
        head,
        [*person(0, 民族="汉"), "男", "2003.9.12", "大专"],
        [*person(1, 民族="维吾尔"), "女", "2003-09", "高中"],
        [*person(2, 民族="火星族"), "男", "", ""],
        [*person(3), "男", "", ""],
        [*person(4), "", "2004-01-01", ""],
        [*person(5, 身份证号=number(5)[:17] + ("0" if number(5)[17] != "0" else "1")), "", "", ""],
        [*person(6, 身份证号="14999920030912"), "", "", ""],
        [*person(7, 政治面貌="群众", 入团日期=""), "", "", "小学"],
    ])  # fmt: skip


def merged_classes() -> bytes:
    rows = [[*HEAD, "班级"]]
    rows += [[*person(n), "会计20184班" if n == 0 else None] for n in range(3)]
    return xlsx(rows, merge=["H2:H4"])


def all_together() -> bytes:
    head = ["序号", "班级", "学生姓名", "联系电话", "身份证号码", "民族", "面貌", "入团年月", "家长姓名"]

    def line(n: int, **other: Any) -> Cells:
        row = person(n, **other)
        return [n + 1, None, row[0], row[6], row[1], row[2], row[3], row[4], "林父"]

    rows = [
        ["2018级团员名单"], [], head, line(0, 入团日期="2018.3", 民族="汉"), line(1, 身份证号=f" {number(1)}"), [], head,
        line(2, 身份证号=float(number(2)[:15] + "000")), line(3, 入团日期=2018.1), line(4, 姓名="=1+1"), line(0), line(5),
        ["合计", "", "6人"],
    ]  # fmt: skip
    return xlsx(rows, merge=["A1:I1"])


LOST = "后三位丢了"
SHEETS = (
    Awful("nothing wrong", plain, NAMES[:2]),
    Awful("columns in another order, under other names", shuffled, NAMES[:3]),
    Awful("titles above, blank rows between", titled, NAMES[:3]),
    Awful("numbers where text should be", numbers_for_text, (NAMES[0], NAMES[3], NAMES[0]), {3: LOST, 4: LOST}),
    Awful("full width, blanks that nobody sees", wide, NAMES),
    Awful("days in fifteen ways", days, [NAMES[n % 4] for n in range(15)]),
    Awful("days counted from 1904", days_of_a_mac, NAMES[:2]),
    Awful(
        "days nobody can tell", unclear_days, (NAMES[1], NAMES[3]),
        {2: "分不清", 4: "入团日期", 5: "入团日期", 6: "入团日期", 7: "入团日期", 8: "入团日期“忘了”"},
    ),
    Awful("several sheets", two_sheets, NAMES[:2], said="只读了第一张有内容的工作表"),
    Awful("a hidden sheet", hidden_sheet, refused="隐藏的工作表"),
    Awful("a sheet hidden even from the menu", very_hidden_sheet, refused="隐藏的工作表"),
    Awful("hidden rows and columns", hidden_rows, NAMES[:2]),
    Awful("GB18030", lambda: text([person(0), person(1, 姓名="𠮷晓夏")], "gb18030"), (NAMES[0], "𠮷晓夏")),
    Awful("UTF-8 with its mark, semicolons", lambda: text([person(0)], "utf-8-sig", ";"), NAMES[:1]),
    Awful("UTF-16 with tabs", lambda: text([person(0), person(1)], "utf-16", "\t"), NAMES[:2]),
    Awful("lines of an old Mac", lambda: text([person(0), person(1)], "utf-8", ",", "\r"), NAMES[:2]),
    Awful("line ends within quotes", quoted, NAMES[:3]),
    Awful("a quote that never ends", unpaired, (), {2: "没有身份证号"}),
    Awful("numbers dressed as text", dressed, NAMES[:2]),
    Awful("formulas", formulas, (NAMES[0], NAMES[2]), {3: "姓名"}),
    Awful("text that would be a formula", looks_like_formulas, (NAMES[0], NAMES[0]), {3: "姓名", 4: "姓名", 5: "姓名"}),
    Awful("macros", macros, refused="带宏"),
    Awful("a zip bomb", zip_bomb, refused="展开后太大"),
    Awful("an entity bomb", entities, refused="文件损坏"),
    Awful("an entity of the machine's", foreign_entity, refused="文件损坏"),
    Awful("a million empty rows", empty_rows, NAMES[:2]),
    Awful("a blank in the last cell there is", last_cell, refused="表格太大"),
    Awful("one long text in all cells", one_text_in_all_cells, refused="表格太大"),
    Awful("a dimension that lies", lying_dimension, NAMES[:2]),
    Awful("a member larger than it says", lying_size, refused="文件损坏"),
    Awful("merged all over", merged_all_over, refused="合并的单元格太多"),
    Awful("16,000 columns", very_wide, refused="最多 60 列"),
    Awful("200 coloured cells", coloured, NAMES[:2]),
    Awful("somebody twice", twice, NAMES[:2], {4: "和第 2 行相同", 5: "和第 3 行相同"}),
    Awful("columns of other people", other_people_s_columns, NAMES[:2]),
    Awful("no column for the number", no_number, columns="请选择哪一列是身份证号"),
    Awful("headings again, a sum below", pages_and_sums, NAMES[:2], {5: "像是合计", 6: "像是合计"}, equal=1),
    Awful(
        "names", names, ("𠮷晓春", "阿卜杜拉·艾力", "阿依古丽·买买提", "欧阳夏", "Иванова Анна", "林" * 50),
        {8: "姓名", 9: "姓名"},
    ),
    Awful(
        "facts that contradict", facts, (NAMES[0], NAMES[1], NAMES[3]),
        {4: "民族", 5: "性别", 6: "出生日期", 7: "号码里有一位不对", 8: "身份证号"},
    ),
    Awful("a class merged over its people", merged_classes, NAMES[:3], at="school_s"),
    Awful("an old .xls, or one with a password", lambda: OLE, refused="旧的 .xls"),
    Awful("a web page that calls itself .xls", lambda: "<html><td>姓名</td></html>".encode(), refused="这不是"),
    Awful("broken off in the middle", lambda: plain()[:-300], refused="文件损坏"),
    Awful("nothing at all", lambda: b"", refused="空的"),
    Awful("a picture", lambda: b"\x89PNG\r\n\x1a\n" + bytes(200), refused="这不是"),
    Awful("a heading and nothing below", lambda: xlsx([HEAD]), columns="标题行下面没有内容"),
    Awful(
        "all of it together", all_together, (NAMES[0], NAMES[1], NAMES[1]),
        {8: LOST, 9: "分不清", 10: "姓名", 11: "和第 4 行相同", 13: "像是合计"}, equal=1,
    ),
)  # fmt: skip
