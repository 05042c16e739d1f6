"""The main job: from the portal's 青春家园 to the approved file, on a desk and in a hand, with scripts and without."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.extensions import db
from app.kernel.audit.models import AuditEntry
from app.kernel.outbox.operations import deliver_due
from app.kernel.vault import Vault
from app.kernel.work import Actor, Work
from app.league.joining.models import JoinRequest, RequestState
from app.league.organisations.counters import figures_of
from app.league.people.models import Person
from tests import factories as make
from tests.browser.people_at_work import Secretary, Youth
from tests.world import World


@pytest.fixture
def deliver(app: Flask, clock) -> Callable[[], None]:
    """What the worker does: send what is due, with the moment of undoing behind us."""

    def run() -> None:
        with app.app_context():
            here = app.extensions["house"]
            clock.advance(seconds=31)
            work = Work(db.session(), here.clock.now(), Actor("worker"), here.vault, here.settings)
            deliver_due(work)
            db.session.remove()

    return run


@pytest.fixture
def secretary_phone(world: World, session: Session, vault: Vault) -> str:
    """The branch secretary's phone."""
    return vault.open("phone", world.people["secretary_b1"].phone_sealed)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("width", "javascript"), [(390, True), (1280, False)], ids=["on a phone", "on a PC without scripts"]
)
def test_a_youth_registers_applies_corrects_and_is_approved(
    open_page: Callable[..., Page],
    width: int,
    javascript: bool,
    world: World,
    session: Session,
    secretary_phone: str,
    deliver: Callable[[], None],
) -> None:
    youth = Youth(open_page(width, javascript=javascript), deliver)
    secretary = Secretary(open_page(width, javascript=javascript))
    before = figures_of(session, [world.province.path])[world.province.path].get("people", 0)

    youth.registers()
    reference = youth.applies("会计20184班", make.id_number(youth.born, male=False, n=77))
    secretary.signs_in(secretary_phone, make.PASSWORD)
    secretary.opens(youth.name)
    secretary.returns("入团地点请写全称", "joined_league_at")
    deliver()
    youth.page.goto("/jia")
    expect(youth.page.locator("body")).to_contain_text("退回")
    youth.corrects_the_place("山西省应县第一中学")
    secretary.opens(youth.name)
    secretary.approves()
    expect(secretary.page.locator("body")).to_contain_text("已通过")
    deliver()
    youth.page.goto("/jia/me")
    expect(youth.page.locator("main")).to_contain_text("山西省应县第一中学")

    session.rollback()
    request = session.scalars(select(JoinRequest).where(JoinRequest.reference == reference)).one()
    assert request.state is RequestState.APPROVED
    person = session.get_one(Person, request.person_id)
    assert person.name == youth.name
    approvals = select(AuditEntry).where(
        AuditEntry.object_id == request.public_id, AuditEntry.action == "joining:request:approve"
    )
    assert len(session.scalars(approvals).all()) == 1
    after = figures_of(session, [world.province.path])[world.province.path]["people"]
    assert after == before + 1
