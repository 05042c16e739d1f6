"""Corrections and cases: decided by committees above, never by a branch or from beside."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.vault import Vault
from app.league.joining import cases as joining_cases
from app.league.people.models import Correction, IdentityCase
from tests import factories as make
from tests.pages.matrix import Row, named
from tests.people.files import file_at, working
from tests.world import World

COMMITTEES = ("province", "city_a", "city_b", "county_a1", "school_s", "school_t", "enterprise_e", "college_c")
ABOVE_B1 = ("province", "city_a", "school_s", "college_c")
# The file stands at branch B1, the application at branch B3: they meet at school S.
MEETING = ("province", "city_a", "school_s")
ROWS = [
    Row("GET", "/twt/corrections", named(200, *COMMITTEES)),
    Row("GET", "/twt/corrections/<public_id>", named(200, *ABOVE_B1), thing="correction"),
    Row("POST", "/twt/corrections/<public_id>/decide", named(422, *ABOVE_B1), thing="correction"),
    Row("GET", "/twt/corrections/cases", named(200, *COMMITTEES)),
    Row("GET", "/twt/corrections/cases/<public_id>", named(200, *MEETING), thing="case"),
    Row("POST", "/twt/corrections/cases/<public_id>/decide", named(422, *MEETING), thing="case"),
]


def _correction(world: World, session: Session, vault: Vault) -> dict[str, str]:
    youth = world.people["youth"]
    person = file_at(working(session, vault), world.branch_b1)
    youth.person_id = person.id
    row = Correction(
        person_id=person.id,
        org_path=person.org_path,
        field="name",
        old="王小明",
        new="王晓明",
        reason="身份证上是这个字",
        asked_by_id=youth.id,
        asked_at=make.NOW,
    )
    session.add(row)
    session.flush()
    return {"public_id": row.public_id}


def _case(world: World, session: Session, vault: Vault) -> dict[str, str]:
    work, number = working(session, vault), make.id_number()
    file_at(work, world.branch_b1, number=number)
    request = make.join_request(session, vault, world.branch_b3, world.people["youth"], number=number)
    joining_cases.settle(work, request, number)
    newest = select(IdentityCase).order_by(IdentityCase.id.desc()).limit(1)
    return {"public_id": session.scalars(newest).one().public_id}


THINGS = {"correction": _correction, "case": _case}
