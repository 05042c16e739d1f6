"""An .xlsx looked at before any parser builds a table of it: its directory, every member to its end, how far its cells reach.

The parser lays a sheet out from its first to its last cell, so one cell in the last row and column of all would take the
machine's memory; and it believes what members say of their own size. Here everything is streamed and counted.
"""

import io
import re
import zipfile
from array import array
from collections.abc import Sequence
from typing import IO
from xml.parsers import expat

from app.kernel.errors import Invalid
from app.kernel.files.types import MOST_MEMBERS, MOST_RATIO, MOST_UNPACKED

MOST_CELLS = 6_200_000
"""Of one sheet, from the first to the last: the most rows times the most columns, and room for titles."""
MOST_TEXT = 60_000_000
"""Characters of one sheet: the parser copies a shared text into every cell that refers to it."""
SHARED = "xl/sharedstrings.xml"
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
    most, long = 0, False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            lengths = _lengths(archive)
            longest = max(lengths, default=0)
            for member in archive.infolist():
                xml = member.filename.lower().endswith((".xml", ".rels", ".vml"))
                with archive.open(member) as raw:
                    area, shared = _reach(raw, xml=xml)
                most = max(most, area)
                long = long or (shared * longest > MOST_TEXT and _text(archive, member, lengths) > MOST_TEXT)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, OSError, ValueError, NotImplementedError, RuntimeError):
        raise _no(BROKEN) from None
    except (expat.ExpatError, _Hostile):
        raise _no(BROKEN) from None
    if most > MOST_CELLS or long:
        raise _no(TOO_FAR)
    return most


def _no(sentence: str) -> Invalid:
    return Invalid({"file": sentence})


def _lengths(archive: zipfile.ZipFile) -> Sequence[int]:
    """How long each text is that cells refer to by its number."""
    strings = _Strings()
    for member in archive.infolist():
        if member.filename.lower() == SHARED:
            with archive.open(member) as raw:
                _parse(strings.parser, raw)
    return strings.lengths


def _text(archive: zipfile.ZipFile, member: zipfile.ZipInfo, lengths: Sequence[int]) -> int:
    """Characters of all texts that the cells of ``member`` refer to, each as often as it is referred to."""
    references = _References(lengths)
    with archive.open(member) as raw:
        _parse(references.parser, raw)
    return references.text


def _parse(parser: expat.XMLParserType, raw: IO[bytes]) -> None:
    while piece := raw.read(PIECE):
        parser.Parse(piece, False)
    parser.Parse(b"", True)


def _reach(raw: IO[bytes], *, xml: bool) -> tuple[int, int]:
    """The area of the cells with a value, and how many refer to a shared text; nothing of a member that is no XML."""
    if not xml:
        before = b""
        while piece := raw.read(PIECE):
            if b"sheetData" in before + piece:
                raise _Hostile
            before = piece[-16:]
        return 0, 0
    sheet = _Sheet()
    _parse(sheet.parser, raw)
    return sheet.area, sheet.shared


def _refuse(*_declared: object) -> None:
    raise _Hostile


def _own(name: str) -> str:
    return name.rpartition(":")[2] if ":" in name else name


class _Strings:
    """Follows the texts that cells share."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = _refuse
        self.parser.StartElementHandler = self._begin
        self.parser.CharacterDataHandler = self._read
        self.lengths = array("L")

    def _begin(self, name: str, _at: dict[str, str]) -> None:
        if _own(name) == "si":
            self.lengths.append(0)

    def _read(self, text: str) -> None:
        if self.lengths:
            self.lengths[-1] += len(text)


class _References:
    """Follows what cells refer to, and adds up the texts."""

    def __init__(self, lengths: Sequence[int]) -> None:
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = _refuse
        self.parser.StartElementHandler = self._begin
        self.parser.CharacterDataHandler = self._read
        self.text = 0
        self._lengths = lengths
        self._shared = self._value = False

    def _begin(self, name: str, at: dict[str, str]) -> None:
        name = _own(name)
        if name == "c":
            self._shared = at.get("t") == "s"
        self._value = name == "v"

    def _read(self, text: str) -> None:
        if self._shared and self._value and text.strip().isdigit() and int(text) < len(self._lengths):
            self.text += self._lengths[int(text)]


class _Sheet:
    """Follows rows and cells, numbered or in their order, and keeps how far those with a value reach.

    A workbook at the limit has six million elements, so the commonest come first and each reference is read by parts.
    """

    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = _refuse
        self.parser.StartElementHandler = self._begin
        self.shared = 0
        self._row = self._column = 0
        self._digits, self._columns = "", dict[str, int]()
        self._top = self._left = 2**20 + 1
        self._bottom = self._right = 0

    @property
    def area(self) -> int:
        """Cells between the first and the last; 0 when there is none."""
        return max(self._bottom - self._top + 1, 0) * max(self._right - self._left + 1, 0)

    def _begin(self, name: str, at: dict[str, str]) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "c":
            self._to_cell(at.get("r"))
            self.shared += at.get("t") == "s"
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
