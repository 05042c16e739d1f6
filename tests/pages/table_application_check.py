"""Checking the answers and handing them in."""

from tests.pages.matrix import Row, signed_in

ROWS = [
    Row("GET", "/jia/apply/check", signed_in(200)),
    Row("POST", "/jia/apply/check", signed_in(422)),
    Row("GET", "/jia/apply/done", signed_in(303)),
]
