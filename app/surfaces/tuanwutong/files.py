"""One file: its page, a number in full for a reason, its history. Looking at it is on record."""

from typing import Any

from flask import url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.kernel.audit.record import record
from app.kernel.errors import Invalid, NotFound
from app.kernel.work import Work
from app.league.organisations import queries as organisations
from app.league.people import corrections, history, looks, queries
from app.league.people.fields import FIELDS
from app.league.people.models import Person
from app.surfaces.file_forms import RevealForm
from app.surfaces.file_pages import origin, past_of, said
from app.surfaces.tuanwutong.people import bp
from app.surfaces.web.house import changing, me, work
from app.surfaces.web.pages import page


@bp.get("/<public_id>")
@needs(Power.PEOPLE_READ)
def show(public_id: str) -> AnyResponse:
    """The file with protected facts masked; the look is noted before anything is shown."""
    person, unit = seen(public_id), work()
    return page(
        "tuanwutong/people/show.html",
        person=person,
        facts=said(unit, person),
        chain=organisations.chain(unit.session, person.org_path),
        memberships=queries.memberships(unit.session, person),
        origin=origin(unit, person),
        asked=[row for row in corrections.of_person(unit.session, person) if row.state == "submitted"],
        fields=FIELDS,
        minor=queries.is_minor(person, unit.today),
        may_reveal=me().scope(Power.PEOPLE_REVEAL).covers(person.org_path),
        may_edit=me().scope(Power.PEOPLE_EDIT).covers(person.org_path),
        has_owner=queries.owner_id(unit.session, person) is not None,
    )


@bp.route("/<public_id>/reveal/<name>", methods=["GET", "POST"])
@needs(Power.PEOPLE_REVEAL)
def reveal(public_id: str, name: str) -> AnyResponse:
    """Ask for the reason; show the number once, after the look is on record."""
    person = file(work(), public_id, Power.PEOPLE_REVEAL)
    if name not in FIELDS or not FIELDS[name].protected:
        raise NotFound
    form = RevealForm()
    values: dict[str, Any] = {"form": form, "person": person, "field": FIELDS[name], "value": None}
    status = 200
    if form.is_submitted():
        try:
            if not form.validate():
                raise Invalid({})
            with changing(form.once.data) as change:
                found = file(change, public_id, Power.PEOPLE_REVEAL)
                values["value"] = looks.reveal(change, found, name, form.reason.data or "", form.words.data or "")
                change.outcome = url_for(".show", public_id=public_id)
        except Invalid as problem:
            form.blame(problem)
            status = 422
        values["person"] = file(work(), public_id, Power.PEOPLE_REVEAL)
    return page("tuanwutong/people/reveal.html", "tuanwutong/people/_reveal.html", status=status, **values)


@bp.get("/<public_id>/history")
@needs(Power.PEOPLE_READ)
def past(public_id: str) -> AnyResponse:
    """Every change, and the file as of a day."""
    seen(public_id)
    with changing() as change:
        person = file(change, public_id)
        path, key = person.org_path, person.id
        record(change, "people:file:history", "person", public_id, org_path=path, person_id=key)
    unit = work()
    person = file(unit, public_id)
    day, facts, problem = past_of(unit, person)
    return page(
        "tuanwutong/people/history.html",
        person=person,
        lines=history.lines(unit, person),
        day=day,
        facts=facts,
        problem=problem,
        status=422 if problem else 200,
    )


def file(unit: Work, public_id: str, power: Power = Power.PEOPLE_READ) -> Person:
    """The file inside the viewer's scope. Raises NotFound."""
    return queries.by_public_id(me().scope(power), unit.session, public_id)


def seen(public_id: str) -> Person:
    """The file, its look put on record, once an hour for each viewer and file. Raises NotFound."""
    person = file(work(), public_id)
    if looks.looked_lately(work(), person):
        return person
    with changing() as change:
        looks.look(change, file(change, public_id))
    return file(work(), public_id)
