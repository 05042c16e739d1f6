"""What the tree and its numbers ought to be, counted the slow way."""

from collections import Counter, defaultdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.db.types import path_chain, path_step
from app.kernel.verification import ask_all
from app.kernel.work import Work
from app.league.joining.models import JoinRequest, RequestState
from app.league.joining.states import COUNT_AS_FILLED
from app.league.organisations import counters
from app.league.organisations.models import Organisation, OrganisationStatus
from app.league.people.models import Membership, Person
from app.parts import know_all
from tests import factories as make


def person(session: Session, vault, organisation: Organisation) -> Person:
    """A member's file with its membership, counted."""
    number = make.id_number()
    row = Person(
        name="青年甲",
        name_key="青年甲",
        sex="1",
        birth_date=make.TODAY.replace(year=2006),
        ethnicity="01",
        political_status="03",
        standing="member",
        door="pc",
        id_number_sealed=vault.seal("id_number", number),
        id_number_index=vault.index("id_number", f"{number}{make.serial()}"),
        organisation_id=organisation.id,
        org_path=organisation.path,
        created_at=make.NOW,
    )
    session.add(row)
    session.flush()
    session.add(Membership(person_id=row.id, organisation_id=organisation.id, from_on=make.TODAY))
    session.flush()
    counters.move(session, organisation.path, {"people": 1, "member": 1})
    return row


def verified(work: Work) -> list[str]:
    """What ``flask verify`` would say of the tree, the files, the applications and the posts; commits first."""
    know_all()
    work.session.commit()
    mine = ("figures", "organisations", "people", "joining", "appointments")
    return [
        f"{answer.sentence}: {answer.examples}"
        for answer in ask_all(work)
        if answer.findings and answer.name.startswith(mine)
    ]


def faults(session: Session) -> list[str]:
    """Everything that is not as it should be: paths, copies of paths, counters, 已启用."""
    session.flush()
    session.expire_all()
    rows = {row.id: row for row in session.scalars(select(Organisation))}
    found = []
    for row in rows.values():
        above = rows[row.parent_id] if row.parent_id else None
        if row.path != (above.path if above else "") + path_step(row.id):
            found.append(f"path of {row.name}")
        if row.depth != len(path_chain(row.path)) - 1:
            found.append(f"depth of {row.name}")
        if above and row.status == OrganisationStatus.OPEN and above.status != OrganisationStatus.OPEN:
            found.append(f"{row.name} is open under a closed one")
    things = [*session.scalars(select(Person)), *session.scalars(select(JoinRequest))]
    found += [f"copy in {t.__tablename__}" for t in things if t.org_path != rows[t.organisation_id].path]
    return found + _wrong_numbers(session, rows)


def _wrong_numbers(session: Session, rows: dict[int, Organisation]) -> list[str]:
    true: dict[str, Counter[str]] = defaultdict(Counter)
    for person_row in session.scalars(select(Person)):
        for path in path_chain(person_row.org_path):
            true[path].update({"people": 1, "member": 1})
    for request in session.scalars(select(JoinRequest)):
        for path in path_chain(request.org_path):
            true[path].update({
                "pending": int(request.state is RequestState.SUBMITTED), "filled": int(request.state in COUNT_AS_FILLED)
            })  # fmt: skip
    found = []
    for row in rows.values():
        kept = {m: n for m, n in counters.figures_of(session, [row.path])[row.path].items() if n}
        wanted = {m: n for m, n in true[row.path].items() if n}
        if kept != wanted:
            found.append(f"numbers of {row.name}: {kept} instead of {wanted}")
        if true[row.path]["people"] and row.status == OrganisationStatus.OPEN and not row.in_use:
            found.append(f"{row.name} has files and is not in use")
    return found
