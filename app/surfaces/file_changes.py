"""Changing a file, the same for its owner and for staff: free fields at once, all others by asking."""

from collections.abc import Callable

from werkzeug.wrappers import Response as AnyResponse

from app.kernel.errors import Conflict, Invalid, NotFound
from app.kernel.work import Work
from app.league.people import corrections, editing, history
from app.league.people.models import Person
from app.surfaces.file_forms import correction_form, edit_form
from app.surfaces.web.house import changing, work
from app.surfaces.web.pages import page, see

Find = Callable[[Work], Person]
"""Finds the file that is meant, in whatever unit of work; raises NotFound."""


def edit_page(find: Find, template: str, done: str) -> AnyResponse:
    """The free fields; then on to ``done``. A newer value of somebody else is shown beside what was typed (409)."""
    person = find(work())
    form = edit_form(person, history.present(work(), person))
    names, status, current = [field.name for field in editing.free_fields(person)], 200, None
    if form.is_submitted():
        try:
            form.require_whole()
            with changing(form.once.data) as change:
                editing.edit(change, find(change), form.typed(names), version=form.version.data or 0)
                change.outcome = done
            return see(change.outcome, "已保存")
        except Invalid as problem:
            form.blame(problem)
            status = 422
        except Conflict as problem:
            form.form_errors.append(problem.text)
            status = 409
        person = find(work())
        if status == 409:
            form.draw_for(person.version)
            current = history.present(work(), person)
    fields = editing.free_fields(person)
    return page(template, form=form, person=person, fields=fields, current=current, status=status)


def correction_page(find: Find, name: str, template: str, done: str, said: str) -> AnyResponse:
    """Ask that the field ``name`` be put right; then on to ``done``, where ``said`` is shown."""
    person = find(work())
    field = next((field for field in corrections.fields_for(person) if field.name == name), None)
    if field is None:
        raise NotFound
    form = correction_form(field)
    now, status = field.show(history.present(work(), person)[name]), 200
    if form.is_submitted():
        try:
            if not form.validate():
                raise Invalid({})
            with changing(form.once.data) as change:
                corrections.ask(change, find(change), name, form.new.data or "", form.reason.data or "")
                change.outcome = done
            return see(change.outcome, said)
        except Invalid as problem:
            form.blame(problem)
            status = 422
        except Conflict as problem:
            form.form_errors.append(problem.text)
            status = 409
        person = find(work())
    return page(template, form=form, person=person, field=field, now_says=now, status=status)
