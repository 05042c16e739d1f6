"""Spreadsheets as people make them, for tests."""

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from openpyxl import Workbook
from sqlalchemy.orm import Session

from app.league.accounts.models import Account
from app.league.imports.models import ImportBatch, Sort, Stage
from app.league.organisations.models import Organisation
from tests import factories as make

HEAD = ("姓名", "身份证号", "民族", "政治面貌", "入团日期", "入团地点", "手机号")


def xlsx(rows: Sequence[Sequence[Any]], *, merge: Sequence[str] = (), hidden: bool = False) -> bytes:
    """A workbook of one sheet with ``rows``; ``merge``: ranges such as A1:C1; ``hidden``: a second sheet nobody sees."""
    book = Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(list(row))
    for area in merge:
        sheet.merge_cells(area)
    if hidden:
        other = book.create_sheet("旧")
        other.append(["x"])
        other.sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def within(
    content: bytes, change: Mapping[str, Callable[[bytes], bytes]], more: Mapping[str, bytes] | None = None
) -> bytes:
    """``content`` with some members of its archive changed and some added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            new.writestr(member.filename, change.get(member.filename, lambda raw: raw)(old.read(member.filename)))
        for name, raw in (more or {}).items():
            new.writestr(name, raw)
    return out.getvalue()


def csv(rows: Sequence[Sequence[Any]], encoding: str = "utf-8", separator: str = ",") -> bytes:
    """The same as text."""
    lines = [separator.join(f'"{cell}"' if separator in str(cell) else str(cell) for cell in row) for row in rows]
    return "\r\n".join(lines).encode(encoding)


def kept_batch(session: Session, account: Account, place: Organisation) -> ImportBatch:
    """An import that was put in, without its rows."""
    row = ImportBatch(
        sort=Sort.PEOPLE, stage=Stage.DONE, organisation_id=place.id, org_path=place.path, account_id=account.id,
        by_name=account.name, file_name="名单.xlsx", created_at=make.NOW, counts={"new": 1, "put": 1},
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row
