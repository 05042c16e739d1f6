"""An .xlsx looked at before any parser builds a table of it: its directory, every member to its end, how far its cells reach.

The parser lays a sheet out from its first to its last cell, so one cell in the last row and column of all would take the
machine's memory; and it believes what members say of their own size. Here everything is streamed and counted.
"""

import io
import re
import zipfile
from typing import IO
from xml.parsers import expat

from app.kernel.errors import Invalid
from app.kernel.files.types import MOST_MEMBERS, MOST_RATIO, MOST_UNPACKED

MOST_CELLS = 6_200_000
"""Of one sheet, from the first to the last: the most rows times the most columns, and room for titles."""
PIECE = 256 * 1024
BROKEN = "文件损坏，请重新保存后再上传"
SAVE_AS = "请用 Excel 或 WPS 打开，另存为 .xlsx 再上传"
TOO_FAR = "表格太大：请删去右边和下面空白的行和列，或分成几份"
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")


class _Hostile(Exception):
    """What no spreadsheet program writes."""


def look_inside(content: bytes) -> None:
    """Refuse by its directory what is no workbook, has macros or unpacks to too much. Raises Invalid on ``file``."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise _no(BROKEN) from None
    names = {member.filename.lower() for member in members}
    if any(name.endswith("vbaproject.bin") for name in names):
        raise _no(f"带宏的表格不能导入。{SAVE_AS}")
    if "xl/workbook.xml" not in names or "[content_types].xml" not in names:
        raise _no(f"这不是 .xlsx 或 .csv 表格。{SAVE_AS}")
    unpacked = sum(member.file_size for member in members)
    if len(members) > MOST_MEMBERS or unpacked > min(MOST_UNPACKED, MOST_RATIO * len(content)):
        raise _no("表格展开后太大。请删去空白行和图片，或分成几份")


def cells(content: bytes) -> int:
    """How many cells the parser would lay out for the largest sheet. Raises Invalid on ``file`` for more than MOST_CELLS,

    and where a member is not what the directory says, or declares a document type.
    """
    most = 0
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.infolist():
                with archive.open(member) as raw:
                    most = max(most, _reach(raw, xml=member.filename.lower().endswith((".xml", ".rels", ".vml"))))
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, OSError, ValueError, NotImplementedError, RuntimeError):
        raise _no(BROKEN) from None
    except (expat.ExpatError, _Hostile):
        raise _no(BROKEN) from None
    if most > MOST_CELLS:
        raise _no(TOO_FAR)
    return most


def _no(sentence: str) -> Invalid:
    return Invalid({"file": sentence})


def _reach(raw: IO[bytes], *, xml: bool) -> int:
    """The area of the cells with a value; of a member that is no XML, 0, if it holds nothing like a sheet."""
    if not xml:
        before = b""
        while piece := raw.read(PIECE):
            if b"sheetData" in before + piece:
                raise _Hostile
            before = piece[-16:]
        return 0
    sheet = _Sheet()
    while piece := raw.read(PIECE):
        sheet.parser.Parse(piece, False)
    sheet.parser.Parse(b"", True)
    return sheet.area


class _Sheet:
    """Follows rows and cells, numbered or in their order, and keeps how far those with a value reach.

    A workbook at the limit has six million elements, so the commonest come first and each reference is read by parts.
    """

    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.StartElementHandler = self._begin
        self._row = self._column = 0
        self._digits, self._columns = "", dict[str, int]()
        self._top = self._left = 2**20 + 1
        self._bottom = self._right = 0

    @property
    def area(self) -> int:
        """Cells between the first and the last; 0 when there is none."""
        return max(self._bottom - self._top + 1, 0) * max(self._right - self._left + 1, 0)

    def _refuse(self, *_declared: object) -> None:
        raise _Hostile

    def _begin(self, name: str, at: dict[str, str]) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "c":
            self._to_cell(at.get("r"))
        elif name in ("v", "is"):
            self._reach_here()
        elif name == "row":
            self._row, self._column, self._digits = int(at["r"]) if "r" in at else self._row + 1, 0, ""

    def _reach_here(self) -> None:
        row, column = self._row, self._column
        if row > self._bottom:
            self._bottom = row
        if row < self._top:
            self._top = row
        if column > self._right:
            self._right = column
        if column < self._left:
            self._left = column

    def _to_cell(self, reference: str | None) -> None:
        if reference is None:
            self._column += 1
            return
        letters = reference.rstrip("0123456789")
        digits = reference[len(letters) :]
        if letters not in self._columns or digits != self._digits:
            if not _REFERENCE.fullmatch(reference):
                raise _Hostile
            self._columns[letters] = column_of(letters)
            self._row, self._digits = int(digits), digits
        self._column = self._columns[letters]


def column_of(letters: str) -> int:
    """The number of a column.

    >>> column_of("A"), column_of("AA")
    (1, 27)
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
