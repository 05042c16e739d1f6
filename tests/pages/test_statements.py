"""How many SQL statements the most opened pages cost: a constant handful, however many rows there are."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from app.kernel.vault import Vault
from app.kernel.work import Work
from app.league.notices.models import Audience, Notice
from app.league.organisations.models import Kind
from app.league.people.models import Person
from tests import factories as make
from tests.exports.asking import waiting_export
from tests.helpers import sign_in
from tests.imports.workbooks import kept_batch
from tests.people.files import file_at
from tests.world import World

MORE = 9
# Address → who asks, and the most statements it may take, finding out who asks included. "file" and "school" stand for
# public ids. The review desk shows a list and a whole card.
HOT = {
    "/": ("anonymous", 4),
    "/notices": ("anonymous", 1),
    "/columns/announcements": ("anonymous", 1),
    "/notices/notice": ("anonymous", 6),
    "/archive": ("anonymous", 1),
    "/feed.xml": ("anonymous", 1),
    "/orgs": ("anonymous", 4),
    "/twt": ("school_s", 11),
    "/twt/overview": ("school_s", 11),
    "/twt/queue": ("school_s", 12),
    "/twt/people": ("school_s", 5),
    "/twt/people/file": ("school_s", 9),
    "/twt/roster/school": ("school_s", 10),
    "/twt/jobs": ("school_s", 5),
    "/twt/imports": ("school_s", 5),
    "/twt/exports": ("school_s", 5),
    "/twt/exports?tab=waiting": ("city_a", 5),
    "/jia": ("youth", 6),
}


@pytest.fixture
def add_rows(world: World, session: Session, vault: Vault, work: Work) -> Callable[[], Person]:
    """Return a maker of one more of everything the hot pages list."""

    def add() -> Person:
        city = make.organisation(session, Kind.CITY, world.province, in_use=True)
        branch = make.organisation(session, Kind.BRANCH, world.school_s, in_use=True)
        make.join_request(session, vault, branch)
        make.notice(session, world.province, world.people["publisher"], audience=Audience.PORTAL)
        file_at(work, city)
        kept_batch(session, world.people["school_s"], branch)
        waiting_export(session, world.people["school_s"], world.school_s)
        return file_at(work, branch)

    return add


@pytest.fixture
def statements_of(engine: Engine) -> Callable[[FlaskClient, str], int]:
    """Return a counter of the statements that one reading of a page takes."""

    def count(browser: FlaskClient, address: str) -> int:
        said: list[str] = []
        note = lambda *call: call[2] == "BEGIN" or said.append(call[2])  # noqa: E731  the same object is taken off again
        event.listen(engine, "before_cursor_execute", note)
        try:
            with browser.get(address) as answer:
                assert answer.status_code == 200
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len(said)

    return count


@pytest.mark.parametrize(("address", "persona", "most"), [(address, *asked) for address, asked in HOT.items()])
def test_a_hot_page_costs_a_constant_handful(
    address: str,
    persona: str,
    most: int,
    world: World,
    session: Session,
    make_client: Callable[[], FlaskClient],
    add_rows: Callable[[], Person],
    statements_of: Callable[[FlaskClient, str], int],
) -> None:
    file = add_rows()
    session.commit()
    browser = make_client()
    if persona != "anonymous":
        sign_in(browser, world.people[persona])
    address = address.replace("/file", f"/{file.public_id}").replace("/school", f"/{world.school_s.public_id}")
    if address == "/notices/notice":
        address = f"/notices/{session.scalars(select(Notice.public_id)).first()}"
    browser.get(address)  # the first look at a file is put on record
    few = statements_of(browser, address)
    for _ in range(MORE):
        add_rows()
    session.commit()
    assert statements_of(browser, address) == few, "one statement more for each row"
    assert few <= most
