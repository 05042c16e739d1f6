"""The state of one's application stands on every page of 青春家园."""

import pytest
from flask.testing import FlaskClient

from app.league.joining.models import RequestState
from tests import factories as make
from tests.helpers import sign_in
from tests.world import World

PAGES = ("/jia", "/jia/me/rights", "/jia/msg", "/jia/security")


@pytest.mark.parametrize("address", PAGES)
def test_who_waits_sees_it_on_every_page(address, client: FlaskClient, world: World, session, vault) -> None:
    mine = make.join_request(session, vault, world.branch_b1, world.people["youth"])
    make.join_request(session, vault, world.branch_b1, world.people["other_youth"])
    session.commit()
    sign_in(client, world.people["youth"])
    page = client.get(address).text
    assert page.count(f"入档申请 {mine.reference}：待审核") == 1
    assert page.count('class="state-bar"') == 1


def test_who_is_done_is_left_in_peace(client: FlaskClient, world: World, session, vault) -> None:
    make.join_request(session, vault, world.branch_b1, world.people["youth"], state=RequestState.WITHDRAWN)
    session.commit()
    sign_in(client, world.people["youth"])
    assert [address for address in PAGES if "state-bar" in client.get(address).text] == []


def test_the_bar_does_not_lead_to_the_page_it_stands_on(client: FlaskClient, world: World, session, vault) -> None:
    make.join_request(session, vault, world.branch_b1, world.people["youth"])
    session.commit()
    sign_in(client, world.people["youth"])
    bar = client.get("/jia/application").text.partition('class="state-bar"')[2].partition("</header>")[0]
    assert "待审核" in bar
    assert "<a " not in bar
