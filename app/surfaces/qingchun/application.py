"""The application (入档申请), one thing per page: start, name, document, basic facts, League facts."""

from datetime import date
from typing import Any

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.access.gates import own
from app.kernel.errors import Invalid, NotFound
from app.league.accounts.operations import phone_of
from app.league.joining import drafts, numbers, operations
from app.league.joining import own as mine
from app.league.joining.drafts import STEPS, Contents
from app.league.joining.intake import Intake
from app.league.joining.models import OPEN_STATES
from app.league.people.codes import NUMBERED_TYPES, PARTY_STATUSES, native_places
from app.league.people.facts import id_birth_date, id_sex
from app.league.people.fields import FIELDS
from app.surfaces.qingchun.application_forms import FORGOTTEN, FORMS, LISTS, ConfirmForm, StepForm
from app.surfaces.web.house import changing, me, work
from app.surfaces.web.pages import page, see

bp = Blueprint("application", __name__, url_prefix="/jia/apply")
TITLES = {"place": "团支部", "name": "姓名", "document": "证件号码", "basics": "基本情况", "league": "入团情况"}


@bp.get("")
@own
def index() -> AnyResponse:
    """Y01: what is needed; go on where one stopped; or apply again."""
    if elsewhere := _already():
        return elsewhere
    here = work()
    contents, last = drafts.load(here, me().account_id), mine.latest(here, me().account_id)
    tasks = [(TITLES[step], step_url(step), step in contents.done) for step in contents.steps()]
    onward = step_url(contents.next_step())
    return page(
        "qingchun/application/start.html",
        tasks=tasks, onward=onward, begun=bool(contents.typed), last=last, form=ConfirmForm(), contents=contents,
    )  # fmt: skip


@bp.post("/again")
@own
def again() -> AnyResponse:
    """Begin anew with everything of the last application filled in."""
    form = ConfirmForm()
    if not form.validate_on_submit():
        return see(url_for(".index"))
    with changing(form.once.data) as change:
        last = mine.latest(change, me().account_id)
        if last is None or last.state in OPEN_STATES:
            raise NotFound
        drafts.begin_from(change, me().account_id, last)
        change.outcome = url_for("application_check.show")
    return see(change.outcome, "上次填的内容都在这里，请核对")


@bp.get("/<step>")
@own
def ask(step: str) -> AnyResponse:
    """Y04–Y07: one step, with what was typed before."""
    if elsewhere := _already():
        return elsewhere
    if step not in FORMS:
        raise NotFound
    contents = drafts.load(work(), me().account_id)
    values = contents.of(step) or _known(step)
    form = FORMS[step](data={**values, "version": contents.version(step)}, formdata=None)
    return _page(step, form, contents)


@bp.post("/<step>")
@own
def answer(step: str) -> AnyResponse:
    """Check a step and keep it; what was typed is kept in the draft even when there is an error in it."""
    if elsewhere := _already():
        return elsewhere
    if step not in FORMS:
        raise NotFound
    form = FORMS[step]()
    if not form.validate_on_submit():
        return _page(step, form, drafts.load(work(), me().account_id), status=422)
    problem = _problem(step, form)
    try:
        contents = _save(step, form, done=problem is None)
    except drafts.Overtaken as overtaken:
        form.version.data = overtaken.version
        return _page(step, form, drafts.load(work(), me().account_id), status=409, stored=_told(overtaken.stored))
    if problem is not None:
        form.version.data = contents.version(step)
        form.blame(problem)
        return _page(step, form, contents, status=422)
    return see(step_url(_after(step, contents)))


@bp.post("/<step>/keep")
@own
def keep(step: str) -> AnyResponse:
    """Keep what is typed so far, without judging it; the answer is a word."""
    if step not in FORMS:
        raise NotFound
    form = FORMS[step]()
    if _already() or not form.validate_on_submit():
        return page("qingchun/application/_kept.html", contents=None, status=422)
    try:
        contents = _save(step, form, done=False)
    except drafts.Overtaken:
        return page("qingchun/application/_kept.html", contents=None, status=409)
    return page("qingchun/application/_kept.html", contents=contents)


@bp.post("/document/check")
@own
def check_number() -> Response:
    """Whether a number of eighteen characters holds together, and what it tells. No database is asked."""
    typed = request.form.get("id_number", "")[:40]
    kind = numbers.kind_of_document(request.form.get("id_type", ""), typed)
    number = "".join(typed.split())
    if kind not in NUMBERED_TYPES or len(number) < 18:
        return page("qingchun/application/_number.html", told=None, problem=None)
    try:
        number = numbers.clean_document_number(kind, typed, work().today)
    except Invalid as problem:
        return page("qingchun/application/_number.html", told=None, problem=problem.text)
    return page("qingchun/application/_number.html", told=told_by(number), problem=None)


