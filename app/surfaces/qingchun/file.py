"""我的档案: everything held about me, who looked at it, a copy of it."""

import json
from urllib.parse import quote

from flask import Blueprint, Response, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.access.gates import own
from app.kernel.work import Work
from app.league.organisations import queries as organisations
from app.league.people import copies, corrections, history, looks, queries
from app.league.people.fields import FIELDS, label
from app.league.people.models import Person
from app.surfaces.file_pages import origin, past_of, said
from app.surfaces.web.forms import OnceForm
from app.surfaces.web.house import changing, me, work
from app.surfaces.web.pages import page
from app.surfaces.web.paging import asked_after, one_page

bp = Blueprint("my_file", __name__, url_prefix="/jia/me")
SIZE = 50


@bp.get("")
@own
def index() -> AnyResponse:
    """我的档案."""
    if me().person_id is None:
        return page("qingchun/file/none.html")
    return _index(work())


@bp.post("/reveal/<name>")
@own
def reveal(name: str) -> AnyResponse:
    """One of my own numbers in full, once."""
    form = OnceForm()
    if not form.validate():
        return _index(work(), status=422)
    with changing(form.once.data) as change:
        value = looks.reveal_own(change, queries.own(change), name)
        change.outcome = url_for(".index")
    return _index(work(), whole=(name, value))


@bp.get("/history")
@own
def past() -> AnyResponse:
    """Every change of my file, and the file as of a day."""
    unit = work()
    person = queries.own(unit)
    day, facts, problem = past_of(unit, person)
    return page(
        "qingchun/file/history.html",
        lines=history.lines(unit, person),
        day=day,
        facts=facts,
        problem=problem,
        status=422 if problem else 200,
    )


@bp.get("/access")
@own
def access() -> AnyResponse:
    """谁看过我的档案: each look, change, decision; date, surname, post, organisation, reason."""
    unit = work()
    person = queries.own(unit) if me().person_id else None
    found = looks.seen(unit, person, after=asked_after(), size=SIZE + 1)
    rows, more = one_page(found, SIZE, lambda last: url_for(".access", after=last.key))
    return page("qingchun/file/access.html", rows=rows, next_url=more, has_file=person is not None)


@bp.get("/rights")
@own
def rights() -> AnyResponse:
    """What I may ask for: a copy, corrections, taking a consent back, closing the account."""
    return page("qingchun/file/rights.html", form=OnceForm(), has_file=me().person_id is not None)


@bp.post("/copy")
@own
def copy() -> AnyResponse:
    """A copy of everything held, as a file to keep."""
    form = OnceForm()
    if not form.validate():
        return page("qingchun/file/rights.html", form=form, has_file=me().person_id is not None, status=422)
    with changing() as change:
        held = copies.copy(change, queries.own(change))
    body = json.dumps(held, ensure_ascii=False, indent=1)
    response = Response(body, mimetype="application/json")
    name = quote("我的档案.json")
    response.headers["Content-Disposition"] = f"attachment; filename=\"my-file.json\"; filename*=UTF-8''{name}"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _index(unit: Work, *, whole: tuple[str, str] | None = None, status: int = 200) -> AnyResponse:
    person = queries.own(unit)
    return page(
        "qingchun/file/index.html",
        person=person,
        facts=said(unit, person),
        fields=FIELDS,
        whole=whole,
        chain=organisations.chain(unit.session, person.org_path),
        memberships=queries.memberships(unit.session, person),
        origin=origin(unit, person),
        asked=_asked(unit, person),
        looked=looks.count_of_looks(unit, person),
        form=OnceForm(formdata=None),
        status=status,
    )


def _asked(unit: Work, person: Person) -> list[dict[str, object]]:
    return [
        {
            "row": row,
            "label": label(row.field),
            "old": corrections.shown(unit, row, "old"),
            "new": corrections.shown(unit, row, "new"),
            "state": corrections.STATE_NAMES[row.state],
            "mine": row.asked_by_id == me().account_id,
        }
        for row in corrections.of_person(unit.session, person)
    ]
