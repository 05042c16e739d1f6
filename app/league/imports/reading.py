"""The bytes of a spreadsheet as a table of cells: .xlsx and .csv as people have them, and nothing that does harm.

An .xlsx is looked at before anything is built of it (`archives`), read by a parser that knows no entities, and refused
with macros or hidden sheets. Formulas give the value they had; nothing is calculated.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from app.kernel.errors import Invalid
from app.kernel.files.types import LARGEST, MEBIBYTE
from app.league.imports import archives
from app.league.imports.archives import BROKEN, SAVE_AS

MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 100_000, 60, 500
TITLES = 12
"""Rows that may stand above the first of the people: headings and what is written over them."""
MOST_MERGED = 4 * MOST_ROWS
"""Rows that cells are merged over, all together."""
SEPARATORS = ",\t;，；|"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
UNTRUE = 1e15
"""Spreadsheet programs keep fifteen digits of a number; what looks like more was made up."""
Cell = str | float


@dataclass(frozen=True)
class Table:
    """``rows``: (number as the program counts it, cells) of rows that say anything. ``note``: what was left out."""

    rows: list[tuple[int, list[Cell]]]
    note: str = ""

    @property
    def width(self) -> int:
        """Columns of the widest row."""
        return max((len(cells) for _, cells in self.rows), default=0)


def look(content: bytes) -> None:
    """Refuse at once what is no spreadsheet, too large or dangerous; nothing is unpacked. Raises Invalid on ``file``."""
    if not content:
        raise _no("文件是空的")
    if len(content) > LARGEST:
        raise _no(f"文件超过 {LARGEST // MEBIBYTE} MB，请分成几份")
    if content.startswith(OLD_EXCEL):
        raise _no(f"这是旧的 .xls 格式，或者设了打开密码。{SAVE_AS}")
    if content.startswith(b"PK\x03\x04"):
        archives.look_inside(content)
    else:
        _encoding(content)


def read(content: bytes) -> Table:
    """The table in ``content``. Raises Invalid on ``file``."""
    look(content)
    rows, note = _workbook(content) if content.startswith(b"PK") else (_separated(content), "")
    kept = list(_kept(rows))
    if not kept:
        raise _no("表格里没有内容")
    return Table(kept, note)


def _no(sentence: str) -> Invalid:
    return Invalid({"file": sentence})


def cells(content: bytes) -> int:
    """How large a table would be laid out of ``content``. Raises Invalid on ``file``."""
    return archives.cells(content) if content.startswith(b"PK") else content.count(b"\n")


def _workbook(content: bytes) -> tuple[Iterator[tuple[int, list[Cell]]], str]:
    archives.cells(content)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        known = [sheet for sheet in book.sheets_metadata if sheet.typ is SheetTypeEnum.WorkSheet]
        if any(sheet.visible is not SheetVisibleEnum.Visible for sheet in known):
            raise _no("表格里有隐藏的工作表。请取消隐藏或删除，再上传")
        sheets = [sheet for sheet in map(book.get_sheet_by_name, (s.name for s in known)) if sheet.height]
        if not sheets:
            raise _no("表格里没有内容")
        note = "" if len(sheets) == 1 else _unread(sheets)
        return _cells(sheets[0]), note
    except (CalamineError, ValueError, OSError):  # what the parser says is for programmers
        raise _no(BROKEN) from None


def _unread(sheets: Sequence[CalamineSheet]) -> str:
    first, others = sheets[0].name[:40], len(sheets) - 1
    return f"只读了第一张有内容的工作表“{first}”。另外 {others} 张没有读，要导入请另存成单独的文件"


def _cells(sheet: CalamineSheet) -> Iterator[tuple[int, list[Cell]]]:
    """The rows, with the value of cells merged downwards repeated in each of their rows."""
    _, start_column = sheet.start or (0, 0)
    merged = _merged_downwards(sheet)
    for number, row in enumerate(sheet.iter_rows(), 1):  # from the first row, but from the first column that is used
        cells = [""] * start_column + [_cell(value) for value in row]
        for top, column in merged.get(number - 1, ()):
            if top == number - 1:
                merged_value = cells[column] if column < len(cells) else ""
                _remember(merged, top, column, merged_value)
            elif column < len(cells):
                cells[column] = _remembered(merged, top, column)
        yield number, cells


_VALUES = -1


def _merged_downwards(sheet: CalamineSheet) -> dict[int, Any]:
    found: dict[int, Any] = {_VALUES: {}}
    last, taken = (sheet.start or (0, 0))[0] + sheet.height, 0
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if top < bottom < last and right - left < MOST_COLUMNS:
            taken += bottom - top + 1
            if taken > MOST_MERGED:
                raise _no("合并的单元格太多，请取消合并再上传")
            for row in range(top, bottom + 1):
                found.setdefault(row, []).append((top, left))
    return found


def _remember(merged: dict[int, Any], top: int, column: int, value: Cell) -> None:
    merged[_VALUES][top, column] = value


def _remembered(merged: dict[int, Any], top: int, column: int) -> Cell:
    value: Cell = merged[_VALUES].get((top, column), "")
    return value


def _cell(value: Any) -> Cell:
    """A cell as text; a number with a fraction stays one, since 1998.1 may have been typed as 1998.10."""
    if isinstance(value, str):
        return _unquoted(value.replace("\0", ""))
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and abs(value) >= UNTRUE:
        return f"{value:.14E}"
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else value
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time | timedelta):
        return str(value)
    return "" if value is None else str(value)


def _encoding(content: bytes) -> str:
    """What a .csv was saved in. Raises Invalid."""
    marks = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
    marked = [name for mark, name in marks if content.startswith(mark)]
    for name in marked or ("utf-8", "gb18030"):
        try:
            text = content.decode(name)
        except UnicodeDecodeError:
            continue
        if "\0" not in text and not text.lstrip().startswith("<"):  # some programs call a web page .xls
            return name
    raise _no(f"这不是 .xlsx 或 .csv 表格。{SAVE_AS}")


def _separated(content: bytes) -> Iterator[tuple[int, list[Cell]]]:
    text = io.TextIOWrapper(io.BytesIO(content), _encoding(content), newline="")  # decoded as it is read
    first = text.read(20_000).splitlines()[:20]
    text.seek(0)
    separator = max(SEPARATORS, key=lambda mark: sum(line.count(mark) for line in first))
    reader = csv.reader(text, delimiter=separator)
    try:
        for number, row in enumerate(reader, 1):
            yield number, [_unquoted(value) for value in row]
    except csv.Error:
        raise _no("表格里有一格太长，或引号不成对，请核对") from None


def _unquoted(value: str) -> str:
    """A cell without the dress some programs put on it to keep a number as text: ="0123" and '0123."""
    text = value.strip()
    if text[:1] not in ("=", "'"):
        return text
    return text[2:-1] if text.startswith('="') and text.endswith('"') else text.removeprefix("'")


class _Same(dict[str, str]):
    """One text for all cells that say the same: class, nation and party status of 100,000 people are a few words."""

    def __missing__(self, text: str) -> str:
        if len(self) < 10_000:
            self[text] = text
        return text


def _kept(rows: Iterable[tuple[int, Sequence[Cell]]]) -> Iterator[tuple[int, list[Cell]]]:
    """The rows that say anything, without the empty cells at their ends. Raises Invalid when they are too many."""
    kept, same = 0, _Same()
    for number, row in rows:
        cells = [same[cell[:LONGEST_CELL]] if isinstance(cell, str) else cell for cell in row]
        while cells and cells[-1] == "":
            cells.pop()
        if not cells:
            continue
        kept += 1
        if kept > MOST_ROWS + TITLES:
            raise _no(f"一次最多 {MOST_ROWS} 行，请分成几份")
        if len(cells) > MOST_COLUMNS:
            raise _no(f"最多 {MOST_COLUMNS} 列，请删去不用的列")
        yield number, cells
