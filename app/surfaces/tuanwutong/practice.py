"""练习: the review desk with invented people, for whoever decides or is about to."""

from typing import Any

from flask import Blueprint, Response, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length

from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.kernel.errors import Invalid
from app.league.joining import practice, practice_cards, practice_cases, reasons
from app.league.joining.models import PracticeRun, Verdict
from app.surfaces.tuanwutong import desk_keys
from app.surfaces.web.forms import Form, OnceForm, WholeNumberField, filled
from app.surfaces.web.house import changing, work
from app.surfaces.web.pages import is_htmx, page, see

bp = Blueprint("practice", __name__, url_prefix="/twt/practice")
DONE = {Verdict.APPROVE: "通过", Verdict.RETURN: "退回补正", Verdict.REJECT: "拒绝"}


class AnswerForm(Form):
    """One card decided. ``number``: which card was looked at."""

    number = WholeNumberField(validators=[InputRequired("请重新打开这份练习")])
    verdict = StringField(validators=[filled("请选择通过、退回或拒绝")])
    digit = HiddenField(validators=[Length(max=1)])


@bp.get("")
@needs(Power.JOINING_DECIDE)
def index() -> Response:
    """What practice is, and how the last runs went."""
    return _index(OnceForm(formdata=None))


@bp.post("")
@needs(Power.JOINING_DECIDE)
def begin() -> AnyResponse:
    """开始练习."""
    form = OnceForm()
    if not form.validate_on_submit():
        return _index(form, 422)
    with changing(form.once.data) as change:
        run = practice.begin(change)
        change.outcome = url_for(".show", public_id=run.public_id)
    return see(change.outcome)


@bp.get("/<public_id>")
@needs(Power.JOINING_DECIDE)
def show(public_id: str) -> AnyResponse:
    """The card that comes next; the result when there is none any more."""
    run = practice.by_public_id(work(), public_id)
    return see(_result(run)) if run.finished_at else _card(run)


@bp.post("/<public_id>/answer")
@needs(Power.JOINING_DECIDE)
def answer(public_id: str) -> AnyResponse:
    """通过、退回、拒绝: nothing happens to anybody."""
    form = AnswerForm()
    run = practice.by_public_id(work(), public_id)
    try:
        if not form.validate_on_submit() or form.verdict.data not in list(Verdict):
            raise Invalid("请选择通过、退回或拒绝")
        with changing() as change:
            run = practice.by_public_id(change, public_id, locked=True)
            practice.answer(change, run, form.number.data, Verdict(form.verdict.data), form.digit.data or "")
    except Invalid as problem:
        if run.finished_at:
            return see(_result(run))
        return _card(run, 422, errors=[("", sentence) for sentence in problem.errors.values()])
    return _onward(public_id)


@bp.post("/<public_id>/back")
@needs(Power.JOINING_DECIDE)
def back(public_id: str) -> AnyResponse:
    """撤销 the last answer."""
    with changing() as change:
        practice.take_back(practice.by_public_id(change, public_id, locked=True))
    return _onward(public_id)


@bp.get("/<public_id>/result")
@needs(Power.JOINING_DECIDE)
def result(public_id: str) -> AnyResponse:
    """What was right, what was missed, and why."""
    run = practice.by_public_id(work(), public_id)
    if run.finished_at is None:
        return see(url_for(".show", public_id=public_id))
    judged = practice.judged(run)
    return page(
        "tuanwutong/practice/result.html",
        run=run,
        size=practice_cases.SIZE,
        seconds=practice.seconds(run),
        target=practice.TARGET_SECONDS,
        wrong=[one for one in judged if not one.right],
        notes=[one for one in judged if one.right and (one.off_target or one.case.note)],
        done=DONE,
        reasons=_titles(Verdict.RETURN),
        rejections=_titles(Verdict.REJECT),
        form=OnceForm(formdata=None),
    )


def _titles(verdict: Verdict) -> dict[str, str]:
    return {template.key: template.title for template in reasons.templates(verdict)}


def _index(form: OnceForm, status: int = 200) -> Response:
    runs = practice.records(work())
    return page(
        "tuanwutong/practice/index.html",
        open_run=next((run for run in runs if run.finished_at is None), None),
        runs=[(run, practice.seconds(run)) for run in runs if run.finished_at],
        size=practice_cases.SIZE,
        minutes=practice.TARGET_SECONDS // 60,
        form=form,
        status=status,
    )


def _onward(public_id: str) -> AnyResponse:
    run = practice.by_public_id(work(), public_id)
    if run.finished_at:
        return see(_result(run))
    return _card(run) if is_htmx() else see(url_for(".show", public_id=public_id))


def _result(run: PracticeRun) -> str:
    return url_for(".result", public_id=run.public_id)


def _card(run: PracticeRun, status: int = 200, **values: Any) -> Response:
    number = len(run.answers)
    return page(
        "tuanwutong/practice/show.html",
        "tuanwutong/practice/_card.html",
        run=run,
        number=number,
        size=practice_cases.SIZE,
        card=practice_cards.card(run, number),
        panels=[("return", "退回补正", Verdict.RETURN), ("reject", "拒绝", Verdict.REJECT)],
        templates=reasons.templates,
        keys=desk_keys.keys(),
        status=status,
        **values,
    )
