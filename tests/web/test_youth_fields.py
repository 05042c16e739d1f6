"""What a phone is told of each field, so that it offers the right keys and fills in what it knows."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.surfaces.portal.help_texts import BY_KEY
from tests.helpers import sign_in
from tests.world import World

TEMPLATES = Path(__file__).parents[2] / "templates"
INPUT = re.compile(r"<input\b[^>]*>")
TOLD = {
    "phone": {"inputmode": "tel", "autocomplete": "tel|username"},
    "guardian_phone": {"inputmode": "tel", "autocomplete": "off"},
    "code": {"inputmode": "numeric|text", "autocomplete": "one-time-code"},
    "password": {"autocomplete": "(new|current)-password"},
    "name": {"autocomplete": "name"},
    "id_number": {"autocomplete": "off", "autocapitalize": "characters"},
}
"""Field → attribute → what it must say."""
PAGES = {
    "/jia/account": ("anonymous", "phone"),
    "/reset": ("anonymous", "phone"),
    "/login": ("anonymous", "password"),
    "/jia/apply/name": ("youth", "name"),
    "/jia/apply/document": ("youth", "id_number"),
    "/jia/apply/basics": ("youth", "phone"),
}


@pytest.mark.parametrize(("address", "who", "field"), [(page, *facts) for page, facts in PAGES.items()])
def test_the_keyboard_of_a_phone_fits_the_field(
    address: str, who: str, field: str, client: FlaskClient, world: World
) -> None:
    if who != "anonymous":
        sign_in(client, world.people[who])
    page = client.get(address, follow_redirects=True).text
    [box] = [found for found in INPUT.findall(page) if f'name="{field}"' in found]
    for attribute, wanted in TOLD[field].items():
        assert re.search(rf'{attribute}="({wanted})"', box), (attribute, box)
    assert "enterkeyhint=" in box


def test_what_is_asked_at_a_place_is_answered_there_and_on_the_help_page(client: FlaskClient) -> None:
    used = {
        key
        for path in TEMPLATES.rglob("*.html")
        for call in re.findall(r"{{ questions\(([^)]*)\)", path.read_text(encoding="utf-8"))
        for key in re.findall(r'"([\w-]+)"', call)
    }
    assert used >= {"registered", "wrong-phone", "id-taken", "branch", "wrong", "waiting"}
    assert used <= BY_KEY.keys()
    page = client.get("/help").text
    assert all(f'id="{key}"' in page for key in used)
    assert BY_KEY["registered"].text in client.get("/jia/account").text
