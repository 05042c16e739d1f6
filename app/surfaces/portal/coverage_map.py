"""The public map of the cities: how many files each has, shaded in five steps; under 5 no number is told."""

from typing import Any

from flask import url_for

from app.surfaces.web import pictures
from app.surfaces.web.pictures import Item, Map

BOUNDS = (100, 1_000, 5_000, 20_000)
WORDS = ("不到 100 份", "100–1,000", "1,000–5,000", "5,000–20,000", "2 万份以上")
LEAST_TOLD = 5


def of(rows: list[dict[str, Any]]) -> Map:
    """The map from the rows of ``public_coverage`` for the province."""
    return pictures.city_map({row["code"]: _item(row) for row in rows if row["code"]}, WORDS, _shade)


def _item(row: dict[str, Any]) -> Item:
    people = row["people"]
    words = f"{people:,}" if people >= LEAST_TOLD else "少于 5" if people else "还没有"
    url = url_for("home.organisations_below", public_id=row["public_id"]) if row["has_children"] else None
    return Item(row["name"], people, None, url, words)


def _shade(item: Item) -> int | None:
    return pictures.shade(item.size, BOUNDS) if item.size else None
