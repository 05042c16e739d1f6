"""Tables to download, safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula (OWASP, CSV Injection)."""


def sheet(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A CSV file called ``name``, in UTF-8 with the mark that Chinese spreadsheets need."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([safe(value) for value in row] for row in rows)
    answer = Response("\ufeff" + text.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return answer


def safe(value: object) -> str:
    """The value as text that no spreadsheet calculates.

    >>> safe("=1+1"), safe(" =1"), safe("一班")
    ("'=1+1", "' =1", '一班')
    """
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text
