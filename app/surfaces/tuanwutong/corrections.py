"""更正申请: what somebody asks to be put right, and the decision."""

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.kernel.access.scope import Scope
from app.kernel.errors import Conflict, Invalid, Refused
from app.league.organisations.queries import place_names
from app.league.people import corrections
from app.league.people.corrections import STATE_NAMES
from app.league.people.fields import label
from app.league.people.models import CorrectionState
from app.surfaces.file_forms import WordsForm
from app.surfaces.web.house import changing, me, work
from app.surfaces.web.pages import page, see

bp = Blueprint("corrections", __name__, url_prefix="/twt/corrections")
SIZE = 50
VERDICTS = {"approve": True, "refuse": False}


@bp.get("")
@needs(Power.PEOPLE_CORRECT)
def index() -> AnyResponse:
    """Requests inside the scope, those waiting first."""
    state = next((s for s in CorrectionState if s.value == request.args.get("state")), CorrectionState.SUBMITTED)
    unit = work()
    rows = corrections.listed(
        _scope(), unit.session, state=state, after=request.args.get("after") or None, size=SIZE + 1
    )
    more = None
    if len(rows) > SIZE:
        more = url_for(".index", state=state.value, after=rows[SIZE - 1].correction.public_id)
    tabs = [(STATE_NAMES[s], url_for(".index", state=s.value), s is state, None) for s in CorrectionState]
    return page("tuanwutong/corrections/index.html", rows=rows[:SIZE], next_url=more, tabs=tabs, state=state)


@bp.get("/<public_id>")
@needs(Power.PEOPLE_CORRECT)
def show(public_id: str) -> AnyResponse:
    """One request: what it says now, what it should say, why."""
    return _show(public_id)


@bp.post("/<public_id>/decide")
@needs(Power.PEOPLE_CORRECT)
def decide(public_id: str) -> AnyResponse:
    """Put it right, or say why not."""
    form = WordsForm()
    verdict = request.form.get("verdict", "")
    corrections.by_public_id(_scope(), work().session, public_id)
    try:
        form.require_whole()
        if verdict not in VERDICTS:
            raise Invalid("请选择同意或不同意")
        with changing(form.once.data) as change:
            row = corrections.by_public_id(_scope(), change.session, public_id)
            corrections.decide(
                change,
                me(),
                row,
                approve=VERDICTS[verdict],
                reason=form.reason.data or "",
                version=form.version.data or 0,
            )
            change.outcome = url_for(".index")
    except Invalid as problem:
        form.blame(problem)
        return _show(public_id, form, status=422)
    except (Conflict, Refused) as problem:
        form.form_errors.append(problem.text)
        return _show(public_id, form, status=409)
    return see(change.outcome, "已更正" if VERDICTS[verdict] else "已告知申请人没有同意")


def _scope() -> Scope:
    return me().scope(Power.PEOPLE_CORRECT)


def _show(public_id: str, form: WordsForm | None = None, *, status: int = 200) -> AnyResponse:
    unit = work()
    row = corrections.by_public_id(_scope(), unit.session, public_id)
    person = corrections.file_of(unit.session, row)
    form = form or WordsForm(formdata=None)
    form.draw_for(row.version)
    own = row.asked_by_id == me().account_id or row.person_id == me().person_id
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
        own=own,
        state_name=STATE_NAMES[row.state],
        status=status,
    )
