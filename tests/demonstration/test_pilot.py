"""The demonstration reproduces the pilot: the four figures, on the pages and by the command, and nothing real."""

import json
import re

import pytest
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.demonstration import pilot, staff
from app.kernel.vault import Vault
from app.kernel.work import Work
from app.league.accounts.models import Account
from app.league.invented import AREA
from app.league.joining.models import JoinRequest, Lane, RequestState
from app.league.people.facts import check_digit
from app.league.people.models import Person
from app.league.people.protect import open_id_number
from tests.helpers import sign_in


def account(session: Session, vault: Vault, phone: str) -> Account:
    return session.scalars(select(Account).where(Account.phone_index == vault.index("phone", phone))).one()


@pytest.mark.slow
def test_each_login_sees_the_pilots_figures_of_its_own_subtree(
    demonstration: Work, session: Session, vault: Vault, make_client, cli: FlaskCliRunner
) -> None:
    expected = {
        staff.PROVINCE: (6337, 192, "140000"),
        staff.CITY: (4124, 9, pilot.SHUOZHOU),
        staff.NORMAL: (3488, 5, pilot.NORMAL_SCHOOL),
        staff.VOCATIONAL: (636, 3, pilot.VOCATIONAL_SCHOOL),
        staff.CAMPUS: (2213, 181, pilot.CAMPUS),
    }
    for phone, (people, organisations, code) in expected.items():
        browser: FlaskClient = sign_in(make_client(), account(session, vault, phone))
        desk = browser.get("/twt").text
        assert f'data-figure="people">{people}<' in desk
        assert f'data-figure="organisations">{organisations}<' in desk
        told = json.loads(cli.invoke(args=["figures", "--organisation", code, "--json"]).output)
        assert (told["people"], told["organisations"]) == (people, organisations)
    front = make_client().get("/").text
    assert 'data-figure="people">6337<' in front


@pytest.mark.slow
def test_the_queue_waits_with_real_flaws_and_every_number_is_invented(
    demonstration: Work, session: Session, vault: Vault, cli: FlaskCliRunner
) -> None:
    waiting = session.scalars(select(JoinRequest).where(JoinRequest.state == RequestState.SUBMITTED)).all()
    assert {request.lane for request in waiting} == set(Lane) - {Lane.PASSED}, "nobody has passed one on yet"
    found = {flag["code"] for request in waiting for flag in request.flags}
    assert {"F03", "F04", "F05", "F06", "F10"} <= found
    numbers = [open_id_number(vault, person) for person in session.scalars(select(Person))]
    assert len(set(numbers)) == len(numbers) == 6337
    assert all(n.startswith(AREA) and n[17] == check_digit(n[:17]) for n in numbers)
    checked = cli.invoke(args=["verify"])
    assert checked.exit_code == 0, checked.output
    assert not re.search(r"\d{17}[\dX]", checked.output)
