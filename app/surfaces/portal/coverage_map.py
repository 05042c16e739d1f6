"""The public map of the cities: how many files each has, shaded in five steps; what is not told has no shade."""

from flask import url_for

from app.league.organisations.coverage import Committee
from app.surfaces.web import pictures
from app.surfaces.web.pictures import Item, Map

BOUNDS = (100, 1_000, 5_000, 20_000)
WORDS = ("不到 100 份", "100–1,000", "1,000–5,000", "5,000–20,000", "2 万份以上")


def of(rows: list[Committee]) -> Map:
    """The map from the committees directly below the province."""
    return pictures.city_map({row.code: _item(row) for row in rows if row.code}, WORDS, _shade)


def _item(row: Committee) -> Item:
    words = f"{row.people:,}" if row.people else row.words if row.people is None else "还没有"
    url = url_for("home.organisations_below", public_id=row.public_id) if row.has_children else None
    return Item(row.name, row.people or 0, None, url, words)


def _shade(item: Item) -> int | None:
    return pictures.shade(item.size, BOUNDS) if item.size else None
