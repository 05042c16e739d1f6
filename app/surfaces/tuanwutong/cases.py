"""档案归属: one document number in two places, decided by those above both."""

from flask import url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.kernel.access.scope import Scope
from app.league.people import cases
from app.league.people.cases import KIND_NAMES, STATE_NAMES
from app.league.people.models import CaseState
from app.surfaces.file_forms import WordsForm
from app.surfaces.tuanwutong import matters
from app.surfaces.tuanwutong.corrections import bp
from app.surfaces.tuanwutong.matters import SIZE, Choice
from app.surfaces.web.house import changing, me, work
from app.surfaces.web.pages import page
from app.surfaces.web.paging import asked_after, one_page

VERDICTS = {
    "move": Choice(cases.move, "档案已移动，由本人认领"),
    "keep": Choice(cases.keep, "档案留在原处，已告知申请人"),
    "distinct": Choice(cases.distinct, "已请申请人核对证件号码"),
}


@bp.get("/cases")
@needs(Power.PEOPLE_CASES)
def case_index() -> AnyResponse:
    """Cases in one state whose two places meet inside the scope, oldest first."""
    state = matters.chosen(CaseState.OPEN)
    found = cases.listed(_scope(), work().session, state=state, after=asked_after(), size=SIZE + 1)
    rows, more = one_page(
        found, SIZE, lambda last: url_for(".case_index", state=state.value, after=last.case.public_id)
    )
    return page(
        "tuanwutong/corrections/cases.html",
        rows=rows,
        next_url=more,
        tabs=matters.tabs(STATE_NAMES, ".case_index", state),
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
    return matters.decide(
        lambda unit: cases.by_public_id(_scope(), unit.session, public_id),
        VERDICTS,
        "请选择怎样处理",
        url_for(".case_index"),
        lambda form, status: _show(public_id, form, status=status),
    )


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
