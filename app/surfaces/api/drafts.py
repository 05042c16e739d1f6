"""The draft of an application: kept as it is typed, judged whole, handed in when nothing is wrong any more."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from app.kernel.access.gates import own
from app.kernel.errors import Invalid, NotFound, Refused
from app.kernel.work import Work
from app.league.accounts import guardians
from app.league.accounts import operations as accounts
from app.league.joining import drafts, operations, places
from app.league.joining import own as mine
from app.league.joining.drafts import STEPS, Contents
from app.league.joining.intake import FORGETTABLE, STATEMENT_LENGTH, Intake
from app.league.joining.models import OPEN_STATES
from app.league.organisations.models import Kind, OrganisationStatus
from app.surfaces.api import replies
from app.surfaces.api.operation import operation
from app.surfaces.api.registration import Guardian
from app.surfaces.web.house import Change, changing, me, work
from app.surfaces.web.problems import FieldProblem

TAG = "入档申请"
HAVE_ONE = "您已有申请或档案，不用再填"
NOT_HERE = "请选择能接收申请的团组织"
Typed = Annotated[str, Meta(max_length=200)]
Forgettable = Literal[
    "joined_league_on", "joined_league_at", "certificate_number", "development_number", "dues_paid_through"
]
Confirmable = Literal["joined_league_on"]
YesNo = Literal["", "yes", "no"]


class Facts(Struct, frozen=True, forbid_unknown_fields=True):
    """要改的几项，没写的保持原样。日期、代码照证件写，或用 /reference 里的代码。"""

    organisation: Annotated[str, Meta(max_length=40)] | UnsetType = UNSET
    statement: Annotated[str, Meta(max_length=STATEMENT_LENGTH)] | UnsetType = UNSET
    name: Typed | UnsetType = UNSET
    id_type: Typed | UnsetType = UNSET
    id_number: Typed | UnsetType = UNSET
    birth_date: Typed | UnsetType = UNSET
    sex: Typed | UnsetType = UNSET
    ethnicity: Typed | UnsetType = UNSET
    native_place: Typed | UnsetType = UNSET
    education: Typed | UnsetType = UNSET
    political_status: Typed | UnsetType = UNSET
    occupation: Typed | UnsetType = UNSET
    phone: Typed | UnsetType = UNSET
    member: YesNo | UnsetType = UNSET
    joined_league_on: Typed | UnsetType = UNSET
    joined_league_at: Typed | UnsetType = UNSET
    certificate_number: Typed | UnsetType = UNSET
    development_number: Typed | UnsetType = UNSET
    dues_paid_through: Typed | UnsetType = UNSET
    forgotten: Annotated[list[Forgettable], Meta(max_length=5)] | UnsetType = UNSET
    confirmed: Annotated[list[Confirmable], Meta(max_length=1)] | UnsetType = UNSET


class Step(Struct, frozen=True):
    """表格的一步，和它填好了没有。"""

    name: str
    done: bool


class Draft(Struct, frozen=True):
    """填到哪里了。errors 为空、steps 都填好了就能提交。"""

    facts: Facts
    steps: list[Step]
    ready: bool
    errors: list[FieldProblem]
    updated_at: datetime | None


EXAMPLE = {
    "organisation": "4tq9Yb2vQm7nXk3wRz8aLg", "name": "林晓春", "id_number": "149999200605170015", "ethnicity": "01",
    "native_place": "山西省朔州市朔城区", "education": "21", "political_status": "13", "phone": "13900001234",
}  # fmt: skip


@operation("GET", "/draft", "填到哪里了", tag=TAG)
@own
def show_draft() -> Draft:
    """What I have typed so far, and what is still wrong with it."""
    return shown(drafts.load(work(), me().account_id))


@operation("PATCH", "/draft", "保存填的内容", tag=TAG, also=(409,), example=EXAMPLE)
@own
def save_draft(body: Facts) -> Draft:
    """Keep what is given; a mistake is kept too and told, as on a page."""
    given = _given(body)
    if "organisation" in given:
        _check_place(given["organisation"])
    with changing() as change:
        contents = _keep(change, given)
    return shown(contents)


@operation("POST", "/draft/from-last-application", "用上次的内容再申请", tag=TAG, also=(404,))
@own
def begin_again() -> Draft:
    """Begin anew with everything of the last application filled in."""
    with replies.one_effect() as change:
        last = mine.latest(change, me().account_id)
        if last is None or last.state in OPEN_STATES or me().person_id is not None:
            raise NotFound
        change.answer = shown(drafts.begin_from(change, me().account_id, last))
    answer: Draft = change.answer
    return answer


class Asked(Struct, frozen=True):
    """已发短信给监护人；同意之前这个账号不能登录。"""

    waits_for_guardian: bool


@operation(
    "POST", "/draft/guardian", "请监护人同意", tag=TAG, also=(404,), example={"name": "林建国", "phone": "13900001235"}
)
@own
def ask_guardian(body: Guardian) -> Asked:
    """For a child who said otherwise at registration: the document in the draft tells. Every sign-in ends."""
    birth = _child(drafts.load(work(), me().account_id))
    if birth is None or me().is_staff:
        raise NotFound
    with replies.one_effect() as change:
        account = accounts.account_of(change, me().public_id)
        guardian = guardians.read_guardian(body.name, body.phone, accounts.phone_of(change, account))
        guardians.ask_for_child(change, account, birth, *guardian)
        change.answer = Asked(waits_for_guardian=True)
    answer: Asked = change.answer
    return answer


def shown(contents: Contents) -> Draft:
    """The draft as the API tells it, judged whole."""
    facts, faults = drafts.judged(work(), contents)
    if facts is not None and _child(contents) is not None:
        faults = {"id_number": "未满 14 周岁，要先得到监护人同意才能申请"}
    steps = [Step(name, name in contents.done) for name in contents.steps()]
    ready = not faults and all(step.done for step in steps)
    told = [FieldProblem(name, sentence) for name, sentence in faults.items()]
    return Draft(_typed(contents.typed), steps, ready, told, contents.updated_at)


def _typed(kept: dict[str, Any]) -> Facts:
    """What was typed, whichever door it came by: a page keeps the parts of a date apart."""
    values: dict[str, Any] = {}
    for name in Facts.__struct_fields__:
        value = kept.get(name)
        if value in (None, "", []):
            continue
        if name in ("forgotten", "confirmed"):
            said = value.split(",") if isinstance(value, str) else value
            values[name] = [item for item in said if item in (FORGETTABLE if name == "forgotten" else FORGETTABLE[:1])]
        else:
            values[name] = "-".join(map(str, value)).strip("-") if isinstance(value, list | tuple) else str(value)
    return Facts(**values)


def _given(body: Facts) -> dict[str, Any]:
    return {name: value for name in Facts.__struct_fields__ if (value := getattr(body, name)) is not UNSET}


def _keep(change: Change, given: dict[str, Any]) -> Contents:
    """Save every step that something was given for. Raises Refused when there is an application or a file already."""
    check_open(change)
    contents = drafts.load(change, me().account_id)
    account = accounts.account_of(change, me().public_id)
    whole = {"phone": accounts.phone_of(change, account), **contents.typed, **given}  # known, so not asked for
    for step, names in STEPS.items():
        if not set(names) & set(given):
            continue
        typed = {name: whole[name] for name in names if name in whole}
        done = _holds(change, step, whole)
        contents = drafts.keep(change, me().account_id, step, typed, version=contents.version(step), done=done)
    return contents


def check_open(here: Work) -> None:
    """Raises Refused for who has an application under way, or a file: nothing is to be filled in any more."""
    last = mine.latest(here, me().account_id)
    if me().person_id is not None or (last is not None and last.state in OPEN_STATES):
        raise Refused(HAVE_ONE)


def _holds(change: Change, step: str, whole: dict[str, Any]) -> bool:
    """Whether ``step`` has no error any more."""
    if step == "place":
        chosen = whole.get("organisation", "")
        place = places.find(change.session, chosen) if chosen else None
        return place is not None and (place.kind is Kind.BRANCH or bool(whole.get("statement", "").strip()))
    try:
        Intake.check(whole, change.today, STEPS[step])
    except Invalid:
        return False
    return True


def _check_place(public_id: str) -> None:
    """Raises Invalid for an organisation that takes no applications; "" takes the choice back."""
    if not public_id:
        return
    try:
        found = places.find(work().session, public_id)
    except NotFound:
        raise Invalid({"organisation": NOT_HERE}) from None
    if found.status is not OrganisationStatus.OPEN or found.kind not in operations.PLACES:
        raise Invalid({"organisation": NOT_HERE})


def _child(contents: Contents) -> date | None:
    """The birth date of a child whose guardian has not agreed, by the draft's document; None for everybody else."""
    birth = Intake.birth_date(contents.typed, work().today)
    return birth if birth and operations.needs_guardian(work(), me().account_id, birth) else None
