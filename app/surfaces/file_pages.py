"""What pages of a file say, the same for its owner and for staff."""

from collections.abc import Mapping
from typing import Any

from flask import request

from app.kernel.clock import local, local_date
from app.kernel.errors import Invalid
from app.kernel.work import Work
from app.league.joining.queries import approval_of
from app.league.organisations.queries import place_names
from app.league.people import history
from app.league.people.codes import DOORS, FILE_STATES
from app.league.people.facts import clean_date
from app.league.people.fields import FIELDS
from app.league.people.models import Person, Standing


def said(unit: Work, person: Person, values: Mapping[str, Any] | None = None) -> list[tuple[str, str, str]]:
    """(label, words, name) for every fact, protected ones masked; ``values``: those of another day, with the place."""
    found = values or history.present(unit, person)
    member = found["standing"] is Standing.MEMBER
    rows = [
        (field.label, field.show(found[name]), name)
        for name, field in FIELDS.items()
        if member or not field.members_only
    ]
    if values is not None:
        places = place_names(unit.session, [found["organisation_id"]])
        rows.append(("所在团组织", places.get(found["organisation_id"], ""), "organisation_id"))
        rows.append(("档案状态", FILE_STATES[found["state"]], "state"))
    return rows


def origin(unit: Work, person: Person) -> list[tuple[str, str]]:
    """Where the file came from and who let it in."""
    rows = [("来源", DOORS[person.door]), ("建档时间", f"{local(person.created_at):%Y-%m-%d %H:%M}")]
    if approval := approval_of(unit.session, person.id):
        name, at = approval
        rows.append(("审核通过", f"{name}，{local(at):%Y-%m-%d %H:%M}"))
    elif not person.verified:
        rows.append(("审核通过", "导入后还没有审核"))
    return rows


def past_of(unit: Work, person: Person) -> tuple[str, list[tuple[str, str, str]] | None, str]:
    """(the day asked for, the file at its end in words or None, what is wrong with the day)."""
    asked = request.args.get("on", "").strip()
    if not asked:
        return "", None, ""
    try:
        day = clean_date(asked, local_date(unit.now), what="日期")
    except Invalid as problem:
        return asked, None, problem.errors[""]
    values = history.as_of(unit, person, day)
    if values is None:
        return asked, None, "那一天还没有这份档案"
    return asked, said(unit, person, values), ""
