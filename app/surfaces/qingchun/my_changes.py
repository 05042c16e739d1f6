"""Changing my own file: free fields at once, all others by asking."""

from flask import url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.access.gates import own
from app.kernel.errors import Conflict, Invalid, NotFound
from app.league.people import corrections, editing, history, queries
from app.surfaces.file_forms import correction_form, edit_form
from app.surfaces.qingchun.file import bp
from app.surfaces.web.forms import OnceForm
from app.surfaces.web.house import changing, work
from app.surfaces.web.pages import page, see


@bp.route("/edit", methods=["GET", "POST"])
@own
def edit() -> AnyResponse:
    """What I may change freely. A newer value of somebody else is shown beside mine (409)."""
    unit = work()
    person = queries.own(unit)
    form = edit_form(person, history.present(unit, person))
    names, status, current = [field.name for field in editing.free_fields(person)], 200, None
    if form.is_submitted():
        try:
            form.require_whole()
            with changing(form.once.data) as change:
                editing.edit(change, queries.own(change), form.typed(names), version=form.version.data or 0)
                change.outcome = url_for(".index")
            return see(change.outcome, "已保存")
        except Invalid as problem:
            form.blame(problem)
            status = 422
        except Conflict as problem:
            form.form_errors.append(problem.text)
            status = 409
        person = queries.own(work())
        if status == 409:
            form.draw_for(person.version)
            current = history.present(work(), person)
    fields = editing.free_fields(person)
    return page("qingchun/file/edit.html", form=form, fields=fields, current=current, status=status)


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
    unit = work()
    person = queries.own(unit)
    field = next((f for f in corrections.fields_for(person) if f.name == name), None)
    if field is None:
        raise NotFound
    form = correction_form(field)
    now, status = field.show(history.present(unit, person)[name]), 200
    if form.is_submitted():
        try:
            if not form.validate():
                raise Invalid({})
            with changing(form.once.data) as change:
                corrections.ask(change, queries.own(change), name, form.new.data or "", form.reason.data or "")
                change.outcome = url_for(".index")
            return see(change.outcome, "更正申请已提交，处理结果会告诉您")
        except Invalid as problem:
            form.blame(problem)
            status = 422
        except Conflict as problem:
            form.form_errors.append(problem.text)
            status = 409
    return page("qingchun/file/correct_field.html", form=form, field=field, now_says=now, status=status)


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
