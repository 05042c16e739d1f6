"""Y13 and Y14: follow the application, take it back, correct what was returned, remind."""

from typing import Any

from flask import Blueprint, Response, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.access.gates import own
from app.kernel.errors import Conflict, Invalid, NotFound
from app.kernel.work import Work
from app.league.joining import operations
from app.league.joining import own as mine
from app.league.joining.intake import FORGETTABLE
from app.league.joining.models import JoinRequest
from app.league.joining.states import NAMES, Event, Who, allowed
from app.league.people.codes import native_places
from app.league.people.fields import FIELDS, label
from app.surfaces.qingchun.application_forms import (
    FORGOTTEN,
    FORMS,
    ConfirmForm,
    PartedField,
    StepForm,
    SubmitForm,
)
from app.surfaces.web.forms import OnceForm
from app.surfaces.web.house import changing, me, work
from app.surfaces.web.pages import page, see

bp = Blueprint("application_progress", __name__, url_prefix="/jia/application")


@bp.get("")
@own
def show() -> AnyResponse:
    """Where it stands: the steps by what happens, never by who does it."""
    here = work()
    request = mine.latest(here, me().account_id)
    if request is None:
        return see(url_for("application.index"))
    place = mine.place_of(here, request)
    return page(
        "qingchun/application/progress.html",
        "qingchun/application/_progress.html",
        application=request, place=place, chain=mine.chain_of(here, place), moments=mine.timeline(here, request),
        name=NAMES[request.state], buttons=allowed(request.state, Who.APPLICANT), days=mine.usual_days(here, place),
        waiting=mine.days_waiting(here, request), may_remind=mine.may_remind(here, request),
        reminded=mine.reminded_today(here, request), remind_after=mine.remind_after(here),
        form=ConfirmForm(), labels=_labels(request),
    )  # fmt: skip


@bp.get("/withdraw")
@own
def ask_withdraw() -> Response:
    """Really take it back? What will happen."""
    request = _open(work(), Event.WITHDRAW)
    form = ConfirmForm(data={"version": request.version}, formdata=None)
    return page("qingchun/application/withdraw.html", form=form, application=request)


@bp.post("/withdraw")
@own
def withdraw() -> AnyResponse:
    """Take it back."""
    form = ConfirmForm()
    request = _open(work(), Event.WITHDRAW)
    if not form.validate_on_submit():
        return page("qingchun/application/withdraw.html", form=form, application=request, status=422)
    with changing(form.once.data) as change:
        request = _open(change, Event.WITHDRAW)
        _same_version(request, form.version.data)
        operations.withdraw(change, request)
        change.outcome = url_for(".show")
    return see(change.outcome, "已撤回，您填过的内容还在")


@bp.get("/fix")
@own
def ask_fix() -> Response:
    """Only what was returned, the old value beside it, with the reviewer's words."""
    here = work()
    request = _open(here, Event.RESUBMIT)
    return _fix_page(here, request, _fix_form(here, request))


@bp.post("/fix")
@own
def fix() -> AnyResponse:
    """Hand it in again."""
    here = work()
    request = _open(here, Event.RESUBMIT)
    form = _fix_form(here, request, fresh=False)
    if not form.validate_on_submit():
        return _fix_page(here, request, form, status=422)
    names = [*operations.correctable(request), "forgotten", "confirmed"]
    changes = {name: form[name].data for name in names if name in form}
    try:
        with changing(form.once.data) as change:
            request = _open(change, Event.RESUBMIT)
            _same_version(request, form["version"].data)
            operations.resubmit(change, request, changes)
            change.outcome = url_for(".show")
    except Invalid as problem:
        form.blame(problem)
        here = work()
        return _fix_page(here, _open(here, Event.RESUBMIT), form, status=422)
    return see(change.outcome, "已重新提交，审核人会再看一遍")


@bp.post("/remind")
@own
def remind() -> AnyResponse:
    """Remind those who are waited for: after a week, once a day."""
    form = ConfirmForm()
    if not form.validate_on_submit():
        return see(url_for(".show"))
    with changing(form.once.data) as change:
        request = mine.latest(change, me().account_id)
        if request is None:
            raise NotFound
        mine.remind(change, request)
        change.outcome = url_for(".show")
    return see(change.outcome, "已提醒，请再等一等")


def _open(here: Work, event: Event) -> JoinRequest:
    """One's own application, in a state in which ``event`` may happen. Raises NotFound, Conflict."""
    request = mine.latest(here, me().account_id)
    if request is None:
        raise NotFound
    if event not in allowed(request.state, Who.APPLICANT):
        raise Conflict(f"这份申请现在是“{NAMES[request.state]}”，不能再这样操作")
    return request


def _same_version(request: JoinRequest, version: str | None) -> None:
    if str(request.version) != version:
        raise Conflict("这份申请刚才有变化，请回到“我的申请”再看一遍")


def _labels(request: JoinRequest) -> list[str]:
    return [label(name) for name in request.returned_fields or ()]


def _fix_form(here: Work, request: JoinRequest, *, fresh: bool = True) -> OnceForm:
    """A form of the returned fields alone, made of the very fields of the application's own steps."""
    names = operations.correctable(request)
    fields: dict[str, Any] = {}
    for kind in (*FORMS.values(), SubmitForm):
        fields |= {name: getattr(kind, name) for name in names if hasattr(kind, name)}
    if set(names) & set(FORGETTABLE):
        fields |= {name: getattr(FORMS["league"], name) for name in ("forgotten", "confirmed")}
    made: type[OnceForm] = type("FixForm", (OnceForm,), {**fields, "version": StepForm.version})
    if not fresh:
        return made()
    typed = operations.typed_again(here, request)
    values = {name: typed.get(name, "") for name in fields if name != "confirmed"}
    return made(data={**values, "version": request.version}, formdata=None)


def _fix_page(here: Work, request: JoinRequest, form: OnceForm, *, status: int = 200) -> Response:
    typed = operations.typed_again(here, request)
    was = {
        name: "不记得" if name in typed["forgotten"] else _was(name, request, typed)
        for name in operations.correctable(request)
    }
    parted = [name for name in was if name in form and isinstance(form[name], PartedField)]
    return page(
        "qingchun/application/fix.html",
        form=form, status=status, application=request, was=was, parted=parted, labels=_labels(request),
        forgotten_names=FORGOTTEN, places=native_places(),
    )  # fmt: skip


def _was(name: str, request: JoinRequest, typed: dict[str, Any]) -> str:
    if name in FIELDS and not FIELDS[name].protected:
        return FIELDS[name].show(getattr(request, name))
    return FIELDS[name].show(typed[name]) if name in FIELDS else str(typed.get(name, ""))
