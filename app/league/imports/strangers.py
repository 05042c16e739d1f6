"""Numbers that are on file elsewhere.

A check says nothing of them: they look like any new row, so that nobody learns from a preview which numbers are on file
(T05). Only putting them in tells. Who puts many in under other names than they are on file by is trying numbers out: for
that day it ends for the account and for the place, it is on record, and the committee above the one who does it hears of it.
"""

from app.kernel import limits
from app.kernel.audit.record import record
from app.kernel.errors import TooMany
from app.kernel.work import Work
from app.league.accounts.messages import tell
from app.league.appointments.models import Appointment
from app.league.appointments.queries import heads_above
from app.league.imports.models import ImportBatch, Sort
from app.league.organisations.models import Organisation

LIMIT = "import.strangers"
HALTED = "很多证件号和姓名对不上，没有导入。请核对以后明天再试"


def halt(work: Work, batch: ImportBatch, number: int) -> str:
    """Count ``number`` more of them. Returns why nothing more goes in today, or ""."""
    if batch.sort is not Sort.PEOPLE:
        return ""
    moment, keys = work.now.timestamp(), (str(work.actor.account_id), f"place {batch.organisation_id}")
    if any(limits.wait(work.session, work.vault, LIMIT, key, now=moment) for key in keys):
        return HALTED
    try:
        for key in keys if number else ():
            limits.hit(work.session, work.vault, LIMIT, key, cost=number, now=moment)
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
    for account_id in heads_above(work.session, _standing(work, batch), work.today):
        if account_id == work.actor.account_id:
            continue
        tell(
            work,
            account_id,
            f"import-halt:{batch.public_id}:{account_id}",
            "有人在用表格试证件号",
            text,
            link=f"/twt/imports/{batch.public_id}",
        )


def _standing(work: Work, batch: ImportBatch) -> str:
    """Where the one who imports holds office: he may stand far above the class he imports to."""
    post = work.session.get(Appointment, work.actor.appointment_id) if work.actor.appointment_id else None
    place = work.session.get(Organisation, post.organisation_id) if post else None
    return place.path if place and batch.org_path.startswith(place.path) else batch.org_path
