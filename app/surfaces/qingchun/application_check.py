"""Y10 and Y11: check the answers, hand them in, done."""

import secrets
from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.access.gates import own
from app.kernel.errors import Conflict, Invalid, NotFound
from app.kernel.work import Work
from app.league.joining import drafts, operations, places
from app.league.joining import own as mine
from app.league.joining.drafts import STEPS, Contents
from app.league.joining.intake import Intake
from app.league.joining.models import OPEN_STATES
from app.league.organisations.models import Organisation
from app.league.people.codes import NUMBERED_TYPES
from app.league.people.fields import FIELDS, label
from app.league.people.models import Standing
from app.surfaces.qingchun.application import step_url
from app.surfaces.qingchun.application_forms import SubmitForm
from app.surfaces.web.house import changing, house, me, work
from app.surfaces.web.pages import page, see
from app.surfaces.wechat import visitor

bp = Blueprint("application_check", __name__, url_prefix="/jia/apply")
DEVICE_COOKIE = "device"
HALF_A_YEAR = 180 * 86400
SHOWN_WHOLE = ("id_number", "phone")


@bp.get("/check")
@own
def show() -> AnyResponse:
    """All answers on one page, each with a way back to it."""
    if elsewhere := _elsewhere():
        return elsewhere
    contents = drafts.load(work(), me().account_id)
    form = SubmitForm(data={"statement": contents.typed.get("statement", "")}, formdata=None)
    return _remember_device(_page(form, contents, drafts.judged(work(), contents)[1] if contents.done else {}))


@bp.post("/check")
@own
def submit() -> AnyResponse:
    """Hand the application in: once, however often the button is pressed."""
    form = SubmitForm()
    contents = drafts.load(work(), me().account_id)
    if not form.validate_on_submit():
        return _page(form, contents, {}, status=422)
    try:
        with changing(form.once.data) as change:
            contents = drafts.load(change, me().account_id)
            contents.typed["statement"] = form.statement.data or ""
            facts, errors = drafts.judged(change, contents)
            if facts is None:
                raise Invalid(errors)
            place = places.find(change.session, contents.typed["organisation"])
            account = operations.account_of(change, me().account_id)
            operations.submit(change, account, place, facts, door=visitor.door(), device=_device())
            drafts.forget(change, me().account_id)
            change.outcome = url_for(".done")
    except Invalid as problem:
        return _page(form, contents, problem.errors, status=422)
    except Conflict as conflict:
        return see(url_for("application_progress.show"), conflict.text)
    return see(change.outcome)


@bp.get("/done")
@own
def done() -> AnyResponse:
    """Y11: the reference number, who decides, how long it takes. May be looked at again."""
    here = work()
    last = mine.latest(here, me().account_id)
    if last is None:
        return see(url_for("application.index"))
    place = mine.place_of(here, last)
    return page(
        "qingchun/application/done.html",
        last=last, chain=mine.chain_of(here, place), place=place, days=mine.usual_days(here, place),
        remind_after=mine.remind_after(here),
    )  # fmt: skip


def _page(form: SubmitForm, contents: Contents, errors: dict[str, str], *, status: int = 200) -> AnyResponse:
    here = work()
    place = _place(here, contents)
    problems = [(sentence, _where(name)) for name, sentence in errors.items()]
    if "statement" in errors:
        form.blame(Invalid({"statement": errors["statement"]}))
    rows = [row for step in contents.steps() if step != "place" for row in _rows(step, here, contents)]
    return page(
        "qingchun/application/check.html",
        form=form, status=status, place=place, rows=rows, problems=problems,
        position=len(contents.steps()) + 1, place_url=step_url("place", **{"from": "check"}),
        back=step_url(contents.steps()[-1]),
    )  # fmt: skip


def _where(name: str) -> str:
    if name == "statement":
        return "#statement"
    step = next((step for step, names in STEPS.items() if name in names), "place")
    return step_url(step, **{"from": "check"}) + (f"#{name}" if step != "place" else "")


def _place(here: Work, contents: Contents) -> places.Place | None:
    try:
        found: Organisation = places.find(here.session, contents.typed.get("organisation", ""))
    except NotFound:
        return None
    return places.places(here.session, [found])[0]


def _rows(step: str, here: Work, contents: Contents) -> list[tuple[str, Any, str | None]]:
    """Label, value in words, address of its change; what the number tells is changed through the number."""
    intake = Intake(contents.typed, here.today)
    intake.run()
    member = intake.values.get("standing") is Standing.MEMBER
    if step == "league" and not member:
        return [("团籍", "没有团籍", step_url(step, **{"from": "check"}))] if contents.typed.get("member") else []
    told = {"birth_date", "sex"} if intake.values.get("id_type") in NUMBERED_TYPES else set()
    address = step_url(step, **{"from": "check"})
    return [
        (label(name), _value(name, intake), None if name in told else f"{address}#{name}")
        for name in STEPS[step]
        if name in FIELDS
    ]


def _value(name: str, intake: Intake) -> Any:
    if name in intake.forgotten:
        return "不记得"
    if name in SHOWN_WHOLE:  # one's own number, to be compared with the card in one's hand
        return str(intake.values.get(name) or intake.text(name))
    value = intake.values.get(name)
    return FIELDS[name].show(value) if value not in (None, "") and name not in intake.errors else intake.text(name)


def _elsewhere() -> AnyResponse | None:
    if me().person_id is not None:
        return see(url_for("my_file.index"))
    last = mine.latest(work(), me().account_id)
    if last is not None and last.state in OPEN_STATES:
        return see(url_for("application_progress.show"))
    return None


def _device() -> str:
    """What stands for this browser: its cookie; without one its address and kind."""
    return request.cookies.get(DEVICE_COOKIE) or f"{request.remote_addr} {request.user_agent.string}"


def _remember_device(response: AnyResponse) -> AnyResponse:
    if DEVICE_COOKIE not in request.cookies:
        response.set_cookie(
            DEVICE_COOKIE, secrets.token_urlsafe(16), max_age=HALF_A_YEAR, httponly=True, samesite="Lax",
            secure=house().settings.secure_cookies, path="/jia",
        )  # fmt: skip
    return response
