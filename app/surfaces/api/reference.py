"""What an app draws its forms from: the fields of a file with their code lists, and the reasons of reviewers."""

from msgspec import Struct

from app.kernel.access.gates import public
from app.league.joining import drafts, reasons
from app.league.joining.models import Verdict
from app.league.people.codes import EDUCATIONS, ID_TYPES, POLITICAL_STATUSES, SEXES, ethnicities, native_places
from app.league.people.fields import FIELDS
from app.surfaces.api.operation import operation

TAG = "填表"


class Choice(Struct, frozen=True):
    """一个代码和它的名称（GB/T 2261.1、3304、4658、4762）。"""

    code: str
    name: str


class FieldShape(Struct, frozen=True):
    """档案的一项：名称、要不要团员才填、保密不保密、可选的代码。"""

    name: str
    label: str
    step: str
    members_only: bool
    protected: bool
    choices: list[Choice]


class Reason(Struct, frozen=True):
    """一条常用理由，和它要申请人改的几项。"""

    key: str
    verdict: Verdict
    title: str
    text: str
    fields: list[str]


class Reference(Struct, frozen=True):
    """填表要用的全部名称和代码。"""

    fields: list[FieldShape]
    native_places: list[str]
    reasons: list[Reason]


@operation("GET", "/reference", "填表用的名称和代码", tag=TAG)
@public("国家标准代码")
def show_reference() -> Reference:
    """Everything a form needs; it changes seldom, so ask with If-None-Match."""
    lists = {
        "sex": SEXES, "ethnicity": ethnicities(), "education": EDUCATIONS, "political_status": POLITICAL_STATUSES,
        "id_type": ID_TYPES,
    }  # fmt: skip
    steps = {name: step for step, names in drafts.STEPS.items() for name in names}
    fields = [
        FieldShape(
            item.name, item.label, steps.get(item.name, ""), item.members_only, item.protected,
            [Choice(code, name) for code, name in lists.get(item.name, {}).items()],
        )
        for item in FIELDS.values()
    ]  # fmt: skip
    told = [Reason(t.key, t.verdict, t.title, t.text, list(t.fields)) for t in reasons.TEMPLATES]
    return Reference(fields, list(native_places()), told)
