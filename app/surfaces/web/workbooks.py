"""Workbooks (.xlsx) to download: every cell is text, so that nothing in them is calculated."""

import io
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any
from urllib.parse import quote

from flask import Response
from rustpy_xlsxwriter import Format, write_worksheet

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

TEXT, WIDTH = Format().set_num_format("@"), 20.0
"""As a cell's format, and in characters: a number of a document is seen whole."""


def workbook(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """A workbook to download as ``name``."""
    answer = Response(sheet(head, rows), mimetype=MEDIA_TYPE)
    answer.headers["Content-Disposition"] = f"attachment; filename=sheet.xlsx; filename*=UTF-8''{quote(name)}"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def sheet(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A workbook of one sheet; ``head`` names the columns, also those that share a name.

    The columns are text as well: a program that took a number of 18 digits for an amount would throw three away.
    """
    out = io.BytesIO()
    keys = [f"{title}{chr(0x200B) * head[:place].count(title)}" for place, title in enumerate(head)]
    records = (dict(zip(keys, map(str, row), strict=False)) for row in rows)
    first = next(records, None)
    filled = chain([first], records) if first is not None else iter([dict.fromkeys(keys, "")])
    write_worksheet(
        filled, out, sheet_name="Sheet1", freeze_row=1, bold_headers=True,
        column_formats=[TEXT] * len(keys), column_widths=[WIDTH] * len(keys),
    )  # fmt: skip
    return out.getvalue()
