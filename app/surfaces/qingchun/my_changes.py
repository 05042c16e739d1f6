"""Changing my own file: free fields at once, all others by asking."""

from flask import url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.access.gates import own
from app.league.people import corrections, history, queries
from app.surfaces.file_changes import correction_page, edit_page
from app.surfaces.qingchun.file import bp
from app.surfaces.web.forms import OnceForm
from app.surfaces.web.house import changing, work
from app.surfaces.web.pages import page, see


@bp.route("/edit", methods=["GET", "POST"])
@own
def edit() -> AnyResponse:
    """What I may change freely. A newer value of somebody else is shown beside mine (409)."""
    return edit_page(queries.own, "qingchun/file/edit.html", url_for(".index"))


@bp.get("/correct")
@own
def correct() -> AnyResponse:
    """What I can ask to be corrected, and what it says now."""
    unit = work()
    person = queries.own(unit)
    present = history.present(unit, person)
    rows = [(f.label, f.show(present[f.name]), f.name, f.edit.value) for f in corrections.fields_for(person)]
    return page("qingchun/file/correct.html", rows=rows)


@bp.route("/correct/<name>", methods=["GET", "POST"])
@own
def correct_field(name: str) -> AnyResponse:
    """Ask that one field be put right."""
    said = "更正申请已提交，处理结果会告诉您"
    return correction_page(queries.own, name, "qingchun/file/correct_field.html", url_for(".index"), said)


@bp.post("/corrections/<public_id>/withdraw")
@own
def withdraw(public_id: str) -> AnyResponse:
    """Take my request back."""
    form = OnceForm()
    corrections.own(work(), queries.own(work()), public_id)
    if form.validate():
        with changing(form.once.data) as change:
            corrections.withdraw(change, corrections.own(change, queries.own(change), public_id))
            change.outcome = url_for(".index")
        return see(change.outcome, "更正申请已撤回")
    return see(url_for(".index"))
