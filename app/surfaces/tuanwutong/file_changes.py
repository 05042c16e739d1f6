"""Changing a file for its owner: free fields at once, all others by a correction that somebody else decides."""

from flask import url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.league.people import corrections, history
from app.surfaces.file_changes import Find, correction_page, edit_page
from app.surfaces.tuanwutong.files import file
from app.surfaces.tuanwutong.people import bp
from app.surfaces.web.house import work
from app.surfaces.web.pages import page


@bp.route("/<public_id>/edit", methods=["GET", "POST"])
@needs(Power.PEOPLE_EDIT)
def edit(public_id: str) -> AnyResponse:
    """Free fields. Somebody else's newer values are shown beside what was typed (409)."""
    return edit_page(_finder(public_id), "tuanwutong/people/edit.html", url_for(".show", public_id=public_id))


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
    done, said = url_for(".show", public_id=public_id), "更正申请已提交，由有权限的其他人处理"
    return correction_page(_finder(public_id), name, "tuanwutong/people/correct_field.html", done, said)


def _finder(public_id: str) -> Find:
    return lambda unit: file(unit, public_id, Power.PEOPLE_EDIT)
