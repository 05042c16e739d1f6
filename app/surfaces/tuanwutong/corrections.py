"""更正申请: what somebody asks to be put right, and the decision."""

from functools import partial

from flask import Blueprint, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.kernel.access.scope import Scope
from app.league.organisations.queries import place_names
from app.league.people import corrections
from app.league.people.corrections import STATE_NAMES
from app.league.people.fields import label
from app.league.people.models import CorrectionState
from app.surfaces.file_forms import WordsForm
from app.surfaces.tuanwutong import matters
from app.surfaces.tuanwutong.matters import SIZE, Choice
from app.surfaces.web.house import me, work
from app.surfaces.web.pages import page
from app.surfaces.web.paging import asked_after, one_page

bp = Blueprint("corrections", __name__, url_prefix="/twt/corrections")
VERDICTS = {
    "approve": Choice(partial(corrections.decide, approve=True), "已更正"),
    "refuse": Choice(partial(corrections.decide, approve=False), "已告知申请人没有同意"),
}


@bp.get("")
@needs(Power.PEOPLE_CORRECT)
def index() -> AnyResponse:
    """Requests inside the scope in one state, oldest first."""
    state = matters.chosen(CorrectionState.SUBMITTED)
    found = corrections.listed(_scope(), work().session, state=state, after=asked_after(), size=SIZE + 1)
    rows, more = one_page(
        found, SIZE, lambda last: url_for(".index", state=state.value, after=last.correction.public_id)
    )
    return page(
        "tuanwutong/corrections/index.html",
        rows=rows,
        next_url=more,
        tabs=matters.tabs(STATE_NAMES, ".index", state),
        state=state,
    )


@bp.get("/<public_id>")
@needs(Power.PEOPLE_CORRECT)
def show(public_id: str) -> AnyResponse:
    """One request: what it says now, what it should say, why."""
    return _show(public_id)


@bp.post("/<public_id>/decide")
@needs(Power.PEOPLE_CORRECT)
def decide(public_id: str) -> AnyResponse:
    """Put it right, or say why not."""
    return matters.decide(
        lambda unit: corrections.by_public_id(_scope(), unit.session, public_id),
        VERDICTS,
        "请选择同意或不同意",
        url_for(".index"),
        lambda form, status: _show(public_id, form, status=status),
    )


def _scope() -> Scope:
    return me().scope(Power.PEOPLE_CORRECT)


def _show(public_id: str, form: WordsForm | None = None, *, status: int = 200) -> AnyResponse:
    unit = work()
    row = corrections.by_public_id(_scope(), unit.session, public_id)
    person = corrections.file_of(unit.session, row)
    form = form or WordsForm(formdata=None)
    form.draw_for(row.version)
    return page(
        "tuanwutong/corrections/show.html",
        form=form,
        row=row,
        person=person,
        place=place_names(unit.session, [person.organisation_id])[person.organisation_id],
        label=label(row.field),
        old=corrections.shown(unit, row, "old"),
        new=corrections.shown(unit, row, "new"),
        by_owner=corrections.asked_by_owner(unit.session, row),
        own=corrections.is_own(me(), row),
        state_name=STATE_NAMES[row.state],
        status=status,
    )
