"""Appointing in the browser: the phone in a body, the name masked for confirmation, then the post."""

import html
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.kernel.limits import LIMITS
from app.league.appointments import queries
from app.league.appointments.models import Appointment
from app.league.people.protect import PHONE
from tests.factories import TODAY
from tests.helpers import sign_in

# What the forms say is the same on both databases; the operations behind them run on both.
pytestmark = pytest.mark.embedded


@pytest.fixture(autouse=True)
def without_csrf(app):
    """CSRF has tests of its own."""
    app.config["WTF_CSRF_ENABLED"] = False
    yield
    app.config["WTF_CSRF_ENABLED"] = True


def phone_of(vault, account) -> str:
    return vault.open(PHONE, account.phone_sealed)


def post_of(session, account) -> Appointment:
    return session.scalars(select(Appointment).where(Appointment.account_id == account.id)).one()


def filled_in(vault, account, role, **values):
    return {
        "role": role, "phone": phone_of(vault, account), "starts_on": str(TODAY),
        "ends_on": str(TODAY + timedelta(days=300)), "once": "k", "step": "check", **values,
    }  # fmt: skip


def test_a_post_is_given_in_two_steps(client, session, vault, world):
    youth = world.people["youth"]
    sign_in(client, world.people["school_s"])
    url = f"/twt/appointments/new?organisation={world.branch_b2.public_id}"
    form = filled_in(vault, youth, "branch_secretary")
    seen = client.post(url, data=form)
    assert seen.status_code == 200
    assert "青**" in seen.text
    assert queries.live_posts(session, youth.id, TODAY) == ()
    answer = client.post(url, data={**form, "step": "commit"})
    assert answer.status_code == 303
    assert [p.path for p in queries.live_posts(session, youth.id, TODAY)] == [world.branch_b2.path]


def test_a_delegate_for_some_branches_in_one_form(client, session, vault, world):
    youth = world.people["youth"]
    sign_in(client, world.people["college_c"])
    url = f"/twt/appointments/new?organisation={world.college_c.public_id}"
    places = [world.branch_b1.public_id, world.branch_b2.public_id]
    form = filled_in(vault, youth, "delegate", places=places, step="commit")
    assert client.post(url, data=form).status_code == 303
    found = {p.path for p in queries.live_posts(session, youth.id, TODAY)}
    assert found == {world.branch_b1.path, world.branch_b2.path}


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"role": "committee_admin"}, 422),  # not offered here
        ({"role": "system_admin"}, 422),
        ({"places": ["A" * 22]}, 404),  # not below
        ({"phone": "13900019999"}, 422),  # nobody's
        ({"phone": "12"}, 422),
        ({"ends_on": "2099-01-01"}, 422),
        ({"starts_on": "", "ends_on": ""}, 422),
    ],
)
def test_what_an_edited_form_gets(client, session, vault, world, changed, status):
    sign_in(client, world.people["college_c"])
    url = f"/twt/appointments/new?organisation={world.college_c.public_id}"
    form = filled_in(vault, world.people["youth"], "delegate", step="commit") | changed
    assert client.post(url, data=form).status_code == status
    assert queries.live_posts(session, world.people["youth"].id, TODAY) == ()


def test_a_foreign_organisation_in_the_address_is_not_found(client, world):
    sign_in(client, world.people["school_s"])
    for place in (world.school_t, world.branch_t1, world.city_a, world.province):
        url = f"/twt/appointments/new?organisation={place.public_id}"
        assert (client.get(url).status_code, client.post(url).status_code) == (404, 404)


def test_oneself_is_refused_with_the_reason(client, vault, world):
    sign_in(client, world.people["school_s"])
    url = f"/twt/appointments/new?organisation={world.college_c.public_id}"
    answer = client.post(url, data=filled_in(vault, world.people["school_s"], "committee_admin"))
    assert answer.status_code == 409
    assert "不能任命自己" in answer.text


