"""Choosing one's branch."""

from tests.pages.matrix import Row, signed_in
from tests.pages.table_application import _branch

THINGS = {"branch": _branch}
ROWS = [
    Row("GET", "/jia/apply/place", signed_in(200)),
    Row("GET", "/jia/apply/place/<public_id>", signed_in(200), thing="branch"),
    Row("POST", "/jia/apply/place/<public_id>", signed_in(303), thing="branch"),
]
