"""The style page shows every part there is, and its colours can be read."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.surfaces.web import tokens
from tests.helpers import sign_in
from tests.world import World

ROOT = Path(__file__).resolve().parents[2]
STYLESHEET = ROOT / "static" / "app.css"
PAIRS = tokens.pairs(STYLESHEET)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair.scheme}-{pair.ink}-on-{pair.ground}")
def test_what_is_written_can_be_read(pair: tokens.Pair) -> None:
    assert pair.contrast >= pair.least


def test_both_schemes_are_measured() -> None:
    assert {pair.scheme for pair in PAIRS} == {"light", "dark"}
    assert tokens.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert tokens.contrast("#777777", "#ffffff") < 4.5


def test_colours_are_named_once() -> None:
    """Outside the tokens (and what a printer gets) no rule writes a colour of its own."""
    rules = STYLESHEET.read_text(encoding="utf-8").partition("/* ---------- ground")[2].partition("@media print")[0]
    assert [line.strip() for line in rules.splitlines() if ": #" in line or " #fff" in line] == []


def test_the_style_page_shows_every_part(client: FlaskClient, app: Flask, world: World, session) -> None:
    session.commit()
    sign_in(client, world.people["secretary_b1"])
    html = client.get("/style").text
    parts = [path.name for path in (ROOT / "templates" / "parts").glob("_*.html")]
    assert [name for name in parts if name not in html] == []