def told_by(number: str) -> list[tuple[str, str]]:
    """What an eighteen-character number says: birth date and sex, in words."""
    birth = id_birth_date(number)
    return [("出生日期", FIELDS["birth_date"].show(birth)), ("性别", FIELDS["sex"].show(id_sex(number)))]


def child_of(contents: Contents) -> date | None:
    """The birth date of a child whose guardian has not agreed, by the draft's document; None for everybody else."""
    birth = Intake.birth_date(contents.typed, work().today)
    return birth if birth and operations.needs_guardian(work(), me().account_id, birth) else None


def step_url(step: str | None, **values: Any) -> str:
    """The page of a step; of the answers when nothing is left to ask."""
    if step is None:
        return url_for("application_check.show")
    if step == "place":
        return url_for("application_place.index", **values)
    return url_for("application.ask", step=step, **values)


def _already() -> AnyResponse | None:
    """Where those go who need not fill anything in."""
    if me().person_id is not None:
        return see(url_for("my_file.index"))
    last = mine.latest(work(), me().account_id)
    if last is not None and last.state in OPEN_STATES:
        return see(url_for("application_progress.show"))
    return None


def _known(step: str) -> dict[str, Any]:
    """What the account has told already is not asked again."""
    here = work()
    account = operations.account_of(here, me().account_id)
    if step == "name":
        return {"name": account.name}
    if step == "basics":
        return {"phone": phone_of(here, account)}
    return {}


def _problem(step: str, form: StepForm) -> Invalid | None:
    here = work()
    typed = {**drafts.load(here, me().account_id).typed, **form.typed()}
    try:
        Intake.check(typed, here.today, STEPS[step])
        if step == "document" and (birth := Intake.birth_date(typed, here.today)):
            operations.check_guardian(here, me().account_id, birth)
    except Invalid as problem:
        return problem
    return None


def _save(step: str, form: StepForm, *, done: bool) -> Contents:
    """Keep the step in the draft. Raises Overtaken."""
    version = int(form.version.data) if str(form.version.data).isdecimal() else 0
    window = str(form.window.data or "")[:16]
    with changing() as change:
        return drafts.keep(change, me().account_id, step, form.typed(), version=version, window=window, done=done)


def _after(step: str, contents: Contents) -> str | None:
    """The next step; straight back to the answers for who came from there."""
    if request.args.get("from") == "check":
        return contents.next_step()
    order = contents.steps()
    following = order[order.index(step) + 1 :] if step in order else []
    return next((name for name in following if name not in contents.done), contents.next_step())


def _told(stored: dict[str, Any]) -> list[tuple[str, str]]:
    rows = []
    for name, value in stored.items():
        if name in LISTS or not value or name not in FIELDS:
            continue
        show = FIELDS[name].show if name not in ("birth_date", "joined_league_on", "dues_paid_through") else str
        rows.append((FIELDS[name].label, show(value)))
    return rows


def _page(
    step: str, form: StepForm, contents: Contents, *, status: int = 200, stored: list[tuple[str, str]] | None = None
) -> Response:
    order = contents.steps()
    if step not in order:
        order = list(STEPS)
    before = order[order.index(step) - 1]
    back = step_url(None) if request.args.get("from") == "check" else step_url(before)
    return page(
        f"qingchun/application/{step}.html",
        form=form, status=status, step=step, position=order.index(step) + 1, total=len(order) + 1,
        back=back, stored=stored, told=_told_facts(contents),
        party=contents.typed.get("political_status") in PARTY_STATUSES,
        forgotten_names=FORGOTTEN, child=step == "document" and child_of(contents) is not None,
        places=native_places() if step == "basics" else (),
    )  # fmt: skip


def _told_facts(contents: Contents) -> list[tuple[str, str]]:
    """Birth date and sex as the number on file in the draft says them."""
    kind = numbers.kind_of_document(contents.typed.get("id_type", ""), contents.typed.get("id_number", ""))
    try:
        number = numbers.clean_document_number(kind, contents.typed.get("id_number", ""), work().today)
    except Invalid:
        return []
    return told_by(number) if kind in NUMBERED_TYPES else []
