"""档案归属: one document number in two places, decided by those above both."""

from flask import request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.kernel.access.scope import Scope
from app.kernel.errors import Conflict, Invalid, Refused
from app.league.people import cases
from app.league.people.cases import KIND_NAMES, STATE_NAMES
from app.league.people.models import CaseState
from app.surfaces.file_forms import WordsForm
from app.surfaces.tuanwutong.corrections import SIZE, bp
from app.surfaces.web.house import changing, me, work
from app.surfaces.web.pages import page, see

DECIDE = {"move": cases.move, "keep": cases.keep, "distinct": cases.distinct}
DONE = {"move": "档案已移动，由本人认领", "keep": "档案留在原处，已告知申请人", "distinct": "已请申请人核对证件号码"}


@bp.get("/cases")
@needs(Power.PEOPLE_CASES)
def case_index() -> AnyResponse:
    """Cases whose two places meet inside the scope."""
    state = next((s for s in CaseState if s.value == request.args.get("state")), CaseState.OPEN)
    rows = cases.listed(_scope(), work().session, state=state, after=request.args.get("after") or None, size=SIZE + 1)
    more = None
    if len(rows) > SIZE:
        more = url_for(".case_index", state=state.value, after=rows[SIZE - 1].case.public_id)
    tabs = [(STATE_NAMES[s], url_for(".case_index", state=s.value), s is state, None) for s in CaseState]
    return page(
        "tuanwutong/corrections/cases.html",
        rows=rows[:SIZE],
        next_url=more,
        tabs=tabs,
        state=state,
        kinds=KIND_NAMES,
    )


@bp.get("/cases/<public_id>")
@needs(Power.PEOPLE_CASES)
def case(public_id: str) -> AnyResponse:
    """Both sides, fact by fact; the look is on record."""
    cases.by_public_id(_scope(), work().session, public_id)
    with changing() as change:
        cases.look(change, cases.by_public_id(_scope(), change.session, public_id))
    return _show(public_id)


@bp.post("/cases/<public_id>/decide")
@needs(Power.PEOPLE_CASES)
def decide_case(public_id: str) -> AnyResponse:
    """移动并认领, 保留原处, 不是同一人."""
    form = WordsForm()
    verdict = request.form.get("verdict", "")
    cases.by_public_id(_scope(), work().session, public_id)
    try:
        form.require_whole()
        if verdict not in DECIDE:
            raise Invalid("请选择怎样处理")
        with changing(form.once.data) as change:
            row = cases.by_public_id(_scope(), change.session, public_id)
            DECIDE[verdict](change, me(), row, reason=form.reason.data or "", version=form.version.data or 0)
            change.outcome = url_for(".case_index")
    except Invalid as problem:
        form.blame(problem)
        return _show(public_id, form, status=422)
    except (Conflict, Refused) as problem:
        form.form_errors.append(problem.text)
        return _show(public_id, form, status=409)
    return see(change.outcome, DONE[verdict])


def _scope() -> Scope:
    return me().scope(Power.PEOPLE_CASES)


def _show(public_id: str, form: WordsForm | None = None, *, status: int = 200) -> AnyResponse:
    unit = work()
    row = cases.by_public_id(_scope(), unit.session, public_id)
    form = form or WordsForm(formdata=None)
    form.draw_for(row.version)
    return page(
        "tuanwutong/corrections/case.html",
        form=form,
        case=row,
        both=cases.places(unit.session, row),
        sides=cases.side_by_side(unit, row),
        kind=KIND_NAMES[row.kind],
        state_name=STATE_NAMES[row.state],
        status=status,
    )