def test_the_system_administrator_appoints_the_province_alone(client, session, vault, world):
    sign_in(client, world.people["system"])
    url = f"/twt/appointments/new?organisation={world.province.public_id}"
    form = filled_in(vault, world.people["youth"], "committee_admin", step="commit")
    assert client.post(url, data=form).status_code == 303
    assert world.people["province"].name in client.get("/twt/appointments").text
    assert client.get(f"/twt/appointments/new?organisation={world.city_a.public_id}").status_code == 404


def test_resigning_as_the_last_one_says_who_will_be_told(client, session, world):
    sign_in(client, world.people["school_s"])
    url = f"/twt/appointments/{post_of(session, world.people['school_s']).public_id}/end"
    assert "最后一位" in client.get(url).text
    assert client.post(url, data={"reason": "调离", "once": "k"}).status_code == 303
    assert client.get("/twt").status_code == 404
    assert client.get("/twt/appointments/mine").status_code == 200


def test_a_nomination_leads_the_superior_to_a_page_nobody_else_can_open(
    client, make_client, session, vault, work, world
):
    youth, school = world.people["youth"], world.people["school_s"]
    post = post_of(session, school)
    sign_in(client, school)
    url = f"/twt/appointments/{post.public_id}/handover"
    form = {"phone": phone_of(vault, youth), "once": "k", "step": "check"}
    assert "青**" in client.post(url, data=form).text
    assert client.post(url, data={**form, "step": "commit"}).status_code == 303
    token = vault.seal("nominee", f"{post.public_id} {youth.public_id}")
    where = f"/twt/appointments/{post.public_id}/successor"
    assert client.get(where, query_string={"who": token}).status_code == 404, "not one's own successor's maker"
    city = sign_in(make_client(), world.people["city_a"])
    page = city.get(where, query_string={"who": token})
    assert youth.name in html.unescape(page.text)
    assert city.get(where, query_string={"who": token[:-4] + "AAA="}).status_code == 404
    answer = city.post(where, query_string={"who": token}, data={"ends_on": "2027-04-22", "once": "k2"})
    assert answer.status_code == 303
    assert queries.live_posts(session, school.id, TODAY) == ()
    assert len(queries.live_posts(session, youth.id, TODAY)) == 1


def test_a_handover_says_what_goes_along_and_what_does_not(client, session, world):
    school = world.people["school_s"]
    sign_in(client, school)
    text = client.get(f"/twt/appointments/{post_of(session, school).public_id}/handover").text
    inherited = text[text.index("接任人会接到") :]
    for told in ("待审申请", "档案归属的判断", "审核入档申请", "下级有 3 项任职", "不会移交", "密码"):
        assert told in inherited


def test_no_phone_ever_stands_in_a_page_of_the_list(client, vault, world):
    sign_in(client, world.people["province"])
    text = client.get("/twt/appointments").text
    assert not re.search(r"\b1[3-9]\d{9}\b", text)


@pytest.mark.parametrize("page", ["new", "handover"])
def test_phones_cannot_be_tried_one_after_another(client, session, vault, world, page):
    """Every look counts, also one that finds nobody and one whose form is refused for something else."""
    secretary = world.people["school_s"]
    sign_in(client, secretary)
    url = f"/twt/appointments/new?organisation={world.branch_b2.public_id}"
    if page == "handover":
        url = f"/twt/appointments/{post_of(session, secretary).public_id}/handover"
    form = filled_in(vault, world.people["youth"], "branch_secretary", ends_on="2001-01-01")
    tries = LIMITS["appoint.lookup"].windows[0][0]
    phones = [form["phone"] if at % 2 else f"1390009{at:04d}" for at in range(tries + 1)]
    answers = [client.post(url, data={**form, "phone": phone}).status_code for phone in phones]
    assert 429 not in answers[:-1]
    assert answers[-1] == 429
