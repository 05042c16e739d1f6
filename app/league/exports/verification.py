"""What no export may leave behind."""

from datetime import timedelta

from sqlalchemy import Select, exists, select

from app.kernel.verification import invariant
from app.kernel.work import Work
from app.league.exports.models import Export, ExportPart, ExportState
from app.league.exports.operations import MOST_TAKEN

LATE = timedelta(hours=4)
"""After so long a file should surely be gone; it goes within a quarter of an hour."""


def _past_its_life(work: Work) -> Select[str]:
    late = Export.expires_at < work.now - LATE
    return select(Export.public_id).where(Export.state == ExportState.READY, late)


invariant("exports.expired", "没有过期还留着的导出文件", _past_its_life)
invariant(
    "exports.parts",
    "导出的内容都属于有效的导出",
    select(Export.public_id).where(
        Export.state.not_in((ExportState.READY, ExportState.MAKING)),
        exists().where(ExportPart.export_id == Export.id),
    ),
)
invariant("exports.taken", "下载次数没有超过规定", select(Export.public_id).where(Export.taken > MOST_TAKEN))
