"""What is drawn once serves everybody who may see it, and nobody else."""

from collections.abc import Callable

from flask import Flask, get_template_attribute
from flask.testing import FlaskClient
from markupsafe import Markup

from tests.helpers import sign_in
from tests.world import World


def navigation_of(browser: FlaskClient) -> str:
    page = browser.get("/twt").get_data(as_text=True)
    return page[page.index('<nav class="side"') : page.index("</nav>", page.index('<nav class="side"'))]


def test_the_navigation_is_that_of_ones_own_roles_whoever_came_before(
    world: World, make_client: Callable[[], FlaskClient]
) -> None:
    drawn = {}
    for persona in ("school_s", "secretary_b1", "school_s", "delegate_c"):
        browser = make_client()
        sign_in(browser, world.people[persona])
        seen = navigation_of(browser)
        assert drawn.setdefault(persona, seen) == seen
    assert "查看记录" in drawn["school_s"]
    assert "查看记录" not in drawn["secretary_b1"]
    assert "花名册" in drawn["secretary_b1"]
    assert "花名册" not in drawn["delegate_c"]


def test_the_entry_of_the_page_is_marked(world: World, client: FlaskClient) -> None:
    sign_in(client, world.people["school_s"])
    client.get("/twt")
    page = client.get("/twt/people").get_data(as_text=True)
    assert page.count('aria-current="page"') == 1
    assert '<a href="/twt/people" aria-current="page">' in page


def test_what_is_drawn_once_as_markup_is_still_escaped_when_somebody_typed_it(app: Flask) -> None:
    with app.test_request_context("/"):
        tag = get_template_attribute("parts/_tags.html", "tag")
        assert "<b>新</b>" in tag(Markup("<b>新</b>"))
        assert "&lt;b&gt;新&lt;/b&gt;" in tag("<b>新</b>")
