"""What an applicant of the tests types, and an application made of it."""

from typing import Any

from app.kernel.work import Work
from app.league.accounts.models import Account
from app.league.joining import operations
from app.league.joining.intake import Facts, Intake
from app.league.joining.models import JoinRequest
from app.league.organisations.models import Organisation
from app.league.people.models import Door
from tests import factories as make


def typed(**changes: Any) -> dict[str, Any]:
    """A form without a flaw: a student, 19, who joined at 15."""
    form: dict[str, Any] = {
        "name": "李小明",
        "id_type": "resident",
        "id_number": make.id_number(),
        "ethnicity": "03",
        "native_place": "山西省朔州市应县",
        "education": "61",
        "political_status": "03",
        "occupation": "学生",
        "phone": make.phone(),
        "joined_league_on": "2021-12-09",
        "joined_league_at": "应县第一中学",
        "certificate_number": "64975649",
        "development_number": f"202114{make.serial():06d}",
        "dues_paid_through": "2026-02",
    }
    return {**form, **changes}


def youth(**changes: Any) -> dict[str, Any]:
    """A form of a young person who has not joined the League."""
    form = typed(political_status="13")
    for name in (
        "joined_league_on",
        "joined_league_at",
        "certificate_number",
        "development_number",
        "dues_paid_through",
    ):
        del form[name]
    return {**form, **changes}


def facts(**changes: Any) -> Facts:
    """Clean facts of ``typed``."""
    return Intake.read(typed(**changes), make.TODAY)


def submit(
    work: Work, account: Account, organisation: Organisation, *, device: str = "", **changes: Any
) -> JoinRequest:
    """An application handed in through the pages."""
    return operations.submit(work, account, organisation, facts(**changes), door=Door.PC, device=device)
