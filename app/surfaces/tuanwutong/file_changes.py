"""Changing a file for its owner: free fields at once, all others by a correction that somebody else decides."""

from flask import url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.kernel.errors import Conflict, Invalid, NotFound
from app.league.people import corrections, editing, history
from app.surfaces.file_forms import correction_form, edit_form
from app.surfaces.tuanwutong.files import file
from app.surfaces.tuanwutong.people import bp
from app.surfaces.web.house import changing, work
from app.surfaces.web.pages import page, see


@bp.route("/<public_id>/edit", methods=["GET", "POST"])
@needs(Power.PEOPLE_EDIT)
def edit(public_id: str) -> AnyResponse:
    """Free fields. Somebody else's newer values are shown beside what was typed (409)."""
    unit = work()
    person = file(unit, public_id, Power.PEOPLE_EDIT)
    form = edit_form(person, history.present(unit, person))
    names, status, current = [field.name for field in editing.free_fields(person)], 200, None
    if form.is_submitted():
        try:
            form.require_whole()
            with changing(form.once.data) as change:
                found = file(change, public_id, Power.PEOPLE_EDIT)
                editing.edit(change, found, form.typed(names), version=form.version.data or 0)
                change.outcome = url_for(".show", public_id=public_id)
            return see(change.outcome, "已保存")
        except Invalid as problem:
            form.blame(problem)
            status = 422
        except Conflict as problem:
            form.form_errors.append(problem.text)
            status = 409
        person = file(work(), public_id, Power.PEOPLE_EDIT)
        if status == 409:
            form.draw_for(person.version)
            current = history.present(work(), person)
    fields = editing.free_fields(person)
    return page("tuanwutong/people/edit.html", form=form, person=person, fields=fields, current=current, status=status)


@bp.get("/<public_id>/correct")
@needs(Power.PEOPLE_EDIT)
def correct(public_id: str) -> AnyResponse:
    """What can be corrected, and what it says now."""
    unit = work()
    person = file(unit, public_id, Power.PEOPLE_EDIT)
    present = history.present(unit, person)
    rows = [(f.label, f.show(present[f.name]), f.name) for f in corrections.fields_for(person)]
    return page("tuanwutong/people/correct.html", person=person, rows=rows)


@bp.route("/<public_id>/correct/<name>", methods=["GET", "POST"])
@needs(Power.PEOPLE_EDIT)
def correct_field(public_id: str, name: str) -> AnyResponse:
    """Ask that one field be put right; somebody else decides."""
    unit = work()
    person = file(unit, public_id, Power.PEOPLE_EDIT)
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
                found = file(change, public_id, Power.PEOPLE_EDIT)
                corrections.ask(change, found, name, form.new.data or "", form.reason.data or "")
                change.outcome = url_for(".show", public_id=public_id)
            return see(change.outcome, "更正申请已提交，由有权限的其他人处理")
        except Invalid as problem:
            form.blame(problem)
            status = 422
        except Conflict as problem:
            form.form_errors.append(problem.text)
            status = 409
        person = file(work(), public_id, Power.PEOPLE_EDIT)
    return page(
        "tuanwutong/people/correct_field.html", form=form, person=person, field=field, now_says=now, status=status
    )
