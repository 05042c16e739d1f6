"""Lines into a file that calculates nothing: a workbook whose cells are all text, or CSV with formulas disarmed."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from rustpy_xlsxwriter import write_worksheet

FORMULA_STARTS = frozenset("=+-@\t\r\n＝＋－＠")
"""A cell of CSV that begins so may be run by a spreadsheet program; a leading apostrophe makes it text (OWASP)."""
MARK_COLUMN = "导出编号"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE = "text/csv; charset=utf-8"
Lines = Iterable[Sequence[str]]


def xlsx(head: Sequence[str], note: str, lines: Lines) -> bytes:
    """A workbook: ``note`` over the whole width, ``head``, the lines. ``head`` names no column twice."""
    out = io.BytesIO()
    records: Iterator[dict[str, str]] = (dict(zip(head, line, strict=True)) for line in lines)
    first = next(records, dict.fromkeys(head, ""))
    write_worksheet(
        chain([first], records),
        out,
        sheet_name="Sheet1",
        header_row=1,
        freeze_row=2,
        bold_headers=True,
        column_width=16,
        merge_ranges=[(0, 0, 0, len(head) - 1, note)],
    )
    return out.getvalue()


def csv_text(head: Sequence[str], note: str, lines: Lines) -> bytes:
    """The same as CSV (RFC 4180) in UTF-8 with the mark by which spreadsheet programs know it."""
    out = io.StringIO(newline="")
    write = csv.writer(out, lineterminator="\r\n")
    write.writerow([disarmed(note)])
    write.writerow(head)
    write.writerows([disarmed(cell) for cell in line] for line in lines)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def disarmed(cell: str) -> str:
    """``cell`` as text for any program.

    >>> disarmed("=1+1"), disarmed("－2"), disarmed("王小明")
    ("'=1+1", "'－2", '王小明')
    """
    return f"'{cell}" if cell[:1] in FORMULA_STARTS and cell else cell
