"""解除动态口令: a superior helps somebody whose second factor is lost, after seeing the person."""

from flask import Blueprint, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms import TextAreaField

from app.kernel.access.gates import staff
from app.kernel.errors import Invalid, NotFound, Refused
from app.league.accounts import second_factor
from app.league.appointments import operations, queries
from app.surfaces.web.forms import OnceForm, filled
from app.surfaces.web.house import changing, me, work
from app.surfaces.web.pages import page, see

bp = Blueprint("lost_factor", __name__, url_prefix="/twt/appointments")


class ResetForm(OnceForm):
    """How the person was recognised."""

    reason = TextAreaField("怎样核实了本人身份", validators=[filled("请写明怎样核实了本人身份")])


@bp.get("/<public_id>/factor")
@staff
def ask(public_id: str) -> AnyResponse:
    """Whom it is about and what will happen."""
    return _page(public_id, ResetForm())


@bp.post("/<public_id>/factor")
@staff
def reset(public_id: str) -> AnyResponse:
    """Take the lost factor away; all sign-ins of the person end."""
    form = ResetForm()
    if not form.validate_on_submit():
        return _page(public_id, form, status=422)
    try:
        with changing(form.once.data) as change:
            account = queries.holder(change.session, _row(public_id).appointment)
            second_factor.reset_second_factor(change, me(), account, form.reason.data)
            change.outcome = url_for("appointments.show", public_id=public_id)
    except Invalid as problem:
        form.blame(problem)
        return _page(public_id, form, status=422)
    except Refused as problem:
        return _page(public_id, form, problem=problem.text, status=409)
    return see(change.outcome, "动态口令已解除，本人登录后要重新开启")


def _row(public_id: str) -> queries.Row:
    """The appointment, for those who could end it. Raises NotFound."""
    who = me()
    row = queries.by_public_id(queries.reading(who), work().session, public_id, own=who.account_id)
    if row.appointment.account_id == who.account_id or not operations.may_end(who, row.appointment, row.organisation):
        raise NotFound
    return row


def _page(public_id: str, form: ResetForm, *, problem: str = "", status: int = 200) -> AnyResponse:
    row = _row(public_id)
    return page("tuanwutong/appointments/factor.html", form=form, row=row, problem=problem, status=status)
