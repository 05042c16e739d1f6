"""Exports: whoever may take people out; one's own and what is one's to decide, nothing else."""

from app.kernel.work import Actor, Work
from app.league.exports import operations
from app.league.exports.models import Format
from app.league.exports.operations import Wanted
from tests import factories as make
from tests.exports.asking import viewing
from tests.pages.matrix import Row, named
from tests.people.files import file_at, working

TAKERS = (
    "province", "city_a", "city_b", "county_a1", "school_s", "school_t", "enterprise_e", "college_c", "secretary_b1",
    "secretary_t1",
)  # fmt: skip
COMMITTEES = tuple(name for name in TAKERS if not name.startswith("secretary"))


def asked(world, session, vault) -> dict[str, str]:
    """What the school's secretary asks for, which has to be decided above."""
    file_at(working(session, vault), world.branch_b1)
    who = world.people["school_s"]
    work = Work(session, make.NOW, Actor("web", who.id, who.name), vault, session.info["settings"])
    wanted = Wanted(world.school_s, None, ["name", "id_number"], True, Format.XLSX, "核对全校团员名单")
    return {"public_id": operations.ask(work, viewing(work, who), wanted).public_id}


THINGS = {"asked": asked}
ROWS = [
    Row("GET", "/twt/exports", named(200, *TAKERS)),
    Row("GET", "/twt/exports/new", named(200, *TAKERS)),
    Row("POST", "/twt/exports/new", named(422, *TAKERS)),
    Row("GET", "/twt/exports/<public_id>", named(200, "province", "city_a", "school_s"), thing="asked"),
    Row("POST", "/twt/exports/<public_id>/decide", named(422, "province", "city_a"), thing="asked"),
    Row("POST", "/twt/exports/<public_id>/withdraw", named(409, "school_s"), thing="asked"),
    Row("POST", "/twt/exports/<public_id>/file", named(409, "school_s"), thing="asked"),
]
