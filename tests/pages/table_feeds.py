"""Feeds, the map of the site and what search engines should leave alone."""

from tests.pages.matrix import Row, everyone

ROWS = [
    Row("GET", "/feed.xml", everyone(200)),
    Row("GET", "/atom.xml", everyone(200)),
    Row("GET", "/columns/<key>/feed.xml", everyone(200), thing="column"),
    Row("GET", "/columns/<key>/atom.xml", everyone(200), thing="column"),
    Row("GET", "/sitemap.xml", everyone(200)),
    Row("GET", "/robots.txt", everyone(200)),
]
THINGS = {"column": lambda world, session, vault: {"key": "policies"}}
