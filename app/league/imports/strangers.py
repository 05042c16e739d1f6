"""Numbers that are on file elsewhere under another name.

A check says nothing of them: they look like any new row, so that nobody learns from a preview which numbers are on file
(T05). Only putting them in tells, and who has many of them is trying numbers out: it ends for the day, is on record, and
the committee above hears of it.
"""

from app.kernel import limits
from app.kernel.audit.record import record
from app.kernel.errors import TooMany
from app.kernel.work import Work
from app.league.accounts.messages import tell
from app.league.appointments.queries import heads_above
from app.league.imports.models import ImportBatch

LIMIT = "import.strangers"
HALTED = "很多证件号和姓名对不上，没有导入。请核对以后明天再试"


def halt(work: Work, batch: ImportBatch, number: int) -> str:
    """Count ``number`` more of them for whoever puts them in. Returns why nothing more goes in today, or ""."""
    if not number or work.actor.account_id is None:
        return ""
    try:
        limits.hit(work.session, work.vault, LIMIT, str(work.actor.account_id), cost=number, now=work.now.timestamp())
    except TooMany:  # what was counted stays: this is no reason to begin anew
        _tell(work, batch, number)
        return HALTED
    return ""


def _tell(work: Work, batch: ImportBatch, number: int) -> None:
    record(
        work, "imports:batch:halt", "import", batch.public_id,
        org_path=batch.org_path, changes={"rows": (None, number)},
    )  # fmt: skip
    text = f"{work.actor.name}导入的表格里，很多证件号已经属于别的姓名，这次导入已经停下。请核实这些号码的来历。"
    for account_id in heads_above(work.session, batch.org_path, work.today):
        tell(
            work,
            account_id,
            f"import-halt:{batch.public_id}:{account_id}",
            "有人在用表格试证件号",
            text,
            link=f"/twt/imports/{batch.public_id}",
        )
